//! People, and what they were given: roles, each over a part of the fleet.

use chrono::{DateTime, Utc};
use domain::access::{Grant, GrantReach, GrantedRole};
use domain::ids::{AccountId, DirectoryId, InvalidRegion, RoleId, TeamId, UnknownName, UserId};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// The columns a list of people can be sorted by: the text of `sort`, with `-` before it for descending.
pub const USER_SORTS: &[&str] = &["email", "display_name", "created_at", "last_sign_in_at"];
/// Most grants that one person can have.
pub const GRANTS_MAX: usize = 50;
/// What a grant can reach.
pub const REACHES: [&str; 6] = ["everything", "account", "region", "directory", "team", "own"];
/// Most characters of a name.
pub const NAME_MAX: usize = 80;

/// Which people to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// Part of the e-mail address or the name.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Those who hold one of these roles: built-in names and ids of other roles, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Those who may sign in, or those who may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// One of `email`, `display_name`, `created_at`, `last_sign_in_at`, with `-` before it for descending; `email` when absent.
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

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their name.
    pub display_name: String,
    /// Whether they may sign in.
    pub enabled: bool,
    /// What they hold.
    pub grants: Vec<GrantView>,
    /// The teams they are in.
    pub teams: Vec<TeamNameView>,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// The version of them and of what they hold, which is also the `ETag`.
    pub version: i64,
}

/// A team by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamNameView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// A role that somebody holds over a part of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantView {
    /// What is held, over what; as it can be sent back.
    pub grant: GrantBody,
    /// The role's name.
    pub role_name: String,
    /// The name of the account, directory or team that it reaches.
    pub reach_name: Option<String>,
}

/// A role over a part of the fleet. One of `role` and `role_id`; beside `reach` the id or code that it asks for, and no other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    /// A built-in role: `owner`, `admin`, `operator`, `approver`, `auditor`, `viewer` or `member`.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// A role that somebody made.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub role_id: Option<RoleId>,
    /// Over what: `everything`, `account`, `region`, `directory`, `team` (its members' desktops) or `own` (their own desktops).
    #[garde(skip)]
    pub reach: String,
    /// With `account`: which.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub account_id: Option<AccountId>,
    /// With `region`: its code, in every account.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// With `directory`: which.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub directory_id: Option<DirectoryId>,
    /// With `team`: which.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub team_id: Option<TeamId>,
}

/// Why a [`GrantBody`] is no grant: the field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoGrant {
    /// The field.
    pub field: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl GrantBody {
    /// The grant that it describes.
    ///
    /// # Errors
    /// [`NoGrant`] with the first field that is wrong.
    pub fn grant(&self) -> Result<Grant, NoGrant> {
        let wrong = |field, code, message: &str| NoGrant { field, code, message: message.to_owned() };
        let role = match (&self.role, self.role_id) {
            (Some(name), None) => {
                let role =
                    name.parse().map_err(|error: UnknownName| wrong("role", "unknown_value", &format!("{error}")))?;
                GrantedRole::BuiltIn(role)
            }
            (None, Some(id)) => GrantedRole::Custom(id),
            (None, None) => return Err(wrong("role", "missing", "one of role and role_id is needed")),
            (Some(_), Some(_)) => return Err(wrong("role_id", "misfit", "give role or role_id, not both")),
        };
        let given = [
            ("account_id", "account", self.account_id.is_some()),
            ("region", "region", self.region.is_some()),
            ("directory_id", "directory", self.directory_id.is_some()),
            ("team_id", "team", self.team_id.is_some()),
        ];
        for (field, kind, given) in given {
            if given && self.reach != kind {
                return Err(wrong(field, "misfit", &format!("goes with the reach {kind} only")));
            }
            if !given && self.reach == kind {
                return Err(wrong(field, "missing", &format!("the reach {kind} needs it")));
            }
        }
        let reach = match self.reach.as_str() {
            "everything" => Some(GrantReach::Everything),
            "own" => Some(GrantReach::Own),
            "account" => self.account_id.map(GrantReach::Account),
            "directory" => self.directory_id.map(GrantReach::Directory),
            "team" => self.team_id.map(GrantReach::Team),
            "region" => {
                let code = self.region.as_deref().unwrap_or_default();
                let region =
                    code.parse().map_err(|error: InvalidRegion| wrong("region", "invalid", &format!("{error}")))?;
                Some(GrantReach::Region(region))
            }
            _ => None,
        };
        let reach = reach.ok_or_else(|| {
            let choices = format!("is not one of: {}", REACHES.join(", "));
            wrong("reach", "unknown_value", &choices)
        })?;
        Ok(Grant { role, reach })
    }
}

