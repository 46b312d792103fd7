//! The roles: the built-in ones, then those that people made, each with what it lets somebody do.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use super::listed;
use crate::access::roles::{RoleDetail, RoleRecord, built_in_words, list_roles};
use crate::{Context, Page, PageRequest};

/// The roles.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleTable;

#[async_trait]
impl List for RoleTable {
    type Item = RoleDetail;
    const NAME: &'static str = "roles";
    const PERMISSION: Permission = Permission::UserRead;
    const EVERYWHERE: bool = true;

    columns! { RoleDetail as role =>
        Column::text("id") => Cell::maybe(made(&role).map(|made| made.id)),
        Column::text("name") => Cell::Text(name(&role)),
        Column::flag("built_in") => Cell::Flag(made(&role).is_none()),
        Column::text("description") => Cell::Text(description(&role)),
        Column::text("permissions") => Cell::Text(permissions(&role)),
        Column::number("holders") => Cell::number(holders(&role)),
        Column::time("created_at") => Cell::maybe_time(made(&role).map(|made| made.created_at)),
        Column::time("updated_at") => Cell::maybe_time(made(&role).map(|made| made.updated_at)),
    }

    fn said(&self) -> Entry {
        Entry::new("role.export", Permission::UserRead)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<RoleDetail>, ExportError> {
        Ok(whole(list_roles(ctx, actor).await?))
    }
}

/// The one that somebody made.
fn made(role: &RoleDetail) -> Option<&RoleRecord> {
    match role {
        RoleDetail::BuiltIn(..) => None,
        RoleDetail::Custom(made, _) => Some(made),
    }
}

fn name(role: &RoleDetail) -> String {
    match role {
        RoleDetail::BuiltIn(role, _) => role.to_string(),
        RoleDetail::Custom(made, _) => made.name.clone(),
    }
}

fn description(role: &RoleDetail) -> String {
    match role {
        RoleDetail::BuiltIn(role, _) => built_in_words(*role).to_owned(),
        RoleDetail::Custom(made, _) => made.description.clone(),
    }
}

fn permissions(role: &RoleDetail) -> String {
    match role {
        RoleDetail::BuiltIn(role, _) => listed(role.permissions()),
        RoleDetail::Custom(made, _) => listed(&made.permissions),
    }
}

fn holders(role: &RoleDetail) -> u64 {
    match role {
        RoleDetail::BuiltIn(_, holders) | RoleDetail::Custom(_, holders) => *holders,
    }
}
