//! Invitations.

use contract::invitations::{CreateInvitationRequest, InvitationQuery, InvitationView, InvitedView};
use contract::page::Page;
use contract::paths;
use domain::ids::InvitationId;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &InvitationQuery) -> Result<Page<InvitationView>, ApiError> {
    client::get_query(paths::INVITATIONS, query).await
}

/// Invites somebody.
pub async fn create(request: &CreateInvitationRequest) -> Result<InvitedView, ApiError> {
    client::post(paths::INVITATIONS, request).await
}

/// Makes a new link.
pub async fn resend(id: InvitationId) -> Result<InvitedView, ApiError> {
    client::post_empty(&paths::with_id(paths::INVITATION_RESEND, id)).await
}

/// Withdraws one.
pub async fn revoke(id: InvitationId) -> Result<(), ApiError> {
    client::delete(&paths::with_id(paths::INVITATION, id)).await
}
