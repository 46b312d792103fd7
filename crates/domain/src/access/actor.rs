//! Who is asking: the first argument of every use case. An actor holds one or more roles, each within a scope; what they may
//! see depends on the permission they need for it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};

use super::{Permission, Role, Scope};
use crate::ids::{ApiKeyId, SessionId, UserId};

/// An actor lacks a permission. `Display` names it; the answer is 403.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission {permission}, which your role does not have")]
pub struct Forbidden {
    /// The permission that is missing.
    pub permission: Permission,
}

/// A dangerous action needs a fresh proof of who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepUpNeeded {
    /// A session: prove it again, then repeat.
    #[error("this needs a fresh proof that it is you: confirm your password or code, then try again")]
    Confirm,
    /// An API key can prove nothing.
    #[error("this can't be done with an API key: sign in and do it there")]
    NotByKey,
}

/// Permissions within a scope: what one role gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What may be done.
    pub permissions: BTreeSet<Permission>,
    /// With which objects.
    pub scope: Scope,
}

impl Held {
    /// A built-in role within a scope.
    #[must_use]
    pub fn role(role: Role, scope: Scope) -> Self {
        Self { permissions: role.permissions().into_iter().collect(), scope }
    }
}

/// From where somebody asks, for the audit log and for limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request, as in the logs; `None` when there is none (schedules, the command line).
    pub request_id: Option<String>,
    /// The trace that it belongs to, as in the header `traceparent`; `None` where traces are not sent.
    pub trace: Option<String>,
    /// The client's address, as far as it can be known.
    pub address: Option<IpAddr>,
    /// The session by which they ask.
    pub session_id: Option<SessionId>,
    /// The API key by which they ask.
    pub key_id: Option<ApiKeyId>,
    /// When they last proved who they are in that session.
    pub proved_at: Option<DateTime<Utc>>,
}

/// Who is asking, with what they may do and see.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user, or `None` for the system itself (schedules, the command line).
    pub user_id: Option<UserId>,
    /// A name for logs and job records: an e-mail address, or `system`.
    pub name: String,
    /// From where they ask.
    pub origin: Origin,
    held: Vec<Held>,
}

impl Actor {
    /// A signed-in user with what they hold.
    #[must_use]
    pub fn new(user_id: UserId, email: &str, held: Vec<Held>) -> Self {
        Self { user_id: Some(user_id), name: email.to_owned(), origin: Origin::default(), held }
    }

    /// A signed-in user with one built-in role: over everything, or over their own desktops for a member.
    #[must_use]
    pub fn user(user_id: UserId, email: &str, role: Role) -> Self {
        let scope = if role == Role::Member { Scope::own(email) } else { Scope::Everything };
        Self::new(user_id, email, vec![Held::role(role, scope)])
    }

    /// The installation itself: schedules, the reaper, the command line.
    #[must_use]
    pub fn system() -> Self {
        let held = vec![Held { permissions: Permission::ALL.iter().copied().collect(), scope: Scope::Everything }];
        Self { user_id: None, name: "system".to_owned(), origin: Origin::default(), held }
    }

    /// Somebody who is not signed in and may do nothing: who tried to sign in.
    #[must_use]
    pub fn nobody(origin: Origin) -> Self {
        Self { user_id: None, name: "nobody".to_owned(), origin, held: Vec::new() }
    }

    /// The same actor with no more than these permissions: what an API key leaves of its owner.
    #[must_use]
    pub fn narrowed(mut self, permissions: &BTreeSet<Permission>) -> Self {
        for held in &mut self.held {
            held.permissions.retain(|permission| permissions.contains(permission));
        }
        self
    }

