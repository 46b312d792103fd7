//! `GET /api/v1/profile/sessions`.

use axum::extract::State;
use contract::page::{Page, PageQuery};
use contract::paths;
use contract::session::SessionItemView;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Query, SignedIn, page_request};
use crate::openapi::{ListErrors, SignedInErrors};
use crate::state::AppState;

/// Your sessions
///
/// Those that still work, the latest begun first.
#[utoipa::path(
    get,
    path = paths::PROFILE_SESSIONS,
    tag = "profile",
    security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "A page of sessions.", body = Page<SessionItemView>),
        ListErrors,
        SignedInErrors,
    ),
)]
pub async fn list_own_sessions(
    State(state): State<AppState>,
    user: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SessionItemView>>, ApiError> {
    let page = page_request(query.limit, query.cursor)?;
    let found = services::sessions::list_own_sessions(state.context(), user.actor(), page).await?;
    Ok(Json(view::page(found)))
}
