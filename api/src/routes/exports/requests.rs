//! `GET /api/v1/exports/requests`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::requests::RequestQuery;
use domain::access::marker;
use services::exports::tables::RequestTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::requests::list::narrowed;
use crate::state::AppState;

/// Take the requests along
///
/// Newest first: one's own, and those within the scope of `request:read`. It is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_REQUESTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, RequestQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_requests(
    State(state): State<AppState>,
    user: Require<marker::RequestRead>,
    Export { format, query }: Export<RequestQuery>,
) -> Result<Response, ApiError> {
    let filter = narrowed(&query, user.actor.user_id)?;
    answer(&state, &user.actor, RequestTable { filter }, format).await
}