    /// Whether the actor has the permission on some object.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.held.iter().any(|held| held.permissions.contains(&permission) && !held.scope.is_nothing())
    }

    /// Whether the actor has the permission on every object.
    #[must_use]
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.held.iter().any(|held| held.permissions.contains(&permission) && held.scope.is_everything())
    }

    /// Ok when the actor has the permission.
    ///
    /// # Errors
    /// [`Forbidden`] naming the permission that is missing.
    pub fn require(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.may(permission) { Ok(()) } else { Err(Forbidden { permission }) }
    }

    /// Ok when the actor has the permission on every object: for what belongs to no part of the fleet.
    ///
    /// # Errors
    /// [`Forbidden`] naming the permission that is missing.
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.may_everywhere(permission) { Ok(()) } else { Err(Forbidden { permission }) }
    }

    /// Ok when a person proved who they are within `window` before `now`. The system always has.
    ///
    /// # Errors
    /// [`StepUpNeeded`].
    pub fn require_proof(&self, now: DateTime<Utc>, window: Duration) -> Result<(), StepUpNeeded> {
        if self.user_id.is_none() {
            return Ok(());
        }
        if self.origin.key_id.is_some() {
            return Err(StepUpNeeded::NotByKey);
        }
        let fresh = self.origin.proved_at.is_some_and(|proved| now - proved < window);
        if fresh { Ok(()) } else { Err(StepUpNeeded::Confirm) }
    }

    /// What the actor may do, on some object at least, in order.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> + '_ {
        Permission::ALL.iter().copied().filter(|permission| self.may(*permission))
    }

    /// With which objects the actor may do it: the union over the roles that have the permission.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Scope {
        let having = self.held.iter().filter(|held| held.permissions.contains(&permission));
        having.fold(Scope::nothing(), |scope, held| scope.union(held.scope.clone()))
    }

    /// What the actor holds, role by role.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// Whether the actor holds at least that: nobody gives away more than they have.
    #[must_use]
    pub fn has_all_of(&self, other: &Held) -> bool {
        other.permissions.iter().all(|permission| self.scope(*permission).covers(&other.scope))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::Reach;
    use super::*;
    use crate::ids::AccountId;

    fn account(number: u128) -> Scope {
        Scope::only(Reach::Account { account_id: AccountId(Uuid::from_u128(number)) })
    }

    fn mixed() -> Actor {
        let held = vec![Held::role(Role::Viewer, account(1)), Held::role(Role::Operator, account(2))];
        Actor::new(UserId(Uuid::nil()), "grace@example.com", held)
    }

    #[test]
    fn a_role_reaches_no_further_than_its_scope() {
        let actor = mixed();
        assert_eq!(actor.scope(Permission::WorkspaceRead), account(1).union(account(2)));
        assert_eq!(actor.scope(Permission::WorkspaceStop), account(2));
        assert!(actor.scope(Permission::UserWrite).is_nothing());
        assert_eq!(actor.require(Permission::UserWrite), Err(Forbidden { permission: Permission::UserWrite }));
        assert!(actor.require(Permission::WorkspaceStop).is_ok());
        assert!(actor.require_everywhere(Permission::WorkspaceStop).is_err());
        assert!(!actor.may_everywhere(Permission::WorkspaceRead), "two parts are not everything");
        let held = vec![Held::role(Role::Viewer, account(1)), Held::role(Role::Viewer, Scope::Everything)];
        let actor = Actor::new(UserId(Uuid::nil()), "grace@example.com", held);
        assert!(actor.may_everywhere(Permission::WorkspaceRead) && !actor.may_everywhere(Permission::UserWrite));
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let actor = mixed();
        assert!(actor.has_all_of(&Held::role(Role::Viewer, account(2))));
        assert!(!actor.has_all_of(&Held::role(Role::Operator, account(1))));
        assert!(!actor.has_all_of(&Held::role(Role::Viewer, Scope::Everything)));
        assert!(Actor::system().has_all_of(&Held::role(Role::Owner, Scope::Everything)));
    }

    #[test]
    fn a_key_leaves_no_more_than_its_scopes() {
        let actor = mixed().narrowed(&BTreeSet::from([Permission::WorkspaceRead, Permission::UserWrite]));
        assert_eq!(actor.permissions().collect::<Vec<_>>(), [Permission::WorkspaceRead]);
    }

    #[test]
    fn a_proof_is_fresh_for_a_while_and_keys_have_none() {
        let (now, window) = (DateTime::from_timestamp(1_000_000, 0).unwrap(), Duration::minutes(10));
        let mut actor = mixed();
        assert_eq!(actor.require_proof(now, window), Err(StepUpNeeded::Confirm));
        actor.origin.proved_at = Some(now - Duration::minutes(9));
        assert_eq!(actor.require_proof(now, window), Ok(()));
        actor.origin.proved_at = Some(now - window);
        assert_eq!(actor.require_proof(now, window), Err(StepUpNeeded::Confirm));
        actor.origin = Origin { key_id: Some(ApiKeyId(Uuid::nil())), proved_at: Some(now), ..Origin::default() };
        assert_eq!(actor.require_proof(now, window), Err(StepUpNeeded::NotByKey));
        assert_eq!(Actor::system().require_proof(now, window), Ok(()));
    }
}
