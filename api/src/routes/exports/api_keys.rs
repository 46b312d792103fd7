//! `GET /api/v1/exports/api-keys`.

use axum::extract::State;
use axum::response::Response;
use contract::api_keys::ApiKeyQuery;
use contract::exports::ExportQuery;
use contract::paths;
use services::exports::tables::ApiKeyTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Authenticated, Export};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::api_keys::list::narrowed;
use crate::state::AppState;

/// Take the API keys along
///
/// Your own; with `key:manage` everybody's. Never a secret. It is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_API_KEYS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, ApiKeyQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_api_keys(
    State(state): State<AppState>,
    user: Authenticated,
    Export { format, query }: Export<ApiKeyQuery>,
) -> Result<Response, ApiError> {
    let (filter, sort) = narrowed(&query, state.context().env.now())?;
    answer(&state, &user.actor, ApiKeyTable { filter, sort }, format).await
}
