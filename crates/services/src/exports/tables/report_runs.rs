//! The runs of a report, newest first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::ReportId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::reports::{RunRecord, list_runs};
use crate::{Context, Page, PageRequest};

/// The runs of a report.
#[derive(Debug, Clone)]
pub struct ReportRunTable {
    /// The report.
    pub report: ReportId,
}

#[async_trait]
impl List for ReportRunTable {
    type Item = RunRecord;
    const NAME: &'static str = "report-runs";
    const PERMISSION: Permission = Permission::ReportRead;

    columns! { RunRecord as run =>
        Column::text("id") => Cell::text(run.id),
        Column::text("report_id") => Cell::text(run.report_id),
        Column::text("job_id") => Cell::maybe(run.job_id),
        Column::text("state") => Cell::text(run.state),
        Column::text("format") => Cell::text(run.format),
        Column::flag("by_hand") => Cell::Flag(run.by_hand),
        Column::time("created_at") => Cell::Time(run.created_at),
        Column::time("finished_at") => Cell::maybe_time(run.finished_at),
        Column::number("rows") => Cell::maybe_number(run.file.as_ref().map(|file| file.rows)),
        Column::number("bytes").in_unit("bytes") => Cell::maybe_number(run.file.as_ref().map(|file| file.bytes)),
        Column::text("sha256") => Cell::maybe(run.file.map(|file| file.sha256)),
        Column::text("error") => Cell::maybe(run.error),
        Column::time("link_expires_at") => Cell::maybe_time(run.link_expires_at),
    }

    fn said(&self) -> Entry {
        Entry::new("report-run.export", Permission::ReportRead).after(json!({ "report": self.report }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<RunRecord>, ExportError> {
        Ok(list_runs(ctx, actor, self.report, page).await?)
    }
}
