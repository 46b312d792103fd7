//! `POST /api/v1/assistant/turns/{turn_id}/retry`.

use axum::extract::State;
use contract::assistant::TurnView;
use contract::paths;
use domain::access::marker;
use domain::ids::TurnId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, Require};
use crate::openapi::{ChangeErrors, ConflictErrors, ObjectErrors};
use crate::state::AppState;

/// Forget an answer
///
/// The question is then as if it had just been asked: fetch its answer anew.
#[utoipa::path(
    post,
    path = paths::TURN_RETRY,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    params(("turn_id" = uuid::Uuid, Path, description = "The question.")),
    responses(
        (status = 200, description = "The question without its answer.", body = TurnView),
        ObjectErrors,
        ChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn retry_answer(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
    Path(id): Path<TurnId>,
) -> Result<Json<TurnView>, ApiError> {
    let turn = services::assistant::retry(state.context(), &user.actor, id).await?;
    Ok(Json(view::turn(turn)))
}
