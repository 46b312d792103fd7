//! `POST /api/v1/invitations/{invitation_id}/resend`.

use axum::extract::State;
use contract::invitations::InvitedView;
use contract::paths;
use domain::access::marker;
use domain::ids::InvitationId;

use super::view;
use crate::error::ApiError;
use crate::extract::{Json, Path, RequireProof};
use crate::openapi::{ConflictErrors, ObjectErrors, ProvenChangeErrors};
use crate::state::AppState;

/// Send an invitation again
///
/// With a new link, good for seven days; the one before is no longer good. It is your invitation then. Needs `user:write` over
/// everything, and a fresh proof that it is you.
#[utoipa::path(
    post,
    path = paths::INVITATION_RESEND,
    tag = "invitations",
    security(("session" = [])),
    params(("invitation_id" = uuid::Uuid, Path, description = "The invitation.")),
    responses(
        (status = 200, description = "The invitation as it is now.", body = InvitedView),
        ObjectErrors,
        ProvenChangeErrors,
        ConflictErrors,
    ),
)]
pub async fn resend_invitation(
    State(state): State<AppState>,
    user: RequireProof<marker::UserWrite>,
    Path(id): Path<InvitationId>,
) -> Result<Json<InvitedView>, ApiError> {
    let invited = services::access::invitations::resend(state.context(), &user.actor, id).await?;
    Ok(Json(view::invited(invited)))
}
