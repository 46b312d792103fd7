//! `GET /api/v1/exports/assistant-levels`.

use axum::extract::State;
use axum::response::Response;
use contract::assistant::AssistantStatsQuery;
use contract::exports::ExportQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::AssistantLevelTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::assistant::stats::counted_days;
use crate::state::AppState;

/// Take along how often each level spoke or failed
///
/// Best first, counted by day; nothing of what was asked, and by whom, is in it. Needs `system:read` over everything; it is in the
/// audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_ASSISTANT_LEVELS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, AssistantStatsQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_assistant_levels(
    State(state): State<AppState>,
    user: Require<marker::SystemRead>,
    Export { format, query }: Export<AssistantStatsQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, AssistantLevelTable { days: counted_days(&query)? }, format).await
}
