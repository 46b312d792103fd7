//! The usage of some days by group, the longest connected first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::usage::Comparison;
use rust_decimal::Decimal;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::usage::reading;
use crate::usage::{UsageGroup, UsageGroupBeside, UsageQuestion, compare_usage_groups};
use crate::{Context, Page, PageRequest};

/// The groups of some days.
#[derive(Debug, Clone)]
pub struct UsageGroupTable {
    /// Of which WorkSpaces, over which days.
    pub asked: UsageQuestion,
    /// What they are told apart by.
    pub by: UsageGroup,
    /// Which earlier days they are compared with, if any.
    pub compare: Option<Comparison>,
}

/// By how many percent connected time differs from what it was; nothing where there was none.
fn change(now: u64, before: u64) -> Option<Decimal> {
    let (now, before) = (Decimal::from(now), Decimal::from(before));
    ((now - before) * Decimal::ONE_HUNDRED).checked_div(before).map(|percent| percent.round_dp(1).normalize())
}

#[async_trait]
impl List for UsageGroupTable {
    type Item = UsageGroupBeside;
    const NAME: &'static str = "usage-groups";
    const PERMISSION: Permission = Permission::UsageRead;

    columns! { UsageGroupBeside as UsageGroupBeside { group, before } =>
        Column::text("key") => Cell::Text(group.key),
        Column::text("label") => Cell::Text(group.label),
        Column::number("workspaces") => Cell::number(group.totals.workspaces),
        Column::number("connected_minutes").in_unit("minutes") => Cell::number(group.totals.minutes),
        Column::number("billed_hours").in_unit("hours") => Cell::number(group.totals.hours),
        Column::number("sessions") => Cell::number(group.totals.sessions),
        Column::number("days").in_unit("days") => Cell::number(group.totals.days),
        Column::number("previous_connected_minutes").in_unit("minutes") =>
            Cell::maybe_number(before.map(|before| before.minutes)),
        Column::number("connected_change_percent") =>
            Cell::maybe_number(before.and_then(|before| change(group.totals.minutes, before.minutes))),
    }

    fn said(&self) -> Entry {
        reading("usage-group.export", &self.asked)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<UsageGroupBeside>, ExportError> {
        Ok(compare_usage_groups(ctx, actor, &self.asked, &self.by, self.compare, &page).await?.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_percent_of_what_was() {
        let said = |now, before| change(now, before).map(|percent| percent.to_string());
        assert_eq!(said(110, 100).as_deref(), Some("10"));
        assert_eq!(said(0, 90).as_deref(), Some("-100"));
        assert_eq!(said(100, 300).as_deref(), Some("-66.7"));
        assert_eq!(said(90, 90).as_deref(), Some("0"));
        assert_eq!(said(5, 0), None);
    }
}
