//! `GET /api/v1/exports/roles`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::RoleTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the roles along
///
/// The built-in ones first, each with its permissions. Needs `user:read` over everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_ROLES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_roles(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, RoleTable, format).await
}
