//! `GET /api/v1/audit-log/state`.

use axum::extract::State;
use contract::audit::AuditStateView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// How the audit log stands
///
/// Its end, the newest signed checkpoint, and what the newest verification found. Needs `audit:read` on everything.
#[utoipa::path(
    get,
    path = paths::AUDIT_STATE,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "How it stands.", body = AuditStateView), SignedInErrors),
)]
pub async fn fetch_audit_state(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
) -> Result<Json<AuditStateView>, ApiError> {
    Ok(Json(view::state(services::audit::fetch_audit_state(state.context(), &user.actor).await?)))
}
