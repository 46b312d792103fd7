//! Roles and the permissions that they are made of.

use chrono::{DateTime, Utc};
use domain::ids::RoleId;
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most characters of a description.
pub const DESCRIPTION_MAX: usize = 500;
/// Most permissions that a list may name.
pub const PERMISSIONS_MAX: usize = 100;

/// Every permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionsView {
    /// The permissions, in the order they are shown.
    pub items: Vec<PermissionView>,
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionView {
    /// Its name, as `object:verb`.
    pub name: String,
    /// What it lets somebody do, in a sentence.
    pub words: String,
    /// The built-in roles that have it.
    pub built_in_roles: Vec<String>,
}

/// Every role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolesView {
    /// The built-in roles from the highest down, then the others by name.
    pub items: Vec<RoleView>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleView {
    /// Its id; a built-in role has none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub id: Option<RoleId>,
    /// Its name.
    pub name: String,
    /// Whether it is built in: it can't be changed then.
    pub built_in: bool,
    /// What it is for.
    pub description: String,
    /// What it lets somebody do.
    pub permissions: Vec<String>,
    /// How many people hold it.
    pub holders: u64,
    /// When it was made; absent for a built-in role.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed; absent for a built-in role.
    pub updated_at: Option<DateTime<Utc>>,
    /// Its version, which is also its `ETag`; absent for a built-in role.
    pub version: Option<i64>,
}

/// Makes a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRoleRequest {
    /// Its name, 1 to 80 characters, unique, and not a built-in role's.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// What it is for, at most 500 characters.
    #[serde(default)]
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub description: String,
    /// What it lets somebody do, as `object:verb`; no more than you may do everywhere.
    #[garde(length(max = PERMISSIONS_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub permissions: Vec<String>,
}

/// Changes a role. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateRoleRequest {
    /// Its name, 1 to 80 characters, unique, and not a built-in role's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// What it is for, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub description: Option<String>,
    /// All that it lets somebody do from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(max = PERMISSIONS_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub permissions: Option<Vec<String>>,
}
