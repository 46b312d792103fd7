//! `POST /api/v1/teams`.

use axum::extract::State;
use axum::response::Response;
use contract::paths;
use contract::teams::{CreateTeamRequest, TeamDetailView};
use domain::access::marker;
use http::StatusCode;
use services::access::teams::{TeamDetail, create_team_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, Require, etag, json_answer};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, OnceErrors};
use crate::state::AppState;

/// Make a team
///
/// Without members. Needs `team:write` over everything.
#[utoipa::path(
    post,
    path = paths::TEAMS,
    tag = "teams",
    security(("session" = []), ("key" = [])),
    request_body = CreateTeamRequest,
    responses(
        (status = 201, description = "The team; `Location` is its address.", body = TeamDetailView),
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_team(
    State(state): State<AppState>,
    user: Require<marker::TeamWrite>,
    once: Once,
    Json(request): Json<CreateTeamRequest>,
) -> Result<Response, ApiError> {
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let CreateTeamRequest { name, description } = request;
    let made = create_team_once(state.context(), &user.actor, &name, &description, once.keep(answer)).await;
    once.end(made, answer).await
}

fn answer(made: &TeamDetail) -> Answer {
    let location = paths::with_id(paths::TEAM, made.team.id);
    let answer = json_answer(StatusCode::CREATED, &view::detail(made.clone()));
    answer.header("location", location).header("etag", etag(made.team.version).text())
}
