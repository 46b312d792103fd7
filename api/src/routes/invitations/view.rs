//! Invitations on the wire.

use contract::invitations::{InvitationView, InvitedView};
use services::access::invitations::{InvitationDetail, Invited};

use crate::routes::users::view::grant;

pub(super) fn invitation(detail: InvitationDetail) -> InvitationView {
    let InvitationDetail { invitation, state, grants } = detail;
    InvitationView {
        id: invitation.id,
        email: invitation.email,
        state: state.to_string(),
        grants: grants.into_iter().map(grant).collect(),
        invited_by: invitation.invited_by,
        invited_by_email: invitation.invited_by_email,
        created_at: invitation.created_at,
        sent_at: invitation.sent_at,
        expires_at: invitation.expires_at,
        accepted_at: invitation.accepted_at,
        revoked_at: invitation.revoked_at,
    }
}

pub(super) fn invited(invited: Invited) -> InvitedView {
    InvitedView { mailed: invited.link.is_none(), link: invited.link, invitation: invitation(invited.detail) }
}
