//! The regions of the connected accounts, each with its newest sync of WorkSpaces.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::AccountId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::accounts::{AccountOverview, RegionOverview, list_accounts};
use crate::{Context, Page, PageRequest, count};

/// The regions.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountRegionTable;

/// A region, with the account's id and name.
type OfAccount = (AccountId, String, RegionOverview);

#[async_trait]
impl List for AccountRegionTable {
    type Item = OfAccount;
    const NAME: &'static str = "account-regions";
    const PERMISSION: Permission = Permission::AccountRead;

    columns! { OfAccount as (account_id, account, RegionOverview { region, last_run: run, last_whole_at }) =>
        Column::text("account_id") => Cell::text(account_id),
        Column::text("account") => Cell::Text(account),
        Column::text("region") => Cell::text(region),
        Column::text("outcome") => Cell::maybe(run.as_ref().map(|run| run.outcome)),
        Column::time("started_at") => Cell::maybe_time(run.as_ref().map(|run| run.started_at)),
        Column::time("finished_at") => Cell::maybe_time(run.as_ref().and_then(|run| run.finished_at)),
        Column::number("seen") => Cell::maybe_number(run.as_ref().map(|run| run.report.seen)),
        Column::text("job_id") => Cell::maybe(run.as_ref().and_then(|run| run.job_id)),
        Column::json("problems") => Cell::maybe_json(run.map(|run| json!(run.report.problems))),
        Column::time("last_whole_at") => Cell::maybe_time(last_whole_at),
    }

    fn said(&self) -> Entry {
        Entry::new("account-region.export", Permission::AccountRead)
    }

    /// A page of accounts with all regions of each.
    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<OfAccount>, ExportError> {
        let found = list_accounts(ctx, actor, page).await?;
        let items: Vec<_> = found.items.into_iter().flat_map(of_account).collect();
        Ok(Page { total: count(items.len()), items, next_cursor: found.next_cursor })
    }
}

fn of_account(overview: AccountOverview) -> impl Iterator<Item = OfAccount> {
    let AccountOverview { account, regions, .. } = overview;
    regions.into_iter().map(move |region| (account.id, account.name.clone(), region))
}
