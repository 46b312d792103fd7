//! The schedules: what runs by itself, how often, and how that stands.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::schedules::{ScheduleOverview, list_schedules};
use crate::{Context, Page, PageRequest};

/// The schedules.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScheduleTable;

#[async_trait]
impl List for ScheduleTable {
    type Item = ScheduleOverview;
    const NAME: &'static str = "schedules";
    const PERMISSION: Permission = Permission::JobRead;

    columns! { ScheduleOverview as one =>
        Column::text("name") => Cell::text(one.schedule.name()),
        Column::number("configured_period_secs").in_unit("seconds") => Cell::number(one.configured_period.as_secs()),
        Column::number("period_secs").in_unit("seconds") => Cell::number(one.setting.period.as_secs()),
        Column::flag("paused") => Cell::Flag(one.setting.paused),
        Column::time("changed_at") => Cell::maybe_time(one.change.as_ref().map(|change| change.updated_at)),
        Column::text("changed_by") => Cell::maybe(one.change.map(|change| change.updated_by_name)),
        Column::number("places") => Cell::number(one.places),
        Column::time("last_tick_at") => Cell::maybe_time(one.last_tick),
        Column::time("next_tick_at") => Cell::maybe_time(one.next_tick),
        Column::text("last_job_id") => Cell::maybe(one.last_job.as_ref().map(|job| job.id)),
        Column::text("last_job_state") => Cell::maybe(one.last_job.as_ref().map(|job| job.state)),
        Column::text("last_job_error") => Cell::maybe(one.last_job.and_then(|job| job.error)),
        Column::json("data_sets") =>
            Cell::Json(one.statuses.iter().map(|(status, count)| (status.to_string(), *count)).collect()),
    }

    fn said(&self) -> Entry {
        Entry::new("schedule.export", Permission::JobRead)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<ScheduleOverview>, ExportError> {
        Ok(whole(list_schedules(ctx, actor).await?))
    }
}
