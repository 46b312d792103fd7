//! Teams, and who is in them.

use chrono::{DateTime, Utc};
use domain::ids::{TeamId, UserId};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most characters of a description.
pub const DESCRIPTION_MAX: usize = 500;
/// Most members of a team.
pub const MEMBERS_MAX: usize = 1000;

/// Which teams to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct TeamQuery {
    /// Part of the name.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many members it has.
    pub member_count: u64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed, its members included.
    pub updated_at: DateTime<Utc>,
    /// The version of it and its members, which is also the `ETag`.
    pub version: i64,
}

/// A team with its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamDetailView {
    /// The team.
    #[serde(flatten)]
    pub team: TeamView,
    /// Its members, by e-mail address.
    pub members: Vec<TeamMemberView>,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamMemberView {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their name.
    pub display_name: String,
    /// Whether they may sign in.
    pub enabled: bool,
}

/// Makes a team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateTeamRequest {
    /// Its name, 1 to 80 characters, unique.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// What it is for, at most 500 characters.
    #[serde(default)]
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub description: String,
}

/// Changes a team. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateTeamRequest {
    /// Its name, 1 to 80 characters, unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// What it is for, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub description: Option<String>,
}

/// Replaces a team's members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetTeamMembersRequest {
    /// Everybody who is in it from now on, at most 1000.
    #[garde(length(max = MEMBERS_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000, value_type = Vec<uuid::Uuid>))]
    pub user_ids: Vec<UserId>,
}
