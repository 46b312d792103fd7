//! The connected accounts by name. The external id is left out: it is a secret between us and the role.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::account::Access;
use domain::audit::Entry;
use serde_json::{Value, json};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::accounts::{AccountOverview, RegionOverview, list_accounts};
use crate::{Context, Page, PageRequest};

/// The accounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountTable;

#[async_trait]
impl List for AccountTable {
    type Item = AccountOverview;
    const NAME: &'static str = "accounts";
    const PERMISSION: Permission = Permission::AccountRead;

    columns! { AccountOverview as AccountOverview { account, regions, workspaces } =>
        Column::text("id") => Cell::text(account.id),
        Column::text("name") => Cell::Text(account.name),
        Column::text("aws_account_id") => Cell::maybe(account.aws_account_id),
        Column::text("credentials") => Cell::text(account.access.kind()),
        Column::text("role_arn") => Cell::maybe(role_arn(&account.access)),
        Column::text("endpoint_url") => Cell::maybe(account.endpoint_url),
        Column::json("regions") => Cell::Json(regions.iter().map(region).collect()),
        Column::number("workspaces") => Cell::number(workspaces),
        Column::time("created_at") => Cell::Time(account.created_at),
    }

    fn said(&self) -> Entry {
        Entry::new("account.export", Permission::AccountRead)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<AccountOverview>, ExportError> {
        Ok(list_accounts(ctx, actor, page).await?)
    }
}

fn role_arn(access: &Access) -> Option<&str> {
    match access {
        Access::Role { role_arn, .. } => Some(role_arn),
        Access::Chain | Access::Simulated => None,
    }
}

fn region(region: &RegionOverview) -> Value {
    json!({ "region": region.region, "last_whole_at": region.last_whole_at })
}
