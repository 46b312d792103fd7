//! `POST /api/v1/portal-errors`.

use contract::paths;
use contract::portal_errors::ReportPortalErrorRequest;
use http::StatusCode;
use platform::errors::scrub::scrub;

use crate::error::ApiError;
use crate::extract::Json;
use crate::openapi::{BodyErrors, OpenChangeErrors};

/// Tell that the portal stopped
///
/// The portal itself does so when it can't go on in somebody's browser. It is logged, without what looks like a secret, and counted.
#[utoipa::path(
    post,
    path = paths::PORTAL_ERRORS,
    tag = "meta",
    request_body = ReportPortalErrorRequest,
    responses((status = 204, description = "It is taken down."), OpenChangeErrors, BodyErrors),
)]
pub async fn report_portal_error(Json(report): Json<ReportPortalErrorRequest>) -> Result<StatusCode, ApiError> {
    metrics::counter!("wheelhouse_portal_errors_total").increment(1);
    let (why, page) = (scrub(&report.message), scrub(&report.page));
    tracing::error!(why, page, "the portal stopped in a browser");
    Ok(StatusCode::NO_CONTENT)
}
