//! `GET /api/v1/exports/images`.

use axum::extract::State;
use axum::response::Response;
use contract::exports::ExportQuery;
use contract::paths;
use contract::places::PlaceQuery;
use domain::access::marker;
use services::exports::tables::ImageTable;

use super::answer::answer;
use crate::error::ApiError;
use crate::extract::{Export, Require};
use crate::openapi::{ExportedFile, QueryErrors, SignedInErrors};
use crate::routes::places::filter::narrowed;
use crate::state::AppState;

/// Take the images along
///
/// Filtered and sorted as in the list. Needs `workspace:read`; it is in the audit log.
#[utoipa::path(
    get,
    path = paths::EXPORT_IMAGES,
    tag = "exports",
    security(("session" = []), ("key" = [])),
    params(ExportQuery, PlaceQuery),
    responses(
        ExportedFile,
        QueryErrors,
        SignedInErrors,
    ),
)]
pub async fn export_images(
    State(state): State<AppState>,
    user: Require<marker::WorkspaceRead>,
    Export { format, query }: Export<PlaceQuery>,
) -> Result<Response, ApiError> {
    let (filter, order) = narrowed(&query)?;
    answer(&state, &user.actor, ImageTable { filter, order }, format).await
}
