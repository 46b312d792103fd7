//! `DELETE /api/v1/invitations/{invitation_id}`.

use axum::extract::State;
use contract::paths;
use domain::access::marker;
use domain::ids::InvitationId;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::{Path, Require};
use crate::openapi::{ChangeErrors, ConflictErrors, ObjectErrors};
use crate::state::AppState;

/// Withdraw an invitation
///
/// Its link is no longer good; it stays in the list. Needs `user:write` over everything.
#[utoipa::path(
    delete,
    path = paths::INVITATION,
    tag = "invitations",
    security(("session" = []), ("key" = [])),
    params(("invitation_id" = uuid::Uuid, Path, description = "The invitation.")),
    responses((status = 204, description = "It is withdrawn."), ObjectErrors, ChangeErrors, ConflictErrors),
)]
pub async fn revoke_invitation(
    State(state): State<AppState>,
    user: Require<marker::UserWrite>,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, ApiError> {
    services::access::invitations::revoke(state.context(), &user.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
