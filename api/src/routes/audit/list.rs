//! `GET /api/v1/audit-log`.

use axum::extract::State;
use contract::audit::{AuditEntriesView, AuditQuery};
use contract::paths;
use domain::access::marker;

use super::{filter, view};
use crate::error::ApiError;
use crate::extract::{Json, Query, Require, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// The audit log
///
/// Newest first. Needs `audit:read` on everything. Reading it is in it too. A search for words looks at 50,000 entries at a time
/// and says in `looked_back_to` where it stopped; `next_cursor` goes on from there.
#[utoipa::path(
    get,
    path = paths::AUDIT_LOG,
    tag = "audit",
    security(("session" = []), ("key" = [])),
    params(AuditQuery),
    responses((status = 200, description = "A page of entries.", body = AuditEntriesView), ListErrors, SignedInErrors),
)]
pub async fn list_audit_entries(
    State(state): State<AppState>,
    user: Require<marker::AuditRead>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditEntriesView>, ApiError> {
    let filter = filter::of(&query)?;
    let page = page_request(query.limit, query.cursor)?;
    let page = services::audit::list_entries(state.context(), &user.actor, &filter, page).await?;
    Ok(Json(AuditEntriesView {
        items: page.items.iter().map(view::entry).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        looked_back_to: page.looked_back_to,
    }))
}
