//! `GET /api/v1/audit-log/facets`.

use axum::extract::State;
use contract::audit::AuditFacetsView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// What to filter the audit log by
///
/// What was done in the newest 20,000 entries, and who did it, each with how many entries. `whole` says whether those are all. Needs
/// `audit:read` on everything. Reading it is in the log, as reading the list is.
#[utoipa::path(
    get,
    path = paths::AUDIT_FACETS,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The values.", body = AuditFacetsView), SignedInErrors),
)]
pub async fn list_audit_facets(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
) -> Result<Json<AuditFacetsView>, ApiError> {
    Ok(Json(view::facets(services::audit::list_values(state.context(), &user.actor).await?)))
}
