//! `GET /api/v1/views/{view_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::views::SavedView;
use domain::ids::ViewId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, SignedIn, etag};
use crate::openapi::{ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// One saved view
///
/// One's own, or one that is shared of a page that one may see.
#[utoipa::path(
    get,
    path = paths::VIEW,
    tag = "views",
    security(("session" = [])),
    params(("view_id" = uuid::Uuid, Path, description = "The view.")),
    responses(
        (status = 200, description = "The view; `ETag` is its version.", body = SavedView),
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn fetch_view(
    State(state): State<AppState>,
    user: SignedIn,
    Path(id): Path<ViewId>,
) -> Result<Response, ApiError> {
    let found = services::views::fetch_view(state.context(), user.actor(), id).await?;
    Ok((etag(found.version), Json(view::view(found, user.actor().user_id))).into_response())
}
