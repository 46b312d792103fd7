//! Reports and their runs.

use contract::page::Page;
use contract::paths;
use contract::reports::{
    CreateReportRequest, PreviewReportRequest, ReportLinkView, ReportPreviewView, ReportQuery, ReportRunView,
    ReportView,
};
use domain::ids::{ReportId, ReportRunId};

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &ReportQuery) -> Result<Page<ReportView>, ApiError> {
    client::get_query(paths::REPORTS, query).await
}

/// Makes one.
pub async fn create(request: &CreateReportRequest) -> Result<ReportView, ApiError> {
    client::post(paths::REPORTS, request).await
}

/// Changes the version that was read.
pub async fn update(id: ReportId, request: &CreateReportRequest, version: i64) -> Result<ReportView, ApiError> {
    client::put_version(&paths::with_id(paths::REPORT, id), request, version).await
}

/// Deletes the version that was read.
pub async fn delete(id: ReportId, version: i64) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::REPORT, id), Some(version)).await
}

/// One report.
pub async fn get(id: ReportId) -> Result<ReportView, ApiError> {
    client::get(&paths::with_id(paths::REPORT, id)).await
}

/// Its first rows, as it would be now.
pub async fn preview(id: ReportId) -> Result<ReportPreviewView, ApiError> {
    client::get(&paths::with_id(paths::REPORT_PREVIEW, id)).await
}

/// The first rows of one that is not kept.
pub async fn preview_draft(request: &PreviewReportRequest) -> Result<ReportPreviewView, ApiError> {
    client::post(paths::REPORT_DRAFT, request).await
}

/// One page of its runs, the newest first.
pub async fn runs(id: ReportId, query: &ReportQuery) -> Result<Page<ReportRunView>, ApiError> {
    client::get_query(&paths::with_id(paths::REPORT_RUNS, id), query).await
}

/// Makes it now.
pub async fn run(id: ReportId) -> Result<ReportRunView, ApiError> {
    client::post_empty(&paths::with_id(paths::REPORT_RUNS, id)).await
}

/// Removes a run with its file.
pub async fn delete_run(id: ReportRunId) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::REPORT_RUN, id), None).await
}

/// A link to the file of a run.
pub async fn link(id: ReportRunId) -> Result<ReportLinkView, ApiError> {
    client::post_empty(&paths::with_id(paths::REPORT_LINK, id)).await
}

/// Takes the links to the file of a run back.
pub async fn unlink(id: ReportRunId) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::REPORT_LINK, id), None).await
}

/// Sends the file of a run again to those whom that failed for.
pub async fn deliver(id: ReportRunId) -> Result<ReportRunView, ApiError> {
    client::post_empty(&paths::with_id(paths::REPORT_DELIVER, id)).await
}

/// Where the browser fetches the file of a run.
pub fn file_href(id: ReportRunId) -> String {
    paths::with_id(paths::REPORT_FILE, id)
}
