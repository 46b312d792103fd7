//! `GET /api/v1/exports/users/{user_id}/grants`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use domain::ids::UserId;
use services::exports::tables::UserGrantTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Path, Require};
use crate::openapi::{ExportedFile, ObjectErrors, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take what a person holds along
///
/// A row for each role over a part of the fleet. Needs `user:read` over everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USER_GRANTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(("user_id" = uuid::Uuid, Path, description = "The person."), ExportQuery),
    responses(
        ExportedFile,
        ObjectErrors,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_user_grants(
    State(state): State<AppState>,
    caller: Require<marker::UserRead>,
    Path(user): Path<UserId>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &caller.actor, UserGrantTable { user }, format).await
}
