//! First run, sign-in and who is signed in.

use chrono::{DateTime, Utc};
use domain::ids::UserId;
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 8;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 128;

/// Whether the owner is still to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupView {
    /// True until the one-time link was used.
    pub needs_owner: bool,
}

/// Creates the owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateOwnerRequest {
    /// The token of the one-time link.
    #[garde(length(bytes, min = 1, max = 200))]
    pub token: String,
    /// The owner's e-mail address.
    #[garde(custom(email_address))]
    pub email: String,
    /// The owner's password, 8 to 128 characters.
    #[garde(length(chars, min = PASSWORD_MIN, max = PASSWORD_MAX))]
    pub password: String,
}

/// Signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The e-mail address.
    #[garde(length(chars, min = 1, max = 254))]
    pub email: String,
    /// The password.
    #[garde(length(chars, min = 1, max = PASSWORD_MAX))]
    pub password: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// The user.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their role.
    pub role: String,
    /// What they may do, as `object:verb`.
    pub permissions: Vec<String>,
    /// When the session ends at the latest.
    pub expires_at: DateTime<Utc>,
}

fn email_address(text: &str, _: &()) -> garde::Result {
    if domain::access::is_email(text) {
        Ok(())
    } else {
        Err(garde::Error::new("not an e-mail address; write it like name@example.com"))
    }
}
