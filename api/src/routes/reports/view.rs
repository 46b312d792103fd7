//! Reports on the wire, both ways.

use contract::reports::{
    CreateReportRequest, PreviewReportRequest, ReportDeliveryView, ReportFilterBody, ReportPreviewView, ReportRunView,
    ReportView,
};
use domain::ids::Region;
use domain::reports::ReportRunState;
use services::reports::{
    DeliveryRecord, Draft, NewReport, Preview, ReportFilter, ReportRecord, RunRecord, SavedReport, shown_url,
};

use crate::error::ApiError;

/// What a body narrows a report to.
fn filter(body: ReportFilterBody) -> Result<ReportFilter, ApiError> {
    let ReportFilterBody { accounts, regions, directories, running_modes, tag, teams, by } = body;
    let region = |(at, code): (usize, String)| {
        code.parse::<Region>()
            .map_err(|error| ApiError::body_field(&format!("filter.regions[{at}]"), "invalid", error.to_string()))
    };
    let tag = tag.filter(|tag| !tag.trim().is_empty());
    if tag.as_ref().is_some_and(|tag| tag.starts_with('=')) {
        return Err(ApiError::body_field("filter.tag", "invalid", "write it as Key or Key=Value"));
    }
    let regions = regions.into_iter().enumerate().map(region).collect::<Result<_, _>>()?;
    Ok(ReportFilter { accounts, regions, directories, running_modes, tag, teams, by })
}

/// The report that a body asks to look at.
pub(super) fn draft(request: PreviewReportRequest) -> Result<Draft, ApiError> {
    let PreviewReportRequest { template, filter: body, span, zone } = request;
    Ok(Draft { template, filter: filter(body)?, span, zone })
}

/// The report that a body asks for.
pub(super) fn wanted(request: CreateReportRequest) -> Result<NewReport, ApiError> {
    Ok(NewReport {
        name: request.name,
        template: request.template,
        filter: filter(request.filter)?,
        span: request.span,
        format: request.format,
        frequency: request.frequency,
        zone: request.zone,
        hour: request.hour,
        day: request.day,
        keep_runs: request.keep_runs,
        enabled: request.enabled,
        recipients: request.recipients,
        webhook_url: request.webhook_url,
    })
}

/// A report.
pub(super) fn report(report: ReportRecord) -> ReportView {
    let n = |n: i32| u32::try_from(n).unwrap_or(0);
    ReportView {
        id: report.id,
        owner_id: report.owner_id,
        owner: report.owner,
        name: report.name,
        template: report.template,
        filter: serde_json::from_value(report.filter).unwrap_or_default(),
        span: report.span,
        format: report.format,
        frequency: report.frequency,
        zone: report.zone,
        hour: n(report.hour),
        day: n(report.day),
        keep_runs: n(report.keep_runs),
        enabled: report.enabled,
        recipients: report.recipients.into_iter().map(|person| person.email).collect(),
        webhook_url: report.webhook_url,
        webhook_secret: None,
        next_run_at: report.next_run_at,
        created_at: report.created_at,
        updated_at: report.updated_at,
        version: report.version,
    }
}

/// A report as it was made or changed.
pub(super) fn saved(saved: SavedReport) -> ReportView {
    ReportView { webhook_secret: saved.webhook_secret, ..report(saved.report) }
}

/// A run.
pub(super) fn run(run: RunRecord) -> ReportRunView {
    let n = |n: i64| u64::try_from(n).unwrap_or(0);
    ReportRunView {
        id: run.id,
        report_id: run.report_id,
        job_id: run.job_id,
        state: run.state,
        format: run.format,
        by_hand: run.by_hand,
        created_at: run.created_at,
        finished_at: run.finished_at,
        rows: run.file.as_ref().map_or(n(run.progress.done), |file| file.rows),
        total: run.progress.total.filter(|_| run.state == ReportRunState::Running).map(n),
        bytes: run.file.as_ref().map(|file| file.bytes),
        sha256: run.file.map(|file| file.sha256),
        error: run.error,
        link_expires_at: run.link_expires_at,
        links_until: run.links_until,
        deliveries: run.deliveries.into_iter().map(delivery).collect(),
    }
}

fn delivery(delivery: DeliveryRecord) -> ReportDeliveryView {
    let host = delivery.url.as_deref().map(shown_url);
    ReportDeliveryView {
        id: delivery.id,
        way: delivery.way,
        to: delivery.email.or(host).unwrap_or_default(),
        state: delivery.state,
        tries: delivery.tries,
        error: delivery.error,
        job_id: delivery.job_id,
        delivered_at: delivery.delivered_at,
    }
}

/// The first rows of a report.
pub(super) fn preview(preview: Preview) -> ReportPreviewView {
    let Preview { columns, rows, more } = preview;
    ReportPreviewView { columns, rows, more }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ids::{ReportId, ReportRunId};
    use domain::jobs::JobProgress;
    use domain::reports::ReportFormat;
    use services::reports::RunFile;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_run_has_a_total_while_it_is_being_made() {
        let told = |state: ReportRunState, file: Option<RunFile>| {
            let view = run(RunRecord {
                id: ReportRunId(Uuid::from_u128(1)),
                report_id: ReportId(Uuid::from_u128(2)),
                job_id: None,
                state,
                progress: JobProgress { done: 200, total: Some(800), note: String::new() },
                format: ReportFormat::Csv,
                by_hand: false,
                created_at: DateTime::UNIX_EPOCH,
                finished_at: None,
                file,
                error: None,
                link_expires_at: None,
                links_until: None,
                deliveries: Vec::new(),
            });
            (view.rows, view.total)
        };
        let file = RunFile { rows: 900, bytes: 1, sha256: String::new() };
        assert_eq!(told(ReportRunState::Running, None), (200, Some(800)));
        assert_eq!(told(ReportRunState::Cancelled, None), (200, None));
        assert_eq!(told(ReportRunState::Done, Some(file)), (900, None));
    }
}
