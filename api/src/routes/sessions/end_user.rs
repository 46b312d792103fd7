//! `DELETE /api/v1/users/{user_id}/sessions`.

use axum::extract::State;
use contract::paths;
use contract::session::EndedSessionsView;
use domain::access::marker;
use domain::ids::UserId;

use crate::error::ApiError;
use crate::extract::{Json, Path, RequireProof};
use crate::openapi::{ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// End all sessions of a user
///
/// They are refused within a second, wherever they are used. Needs `user:write` over everything and a fresh proof that it is you;
/// nobody ends those of somebody who holds more than they do.
#[utoipa::path(
    delete,
    path = paths::USER_SESSIONS,
    tag = "users",
    security(("session" = [])),
    params(("user_id" = uuid::Uuid, Path, description = "The user.")),
    responses(
        (status = 200, description = "How many were ended.", body = EndedSessionsView),
        ObjectErrors,
        ProvenChangeErrors,
    ),
)]
pub async fn delete_user_sessions(
    State(state): State<AppState>,
    user: RequireProof<marker::UserWrite>,
    Path(id): Path<UserId>,
) -> Result<Json<EndedSessionsView>, ApiError> {
    let ended = services::access::users::end_user_sessions(state.context(), &user.actor, id).await?;
    Ok(Json(EndedSessionsView { ended }))
}
