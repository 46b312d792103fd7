//! `POST /api/v1/views`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::views::{CreateViewRequest, SavedView};
use domain::views::ViewPage;
use http::StatusCode;
use services::idempotency::Answer;
use services::views::{NewView, ViewRecord, create_view_once};

use super::{query, view};
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, SignedIn, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, OnceErrors};
use crate::state::AppState;

/// Keep a view
///
/// Of a page that one may see. Its query is checked as the page's own is; `query.state` is what an error about `state` is named.
/// Sharing it with everybody who may see the page needs `view:share`. One person keeps at most 100.
#[utoipa::path(
    post,
    path = paths::VIEWS,
    tag = "views",
    security(("session" = [])),
    request_body = CreateViewRequest,
    responses(
        (status = 201, description = "The view; `Location` is its address.", body = SavedView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_view(
    State(state): State<AppState>,
    user: SignedIn,
    once: Once,
    Json(request): Json<CreateViewRequest>,
) -> Result<Response, ApiError> {
    let actor = user.actor();
    let once = match once.begin(&state, actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let made = match new_view(&state, request) {
        Ok(new) => create_view_once(state.context(), actor, new, once.keep(answer)).await.map_err(Into::into),
        Err(refused) => Err(refused),
    };
    once.end::<_, ApiError>(made, answer).await
}

fn new_view(state: &AppState, request: CreateViewRequest) -> Result<NewView, ApiError> {
    let page: ViewPage = request.page.parse().map_err(|_| {
        let names: Vec<&str> = ViewPage::ALL.iter().map(|page| page.as_str()).collect();
        ApiError::body_field("page", "unknown_value", format!("must be one of: {}", names.join(", ")))
    })?;
    let query = query::checked(page, &request.query, state.context().env.now())?;
    Ok(NewView { page, name: request.name, query, shared: request.shared.unwrap_or_default() })
}

fn answer(made: &ViewRecord) -> Answer {
    let location = paths::with_id(paths::VIEW, made.id);
    let answer = json_answer(StatusCode::CREATED, &view::view(made.clone(), Some(made.owner_id)));
    answer.header("location", location).header("etag", etag(made.version).text())
}
