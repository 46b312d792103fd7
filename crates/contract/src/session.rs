//! First run, sign-in and who is signed in.

use chrono::{DateTime, Utc};
use domain::access::EMAIL_MAX;
use domain::ids::{SessionId, UserId};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Fewest characters of a password.
pub const PASSWORD_MIN: usize = 8;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 128;
/// Most characters of a code: an app's, a mailed one, a recovery code.
pub const CODE_MAX: usize = 64;

/// Whether the owner is still to be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupView {
    /// True until the one-time link was used.
    pub needs_owner: bool,
    /// Whether mail can be sent: signing in by a mailed code and a new password by mail are offered then.
    #[serde(default)]
    pub mail: bool,
}

/// Creates the owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateOwnerRequest {
    /// The token of the one-time link.
    #[garde(length(bytes, min = 1, max = 200))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub token: String,
    /// The owner's e-mail address.
    #[garde(custom(email_address))]
    #[cfg_attr(feature = "openapi", schema(min_length = 3, max_length = 254))]
    pub email: String,
    /// The owner's password, 8 to 128 characters.
    #[garde(length(chars, min = PASSWORD_MIN, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: String,
}

/// Signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The e-mail address.
    #[garde(length(chars, min = 1, max = EMAIL_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 254))]
    pub email: String,
    /// The password.
    #[garde(length(chars, min = 1, max = PASSWORD_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
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
    /// What of that they may do with a part of what there is alone; absent when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_parts: Vec<String>,
    /// When the session ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// Whether `POST /api/v1/portal-spans` is wanted: traces are sent from here.
    #[serde(default)]
    pub traces: bool,
}

/// A sign-in that waits for a second factor: `POST /api/v1/session/second-factor` goes on with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactorView {
    /// What goes on with this sign-in. Alone it opens nothing.
    pub challenge: String,
    /// What is taken: `totp` (a code of the app), `recovery_code`.
    pub methods: Vec<String>,
    /// By when.
    pub expires_at: DateTime<Utc>,
}

/// Goes on with a sign-in by a second factor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecondFactorRequest {
    /// What the first step answered.
    #[garde(length(bytes, min = 1, max = 200))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub challenge: String,
    /// A code of the app, or a recovery code.
    #[garde(length(chars, min = 1, max = CODE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub code: String,
}

/// Signs in by a mailed code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailCodeRequest {
    /// The e-mail address that the code was sent to.
    #[garde(length(chars, min = 1, max = EMAIL_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 254))]
    pub email: String,
    /// The code: eight digits.
    #[garde(length(chars, min = 1, max = CODE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub code: String,
}

/// Proves again who is there: by password, by code or by mailed code, one of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofRequest {
    /// One's own password.
    #[garde(inner(length(chars, min = 1, max = PASSWORD_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// A code of one's second factor.
    #[garde(inner(length(chars, min = 1, max = CODE_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A code that `POST /api/v1/session/email-code` sent. Not taken from who has a second factor, or has no password here.
    #[garde(inner(length(chars, min = 1, max = CODE_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_code: Option<String>,
}

/// A session as its person or an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionItemView {
    /// Its id. It opens nothing.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// How its person signed in: `password`, `second_factor`, `emailed_code`, `link` or `single_sign_on`.
    pub method: String,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// The address they signed in from.
    pub ip_address: Option<String>,
    /// What their browser calls itself.
    pub user_agent: Option<String>,
}

/// Sessions that were ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedSessionsView {
    /// How many.
    pub ended: u64,
}

fn email_address(text: &str, _: &()) -> garde::Result {
    if domain::access::is_email(text) {
        Ok(())
    } else {
        Err(garde::Error::new("not an e-mail address; write it like name@example.com"))
    }
}
