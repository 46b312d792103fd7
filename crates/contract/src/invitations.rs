//! Invitations: links with which people make themselves users.

use chrono::{DateTime, Utc};
use domain::access::EMAIL_MAX;
use domain::ids::{InvitationId, UserId};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::session::{PASSWORD_MAX, PASSWORD_MIN};
use crate::users::{GRANTS_MAX, GrantBody, GrantView, NAME_MAX};

/// The states that an invitation can be in.
pub const INVITATION_STATES: &[&str] = &["open", "expired", "accepted", "revoked"];

/// Which invitations to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct InvitationQuery {
    /// Part of the e-mail address.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// States, separated by commas: `open`, `expired`, `accepted`, `revoked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// `open`, `expired`, `accepted` or `revoked`.
    pub state: String,
    /// What they are given.
    pub grants: Vec<GrantView>,
    /// Who invited them; absent for the command line.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub invited_by: Option<UserId>,
    /// Who that is, while they are there.
    pub invited_by_email: Option<String>,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// When the link that is good was made.
    pub sent_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// An invitation whose link was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitedView {
    /// The invitation.
    pub invitation: InvitationView,
    /// Whether the link was sent by mail.
    pub mailed: bool,
    /// The link, this once, where it was not: give it to them yourself.
    pub link: Option<String>,
}

/// Invites somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateInvitationRequest {
    /// Their e-mail address.
    #[garde(length(chars, min = 1, max = EMAIL_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 254))]
    pub email: String,
    /// What they are given, 1 to 50.
    #[garde(length(min = 1, max = GRANTS_MAX), dive)]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50))]
    #[serde(deserialize_with = "crate::object::each")]
    pub grants: Vec<GrantBody>,
}

/// Accepts an invitation.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitationRequest {
    /// The token of the link.
    #[garde(length(bytes, min = 1, max = 200))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub token: String,
    /// The name to show, 1 to 80 characters.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub display_name: String,
    /// The password, 8 to 128 characters.
    #[garde(length(chars, min = PASSWORD_MIN, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: String,
}

impl std::fmt::Debug for AcceptInvitationRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptInvitationRequest").finish_non_exhaustive()
    }
}
