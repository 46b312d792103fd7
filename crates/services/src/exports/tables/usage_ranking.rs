//! The WorkSpaces that were connected longest or shortest over some days.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::usage::reading;
use crate::usage::{Ranked, UsageQuestion, rank_usage};
use crate::workspaces::SortDirection;
use crate::{Context, Page, PageRequest};

/// The ranking of some days.
#[derive(Debug, Clone)]
pub struct UsageRankingTable {
    /// Of which WorkSpaces, over which days.
    pub asked: UsageQuestion,
    /// Descending: the longest connected first.
    pub direction: SortDirection,
}

#[async_trait]
impl List for UsageRankingTable {
    type Item = Ranked;
    const NAME: &'static str = "usage-ranking";
    const PERMISSION: Permission = Permission::UsageRead;

    columns! { Ranked as Ranked { workspace, totals } =>
        Column::text("id") => Cell::text(workspace.id),
        Column::text("aws_id") => Cell::Text(workspace.aws_id),
        Column::text("user_name") => Cell::Text(workspace.user_name),
        Column::text("account_name") => Cell::Text(workspace.account_name),
        Column::text("region") => Cell::text(workspace.region),
        Column::text("bundle") => Cell::Text(workspace.bundle_name.unwrap_or(workspace.bundle_aws_id)),
        Column::text("running_mode") => Cell::maybe(workspace.running_mode),
        Column::number("connected_minutes").in_unit("minutes") => Cell::number(totals.minutes),
        Column::number("billed_hours").in_unit("hours") => Cell::number(totals.hours),
        Column::number("sessions") => Cell::number(totals.sessions),
        Column::number("days").in_unit("days") => Cell::number(totals.days),
        Column::time("last_connected_at") => Cell::maybe_time(workspace.last_connected_at),
        Column::time("gone_at") => Cell::maybe_time(workspace.gone_at),
    }

    fn said(&self) -> Entry {
        reading("usage-ranking.export", &self.asked)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<Ranked>, ExportError> {
        Ok(rank_usage(ctx, actor, &self.asked, self.direction, &page).await?)
    }
}
