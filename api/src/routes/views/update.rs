//! `PATCH /api/v1/views/{view_id}`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::paths;
use contract::views::{SavedView, UpdateViewRequest};
use domain::ids::ViewId;
use services::views::{ViewChange, fetch_view, update_view as change_view};

use super::{query, view};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, Path, SignedIn, etag};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, EditErrors, ObjectErrors};
use crate::state::AppState;

/// Change one of your views
///
/// Its name, its query, whether others see it. Nobody changes another's.
#[utoipa::path(
    patch,
    path = paths::VIEW,
    tag = "views",
    security(("session" = [])),
    params(
        ("view_id" = uuid::Uuid, Path, description = "The view."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read."),
    ),
    request_body = UpdateViewRequest,
    responses(
        (status = 200, description = "The view as it is now.", body = SavedView),
        EditErrors,
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn update_view(
    State(state): State<AppState>,
    user: SignedIn,
    Path(id): Path<ViewId>,
    condition: IfMatch,
    Json(request): Json<UpdateViewRequest>,
) -> Result<Response, ApiError> {
    let (ctx, actor) = (state.context(), user.actor());
    let query = match request.query {
        None => None,
        Some(text) => {
            let page = fetch_view(ctx, actor, id).await?.page;
            Some(query::checked(page, &text, ctx.env.now())?)
        }
    };
    let change = ViewChange { name: request.name, query, shared: request.shared };
    let found = change_view(ctx, actor, id, condition.expected(), change).await?;
    Ok((etag(found.version), Json(view::view(found, actor.user_id))).into_response())
}
