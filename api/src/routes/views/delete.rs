//! `DELETE /api/v1/views/{view_id}`.

use axum::extract::State;
use contract::paths;
use domain::ids::ViewId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{IfMatch, Path, SignedIn};
use crate::openapi::{ChangeErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Remove a view
///
/// One's own; a shared one of somebody else's needs `view:manage`.
#[utoipa::path(
    delete,
    path = paths::VIEW,
    tag = "views",
    security(("session" = [])),
    params(
        ("view_id" = uuid::Uuid, Path, description = "The view."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
    ),
)]
pub async fn delete_view(
    State(state): State<AppState>,
    user: SignedIn,
    Path(id): Path<ViewId>,
    condition: IfMatch,
) -> Result<StatusCode, ApiError> {
    services::views::delete_view(state.context(), user.actor(), id, condition.expected()).await?;
    Ok(StatusCode::NO_CONTENT)
}
