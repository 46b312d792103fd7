//! `GET /api/v1/audit-log/{seq}`.

use axum::extract::State;
use contract::audit::AuditEntryDetailView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One entry
///
/// With what was there before and after, and with its place in the chain. Needs `audit:read` on everything.
#[utoipa::path(
    get,
    path = paths::AUDIT_ENTRY,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    params(("seq" = i64, Path, description = "The entry's place.")),
    responses((status = 200, description = "The entry.", body = AuditEntryDetailView), ObjectErrors, SignedInErrors),
)]
pub async fn fetch_audit_entry(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Path(seq): Path<i64>,
) -> Result<Json<AuditEntryDetailView>, ApiError> {
    let found = services::audit::fetch_entry(state.context(), &user.actor, seq).await?;
    Ok(Json(view::detail(found.ok_or_else(|| ApiError::not_found("entry of the audit log"))?)))
}
