//! The reports, newest first: one's own, and those of others that who manages reports may see. Never a webhook's secret or path.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::reports::{ReportRecord, list_reports, shown_url};
use crate::{Context, Page, PageRequest};

/// The reports.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportTable;

#[async_trait]
impl List for ReportTable {
    type Item = ReportRecord;
    const NAME: &'static str = "reports";
    const PERMISSION: Permission = Permission::ReportRead;

    columns! { ReportRecord as report =>
        Column::text("id") => Cell::text(report.id),
        Column::text("owner_id") => Cell::text(report.owner_id),
        Column::text("owner") => Cell::Text(report.owner),
        Column::text("name") => Cell::Text(report.name),
        Column::text("template") => Cell::text(report.template),
        Column::json("filter") => Cell::Json(report.filter),
        Column::text("span") => Cell::text(report.span),
        Column::text("format") => Cell::text(report.format),
        Column::text("frequency") => Cell::text(report.frequency),
        Column::text("zone") => Cell::Text(report.zone),
        Column::number("hour") => Cell::number(report.hour),
        Column::number("day") => Cell::number(report.day),
        Column::number("keep_runs") => Cell::number(report.keep_runs),
        Column::flag("enabled") => Cell::Flag(report.enabled),
        Column::text("recipients") =>
            Cell::Text(report.recipients.into_iter().map(|person| person.email).collect::<Vec<_>>().join("; ")),
        Column::text("webhook") => Cell::maybe(report.webhook_url.as_deref().map(shown_url)),
        Column::time("next_run_at") => Cell::maybe_time(report.next_run_at),
        Column::time("created_at") => Cell::Time(report.created_at),
        Column::time("updated_at") => Cell::Time(report.updated_at),
    }

    fn said(&self) -> Entry {
        Entry::new("report.export", Permission::ReportRead)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<ReportRecord>, ExportError> {
        Ok(list_reports(ctx, actor, page).await?)
    }
}
