//! The usage of some days by group, the longest connected first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::usage::reading;
use crate::usage::{UsageGroup, UsageGroupTotals, UsageQuestion, list_usage_groups};
use crate::{Context, Page, PageRequest};

/// The groups of some days.
#[derive(Debug, Clone)]
pub struct UsageGroupTable {
    /// Of which WorkSpaces, over which days.
    pub asked: UsageQuestion,
    /// What they are told apart by.
    pub by: UsageGroup,
}

#[async_trait]
impl List for UsageGroupTable {
    type Item = UsageGroupTotals;
    const NAME: &'static str = "usage-groups";
    const PERMISSION: Permission = Permission::UsageRead;

    columns! { UsageGroupTotals as UsageGroupTotals { key, label, totals } =>
        Column::text("key") => Cell::Text(key),
        Column::text("label") => Cell::Text(label),
        Column::number("workspaces") => Cell::number(totals.workspaces),
        Column::number("connected_minutes").in_unit("minutes") => Cell::number(totals.minutes),
        Column::number("billed_hours").in_unit("hours") => Cell::number(totals.hours),
        Column::number("sessions") => Cell::number(totals.sessions),
        Column::number("days").in_unit("days") => Cell::number(totals.days),
    }

    fn said(&self) -> Entry {
        reading("usage-group.export", &self.asked)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<UsageGroupTotals>, ExportError> {
        Ok(list_usage_groups(ctx, actor, &self.asked, &self.by, &page).await?)
    }
}
