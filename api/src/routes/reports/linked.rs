//! `GET /api/v1/report-links/{token}`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use domain::access::{Actor, Origin};

use super::send::send;
use crate::error::ApiError;
use crate::extract::{Client, Path};
use crate::openapi::{ExportedFile, ObjectErrors, RateErrors};
use crate::state::AppState;

/// The file of a link
///
/// For whoever has it, while it is good; it is in the audit log each time.
#[utoipa::path(
    get,
    path = paths::REPORT_LINKED,
    tag = "reports",
    params(("token" = String, Path, description = "The last part of the link.")),
    responses(
        ExportedFile,
        ObjectErrors,
        RateErrors,
    ),
)]
pub async fn fetch_linked_report(
    State(state): State<AppState>,
    client: Client,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let origin = Origin { request_id: client.request_id, address: Some(client.address), ..Origin::default() };
    let somebody = Actor::nobody(origin);
    Ok(send(services::reports::download_by_link(state.context(), &somebody, &token).await?))
}
