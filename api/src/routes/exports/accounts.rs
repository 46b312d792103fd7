//! `GET /api/v1/exports/accounts`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::page::PageQuery;
use contract::paths;
use domain::access::marker;
use services::exports::tables::AccountTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the connected accounts along
///
/// By name. Needs `account:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_ACCOUNTS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_accounts(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Export { format, .. }: Export<PageQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, AccountTable, format).await
}
