//! One's own page, the second factor, and new passwords by mail.

use chrono::{DateTime, Utc};
use domain::access::EMAIL_MAX;
use domain::ids::UserId;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::session::{PASSWORD_MAX, PASSWORD_MIN};

/// Most characters of a name to show.
pub const DISPLAY_NAME_MAX: usize = 100;
/// Fewest characters of a code of an app.
pub const APP_CODE_MIN: usize = 6;
/// Most characters of a code of an app, blanks between its digits included.
pub const APP_CODE_MAX: usize = 20;

/// What somebody sees of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileView {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// The name to show.
    pub display_name: String,
    /// Whether they have a password here; who signs in elsewhere has none.
    pub has_password: bool,
    /// Whether sign-in asks for a code of their app.
    pub second_factor: bool,
    /// Recovery codes that are not used.
    pub recovery_codes_left: u64,
    /// The person of the OpenID provider that they are joined to; absent when to none, or where no provider is set up.
    #[serde(default)]
    pub single_sign_on: Option<JoinedView>,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// A person of the OpenID provider that somebody is joined to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinedView {
    /// The provider's address.
    pub issuer: String,
    /// Since when they are joined.
    pub since: DateTime<Utc>,
    /// When they last signed in there; equal to `since` before the first time.
    pub last_sign_in_at: DateTime<Utc>,
}

/// Changes one's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateProfileRequest {
    /// The name to show, 1 to 100 characters on one line.
    #[garde(length(chars, min = 1, max = DISPLAY_NAME_MAX), custom(one_line))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub display_name: String,
}

/// Changes one's own password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// The password until now.
    #[garde(length(chars, min = 1, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
    pub current_password: String,
    /// The new one, 8 to 128 characters.
    #[garde(length(chars, min = PASSWORD_MIN, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub new_password: String,
}

/// A secret on its way into an authenticator app. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpSetupView {
    /// The secret in base32, for typing it into the app.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub uri: String,
    /// That address as a QR code: an SVG image.
    pub qr_svg: String,
}

/// Turns codes on, with the first of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotpRequest {
    /// What the app shows: six digits.
    #[garde(length(chars, min = APP_CODE_MIN, max = APP_CODE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 20))]
    pub code: String,
}

/// Recovery codes. Shown once; each works once, where a code of the app is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodesView {
    /// The codes, four groups of four each.
    pub codes: Vec<String>,
}

/// Asks for mail with a code or link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MailRequest {
    /// The e-mail address.
    #[garde(length(chars, min = 1, max = EMAIL_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 254))]
    pub email: String,
}

/// Mail is on its way, if a user has the address. The answer is the same when nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailRequestedView {
    /// That in words.
    pub detail: String,
    /// How long what is in the mail works, minutes.
    pub valid_minutes: u32,
}

/// Sets a new password by a mailed link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmPasswordResetRequest {
    /// The token of the link.
    #[garde(length(bytes, min = 1, max = 200))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub token: String,
    /// The new password, 8 to 128 characters.
    #[garde(length(chars, min = PASSWORD_MIN, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: String,
}

pub(crate) fn one_line(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return Err(garde::Error::new("write it on one line, without blanks around it"));
    }
    Ok(())
}
