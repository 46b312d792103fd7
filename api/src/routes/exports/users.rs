//! `GET /api/v1/exports/users`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::users::UserQuery;
use domain::access::marker;
use services::exports::tables::UserTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::users::list::narrowed;
use crate::state::AppState;

/// Take the people along
///
/// Everybody that the filters leave, with what they hold. Needs `user:read` over everything; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_USERS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, UserQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_users(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Export { format, query }: Export<UserQuery>,
) -> Result<Response, ApiError> {
    let (filter, (sort, direction)) = narrowed(&query)?;
    answer(&state, &user.actor, UserTable { filter, sort, direction }, format).await
}
