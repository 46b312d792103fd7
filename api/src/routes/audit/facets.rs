//! `GET /api/v1/audit-log/facets`.

use axum::extract::State;
use contract::audit::{AuditFacetsView, AuditQuery};
use contract::paths;
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{QueryErrors, SignedInErrors};
use crate::state::AppState;

/// What to filter the audit log by
///
/// What was done, by whom, to what kind of object and how it ended, each with how many entries: of the newest 20,000 entries that the
/// filters leave. What is chosen of one of the four does not narrow that one. `whole` says whether those are all. Page and limit don't
/// matter. Needs `audit:read` on everything. Reading it is in the log, as reading the list is.
#[utoipa::path(
    get,
    path = paths::AUDIT_FACETS,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    params(AuditQuery),
    responses((status = 200, description = "The values.", body = AuditFacetsView), QueryErrors, SignedInErrors),
)]
pub async fn list_audit_facets(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditFacetsView>, ApiError> {
    let filter = filter::of(&query)?;
    page_request(query.limit, None)?;
    Ok(Json(view::facets(services::audit::list_values(state.context(), &user.actor, &filter).await?)))
}
