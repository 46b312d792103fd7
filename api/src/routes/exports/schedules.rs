//! `GET /api/v1/exports/schedules`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::ScheduleTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the schedules along
///
/// What runs by itself, how often, and how that stands. Needs `job:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_SCHEDULES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_schedules(
    State(state): State<AppState>,
    user: Require<marker::JobRead>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, ScheduleTable, format).await
}
