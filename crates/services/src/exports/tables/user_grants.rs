//! What one person holds: a row for each role over a part of the fleet.

use async_trait::async_trait;
use domain::access::{Actor, GrantReach, GrantedRole, Permission};
use domain::audit::Entry;
use domain::ids::{RoleId, UserId};
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::access::AccessError;
use crate::access::grants::GrantDetail;
use crate::access::users::fetch_user;
use crate::{Context, Page, PageRequest};

/// The grants of a person.
#[derive(Debug, Clone, Copy)]
pub struct UserGrantTable {
    /// The person.
    pub user: UserId,
}

#[async_trait]
impl List for UserGrantTable {
    type Item = GrantDetail;
    const NAME: &'static str = "user-grants";
    const PERMISSION: Permission = Permission::UserRead;
    const EVERYWHERE: bool = true;

    columns! { GrantDetail as GrantDetail { record, reach_name } =>
        Column::text("role_name") => Cell::Text(record.role_name),
        Column::text("role_id") => Cell::maybe(made(record.grant.role)),
        Column::text("reach") => Cell::text(record.grant.reach.kind()),
        Column::text("reach_id") => Cell::maybe(reached(&record.grant.reach)),
        Column::text("reach_name") => Cell::maybe(reach_name),
        Column::time("created_at") => Cell::Time(record.created_at),
    }

    fn said(&self) -> Entry {
        Entry::new("user-grant.export", Permission::UserRead).after(json!({ "user": self.user }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<GrantDetail>, ExportError> {
        match fetch_user(ctx, actor, self.user).await {
            Err(AccessError::NotFound(_)) => Err(ExportError::NotFound("user")),
            found => Ok(whole(found?.grants)),
        }
    }
}

/// The role, where somebody made it.
fn made(role: GrantedRole) -> Option<RoleId> {
    match role {
        GrantedRole::BuiltIn(_) => None,
        GrantedRole::Custom(id) => Some(id),
    }
}

/// The id or code of what is reached.
fn reached(reach: &GrantReach) -> Option<String> {
    match reach {
        GrantReach::Account(id) => Some(id.to_string()),
        GrantReach::Region(region) => Some(region.to_string()),
        GrantReach::Directory(id) => Some(id.to_string()),
        GrantReach::Team(id) => Some(id.to_string()),
        GrantReach::Everything | GrantReach::Own => None,
    }
}
