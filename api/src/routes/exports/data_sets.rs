//! `GET /api/v1/exports/data-sets`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::{ExportQuery, OfAccountQuery};
use contract::paths;
use domain::access::marker;
use services::exports::tables::DataSetTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::state::AppState;

/// Take the data sets along
///
/// How fresh and complete what was read from AWS is. Needs `account:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_DATA_SETS,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, OfAccountQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_data_sets(
    State(state): State<AppState>,
    user: Require<marker::AccountRead>,
    Export { format, query }: Export<OfAccountQuery>,
) -> Result<Response, ApiError> {
    answer(&state, &user.actor, DataSetTable { account: query.account }, format).await
}
