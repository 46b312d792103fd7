//! `PATCH /api/v1/assistant/turns/{turn_id}`.

use axum::extract::State;
use contract::assistant::{RateRequest, Thumb, TurnView};
use contract::paths;
use domain::access::marker;
use domain::ids::TurnId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{BodyErrors, ChangeErrors, ConflictErrors, ObjectErrors};
use crate::state::AppState;

/// Say whether an answer helped
#[utoipa::path(
    patch,
    path = paths::TURN,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("turn_id" = uuid::Uuid, Path, description = "The question.")),
    request_body = RateRequest,
    responses(
        (status = 200, description = "The question with its answer.", body = TurnView),
        ObjectErrors,
        ChangeErrors,
        BodyErrors,
        ConflictErrors,
    ),
)]
pub async fn rate_answer(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<TurnId>,
    Json(request): Json<RateRequest>,
) -> Result<Json<TurnView>, ApiError> {
    let helped = request.thumb.map(|thumb| thumb == Thumb::Up);
    let turn = services::assistant::rate(state.context(), &user.actor, id, helped).await?;
    Ok(Json(view::turn(turn)))
}
