//! `GET /api/v1/users/{user_id}/sessions`.

use axum::extract::State;
use contract::page::{Page, PageQuery};
use contract::paths;
use contract::session::SessionItemView;
use domain::access::marker;
use domain::ids::UserId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Query, Require, page_request};
use crate::openapi::{ListErrors, ObjectErrors, SignedInErrors};
use crate::state::AppState;

/// The sessions of a user
///
/// Those that still work, the latest begun first. Needs `user:read`.
#[utoipa::path(
    get,
    path = paths::USER_SESSIONS,
    tag = "users",
    security(("session" = []), ("key" = [])),
    params(("user_id" = uuid::Uuid, Path, description = "The user."), PageQuery),
    responses(
        (status = 200, description = "A page of sessions.", body = Page<SessionItemView>),
        ListErrors,
        ObjectErrors,
        SignedInErrors,
    ),
)]
pub async fn list_user_sessions(
    State(state): State<AppState>,
    user: Require<marker::UserRead>,
    Path(id): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SessionItemView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let found = services::sessions::list_user_sessions(state.context(), &user.actor, id, page).await?;
    Ok(Json(view::page(found)))
}
