//! What somebody was given: a role over a part of the fleet. Not yet what it lets them do: a custom role's permissions and a
//! team's members are in the database, and `services::access` makes the [`super::Actor`] of all of it.

use serde::{Deserialize, Serialize};

use super::Role;
use crate::ids::{AccountId, DirectoryId, Region, RoleId, TeamId};

/// A role that can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantedRole {
    /// A built-in one.
    BuiltIn(Role),
    /// One that somebody made.
    Custom(RoleId),
}

/// Over what a role is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantReach {
    /// Everything.
    Everything,
    /// A connected account with all its regions.
    Account(AccountId),
    /// A region in every account.
    Region(Region),
    /// One directory.
    Directory(DirectoryId),
    /// The desktops of a team's members, whoever they are at the time.
    Team(TeamId),
    /// The person's own desktops.
    Own,
}

impl GrantReach {
    /// The kind in one word, as on the wire and in the database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Account(_) => "account",
            Self::Region(_) => "region",
            Self::Directory(_) => "directory",
            Self::Team(_) => "team",
            Self::Own => "own",
        }
    }
}

/// A role over a part of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// What role.
    pub role: GrantedRole,
    /// Over what.
    pub reach: GrantReach,
}

impl Grant {
    /// A built-in role over what it is usually given for: a member their own desktops, everybody else everything.
    #[must_use]
    pub fn usual(role: Role) -> Self {
        let reach = if role == Role::Member { GrantReach::Own } else { GrantReach::Everything };
        Self { role: GrantedRole::BuiltIn(role), reach }
    }

    /// Whether the role can be given over that at all: an owner owns everything, a member is somebody with a desktop.
    #[must_use]
    pub fn fits(&self) -> bool {
        match self.role {
            GrantedRole::BuiltIn(Role::Owner) => self.reach == GrantReach::Everything,
            GrantedRole::BuiltIn(Role::Member) => self.reach == GrantReach::Own,
            _ => true,
        }
    }

    /// Whether it makes an owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.role == GrantedRole::BuiltIn(Role::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_own_everything_and_members_their_own() {
        let grant = |role, reach| Grant { role: GrantedRole::BuiltIn(role), reach };
        for role in Role::ALL {
            assert!(Grant::usual(*role).fits(), "{role}");
        }
        let region = GrantReach::Region("eu-central-1".parse().unwrap());
        assert!(!grant(Role::Owner, region.clone()).fits() && grant(Role::Admin, region.clone()).fits());
        assert!(!grant(Role::Member, region).fits() && !grant(Role::Member, GrantReach::Everything).fits());
    }

    #[test]
    fn a_grant_is_read_as_it_was_written() {
        let region = GrantReach::Region("eu-central-1".parse().unwrap());
        let grant = Grant { role: GrantedRole::BuiltIn(Role::Viewer), reach: region };
        let text = serde_json::to_string(&grant).unwrap();
        assert_eq!(text, r#"{"role":{"built_in":"viewer"},"reach":{"region":"eu-central-1"}}"#);
        assert_eq!(serde_json::from_str::<Grant>(&text).unwrap(), grant);
    }
}
