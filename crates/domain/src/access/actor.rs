//! Who is asking: the first argument of every use case.

use std::collections::BTreeSet;

use super::{Permission, Role};
use crate::ids::UserId;

/// Which objects an actor may see at all. Queries start from it; there is no unscoped query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every object.
    Everything,
    /// Only WorkSpaces whose directory user name is this (a person with a desktop). Matches nothing else.
    OwnDesktops {
        /// The directory user name, compared without regard to case.
        user_name: String,
    },
}

/// An actor lacks a permission. `Display` names it; the answer is 403.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission {permission}, which your role does not have")]
pub struct Forbidden {
    /// The permission that is missing.
    pub permission: Permission,
}

/// Who is asking, with what they may do and see.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, or `None` for the system itself (schedules, the command line).
    pub user_id: Option<UserId>,
    /// A name for logs and job records: an e-mail address, or `system`.
    pub name: String,
    /// The request by which they ask, as in the logs; `None` when there is none (schedules, the command line).
    pub request_id: Option<String>,
    permissions: BTreeSet<Permission>,
    scope: Scope,
}

impl Actor {
    /// A signed-in user with a built-in role. A member's scope is their own desktops, found by the local part of the e-mail address.
    #[must_use]
    pub fn user(user_id: UserId, email: &str, role: Role) -> Self {
        let scope = match role {
            Role::Member => Scope::OwnDesktops { user_name: email.split('@').next().unwrap_or_default().to_owned() },
            _ => Scope::Everything,
        };
        Self {
            user_id: Some(user_id),
            name: email.to_owned(),
            request_id: None,
            permissions: role.permissions().into_iter().collect(),
            scope,
        }
    }

    /// The installation itself: schedules, the reaper, the command line.
    #[must_use]
    pub fn system() -> Self {
        Self {
            user_id: None,
            name: "system".to_owned(),
            request_id: None,
            permissions: Permission::ALL.iter().copied().collect(),
            scope: Scope::Everything,
        }
    }

    /// Whether the actor has the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Ok when the actor has the permission.
    ///
    /// # Errors
    /// [`Forbidden`] naming the permission that is missing.
    pub fn require(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.may(permission) { Ok(()) } else { Err(Forbidden { permission }) }
    }

    /// What the actor may do, in order.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        self.permissions.iter().copied()
    }

    /// Which objects the actor may see.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}
