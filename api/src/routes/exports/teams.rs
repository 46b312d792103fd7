//! `GET /api/v1/exports/teams`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::teams::TeamQuery;
use domain::access::marker;
use services::exports::tables::TeamTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require, search_text};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the teams along
///
/// By name. Needs `user:read` over everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_TEAMS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, TeamQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_teams(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Export { format, query }: Export<TeamQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, TeamTable { q: search_text(query.q)? }, format).await
}