impl From<&Grant> for GrantBody {
    fn from(grant: &Grant) -> Self {
        let mut body = Self { reach: grant.reach.kind().to_owned(), ..Self::default() };
        match grant.role {
            GrantedRole::BuiltIn(role) => body.role = Some(role.to_string()),
            GrantedRole::Custom(id) => body.role_id = Some(id),
        }
        match &grant.reach {
            GrantReach::Account(id) => body.account_id = Some(*id),
            GrantReach::Region(region) => body.region = Some(region.as_str().to_owned()),
            GrantReach::Directory(id) => body.directory_id = Some(*id),
            GrantReach::Team(id) => body.team_id = Some(*id),
            GrantReach::Everything | GrantReach::Own => {}
        }
        body
    }
}

/// Changes somebody. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateUserRequest {
    /// Their name, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub display_name: Option<String>,
    /// Whether they may sign in. Who may not is signed out at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub enabled: Option<bool>,
}

/// Replaces what somebody holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetGrantsRequest {
    /// All that they hold from now on, at most 50.
    #[garde(length(max = GRANTS_MAX), dive)]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    #[serde(deserialize_with = "crate::object::each")]
    pub grants: Vec<GrantBody>,
}

#[cfg(test)]
mod tests {
    use domain::access::Role;

    use super::*;

    fn body(text: &str) -> GrantBody {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_grant_is_written_and_read() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        for text in [
            r#"{"role":"viewer","reach":"everything"}"#.to_owned(),
            r#"{"role":"member","reach":"own"}"#.to_owned(),
            r#"{"role":"operator","reach":"region","region":"eu-central-1"}"#.to_owned(),
            format!(r#"{{"role_id":"{id}","reach":"account","account_id":"{id}"}}"#),
            format!(r#"{{"role_id":"{id}","reach":"directory","directory_id":"{id}"}}"#),
            format!(r#"{{"role_id":"{id}","reach":"team","team_id":"{id}"}}"#),
        ] {
            let grant = body(&text).grant().unwrap();
            assert_eq!(serde_json::to_string(&GrantBody::from(&grant)).unwrap(), text);
        }
        assert_eq!(body(r#"{"role":"admin","reach":"everything"}"#).grant(), Ok(Grant::usual(Role::Admin)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let no = |text: &str| body(text).grant().map_err(|no| (no.field, no.code)).unwrap_err();
        assert_eq!(no(r#"{"reach":"own"}"#), ("role", "missing"));
        assert_eq!(no(r#"{"role":"king","reach":"own"}"#), ("role", "unknown_value"));
        assert_eq!(no(&format!(r#"{{"role":"viewer","role_id":"{id}","reach":"own"}}"#)), ("role_id", "misfit"));
        assert_eq!(no(r#"{"role":"viewer","reach":"all"}"#), ("reach", "unknown_value"));
        assert_eq!(no(r#"{"role":"viewer","reach":"team"}"#), ("team_id", "missing"));
        assert_eq!(no(r#"{"role":"viewer","reach":"region","region":"moon"}"#), ("region", "invalid"));
        assert_eq!(no(&format!(r#"{{"role":"viewer","reach":"own","team_id":"{id}"}}"#)), ("team_id", "misfit"));
    }
}
