//! `POST /api/v1/invitations`.

use axum::extract::State;
use axum::response::Response;
use contract::invitations::{CreateInvitationRequest, InvitedView};
use contract::paths;
use domain::access::marker;
use http::StatusCode;
use services::access::invitations::{Invited, invite_once};
use services::idempotency::Answer;

use super::view;
use crate::error::ApiError;
use crate::extract::{Begun, Json, Once, RequireProof, json_answer};
use crate::openapi::{BodyErrors, ConflictErrors, OnceErrors, ProvenChangeErrors};
use crate::routes::users::error;
use crate::state::AppState;

/// Invite somebody
///
/// They get a link by mail that is good for seven days and once. Where this installation sends no mail, or the mail server did
/// not take it, the answer holds the link instead, this once. Nobody invites to more than they hold. Needs `user:write` over
/// everything, and a fresh proof that it is you.
#[utoipa::path(
    post,
    path = paths::INVITATIONS,
    tag = "invitations",
    security(("session" = [])),
    request_body = CreateInvitationRequest,
    responses(
        (status = 201, description = "The invitation.", body = InvitedView),
        ProvenChangeErrors,
        BodyErrors,
        ConflictErrors,
        OnceErrors,
    ),
)]
pub async fn create_invitation(
    State(state): State<AppState>,
    user: RequireProof<marker::UserWrite>,
    once: Once,
    Json(request): Json<CreateInvitationRequest>,
) -> Result<Response, ApiError> {
    let wanted = error::grants(&request.grants)?;
    let once = match once.begin(&state, &user.actor, &request).await? {
        Begun::Fresh(once) => once,
        Begun::Done(response) => return Ok(response),
    };
    let invited = invite_once(state.context(), &user.actor, &request.email, &wanted, once.keep(answer)).await;
    once.end(invited, answer).await
}

fn answer(invited: &Invited) -> Answer {
    let answer = json_answer(StatusCode::CREATED, &view::invited(invited.clone()));
    if invited.link.is_some() { answer.secret() } else { answer }
}
