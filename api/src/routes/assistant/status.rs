//! `GET /api/v1/assistant`.

use axum::extract::State;
use contract::assistant::AssistantView;
use contract::paths;
use domain::access::marker;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Require};
use crate::openapi::SignedInErrors;
use crate::state::AppState;

/// The assistant
///
/// Who can phrase answers now, questions worth asking, and how many tokens you and your teams have used this month.
#[utoipa::path(
    get,
    path = paths::ASSISTANT,
    tag = "assistant",
    security(("session" = []), ("key" = [])),
    responses((status = 200, description = "The assistant as you see it.", body = AssistantView), SignedInErrors),
)]
pub async fn fetch_assistant(
    State(state): State<AppState>,
    user: Require<marker::AssistantUse>,
) -> Result<Json<AssistantView>, ApiError> {
    let status = services::assistant::fetch_status(state.context(), &user.actor).await?;
    Ok(Json(view::status(status)))
}
