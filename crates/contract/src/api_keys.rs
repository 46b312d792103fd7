//! API keys.

use chrono::{DateTime, Utc};
use domain::ids::{ApiKeyId, UserId};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Longest name of a key.
pub const KEY_NAME_MAX: usize = 100;
/// Most days after which a key ends by itself.
pub const KEY_DAYS_MAX: u32 = 3650;
/// Most hours for which a rotated key works beside its successor.
pub const KEY_OVERLAP_HOURS_MAX: u32 = 720;
/// Hours for which a rotated key works beside its successor when nothing is said.
pub const KEY_OVERLAP_HOURS: u32 = 24;
/// What keys can be sorted by, each with `-` before it for descending.
pub const KEY_SORTS: [&str; 2] = ["created_at", "name"];

/// Which keys to list. With `key:manage` everybody's are there, otherwise one's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ApiKeyQuery {
    /// Letters of the name or of what the key begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Whose.
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Only those that work now; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working: Option<bool>,
    /// `created_at` or `name`, with `-` before it for descending; `-created_at` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A key. Its secret can't be had again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ApiKeyId,
    /// Whose it is.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub user_id: UserId,
    /// The e-mail address of whose it is.
    pub owner: String,
    /// What its owner calls it.
    pub name: String,
    /// What it begins with, to be recognised by.
    pub prefix: String,
    /// What it was made for, as `object:verb`. What its owner may not do, it may not either.
    pub permissions: Vec<String>,
    /// `active`, `replaced` (works beside its successor until `good_until`), `expired` or `revoked`.
    pub state: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself; absent for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; absent for never.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From which address it was last used.
    pub last_used_ip: Option<String>,
    /// When somebody ended it.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The key that took its place.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub replaced_by: Option<ApiKeyId>,
    /// Until when it works beside the key that took its place.
    pub good_until: Option<DateTime<Utc>>,
}

/// A key that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeApiKeyView {
    /// The whole of it, shown this once: send it as `Authorization: Bearer …`.
    pub secret: String,
    /// How it is shown from now on.
    pub key: ApiKeyView,
}

/// Makes a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateApiKeyRequest {
    /// What to call it.
    #[garde(length(chars, min = 1, max = KEY_NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// What it is for, as `object:verb`; nothing that its maker may not do.
    #[garde(length(min = 1, max = 100), inner(length(bytes, max = 100)))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub permissions: Vec<String>,
    /// After how many days it ends by itself, 1 to 3650; never when absent.
    #[garde(inner(range(min = 1, max = KEY_DAYS_MAX)))]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
}

/// Changes a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateApiKeyRequest {
    /// What to call it from now on.
    #[garde(length(chars, min = 1, max = KEY_NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
}

/// Replaces a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RotateApiKeyRequest {
    /// For how many hours the old key works beside the new one, 0 to 720; 24 when absent.
    #[garde(inner(range(max = KEY_OVERLAP_HOURS_MAX)))]
    #[cfg_attr(feature = "openapi", schema(maximum = 720))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<u32>,
}
