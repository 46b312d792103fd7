//! The checks that all changes of who may do what have in common. All of them within the transaction, under the lock.

use std::collections::BTreeSet;

use domain::access::{Actor, Forbidden, GrantReach, Held, Permission, Scope};
use domain::ids::TeamId;
use store::Tx;
use store::repo::grants::{GrantRecord, access_lock, enabled_owner_count, grant_list};
use store::repo::users::{UserRecord, user_fetch};

use super::actor::{actor_from, held};
use super::error::AccessError;
use crate::Context;

/// Longest name of a role, a team or a person, characters.
pub(super) const NAME_MAX: usize = 80;
/// Longest description, characters.
pub(super) const DESCRIPTION_MAX: usize = 500;

/// Somebody who is about to change who may do what: what they hold now, not when their request began.
pub(super) struct Keeper {
    /// Who.
    pub(super) actor: Actor,
    /// Whether they are an owner, or the installation itself.
    owner: bool,
    /// What they hold over which teams.
    teams: Vec<(TeamId, BTreeSet<Permission>)>,
}

impl Keeper {
    /// Begins: takes the lock, and looks at what the actor holds now.
    pub(super) async fn begin(
        tx: &Tx,
        ctx: &Context,
        actor: &Actor,
        permission: Permission,
    ) -> Result<Self, AccessError> {
        actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
        Self::without_proof(tx, actor, permission).await
    }

    /// The same for what needs no proof.
    pub(super) async fn without_proof(tx: &Tx, actor: &Actor, permission: Permission) -> Result<Self, AccessError> {
        actor.require_everywhere(permission)?;
        access_lock(tx).await?;
        let Some(id) = actor.user_id else {
            return Ok(Self { actor: actor.clone(), owner: true, teams: Vec::new() });
        };
        let user = user_fetch(tx, id).await?.filter(|user| user.enabled).ok_or(Forbidden { permission })?;
        let grants = grant_list(tx, id).await?;
        // A key may do less than its person: what it may not when the request began, it may not now.
        let left = actor.permissions().collect();
        let mut fresh = actor_from(&user, &grants).narrowed(&left);
        fresh.origin = actor.origin.clone();
        fresh.require_everywhere(permission)?;
        let owner = grants.iter().any(|grant| grant.grant.is_owner());
        let teams = grants.into_iter().filter_map(|record| match record.grant.reach {
            GrantReach::Team(team) => Some((team, record.permissions)),
            _ => None,
        });
        Ok(Self { actor: fresh, owner, teams: teams.collect() })
    }

    /// Ok when these grants may be given to that person, or taken from them.
    pub(super) fn may_change(&self, email: &str, grants: &[GrantRecord]) -> Result<(), AccessError> {
        for grant in grants {
            if grant.grant.is_owner() && !self.owner {
                return Err(AccessError::OwnersOnly);
            }
            let what = || format!("{} over {}", grant.role_name, over(grant));
            match grant.grant.reach {
                GrantReach::Team(team) if !self.holds_over(team, &grant.permissions) => {
                    return Err(AccessError::TooMuch { what: what() });
                }
                GrantReach::Team(_) => {}
                _ => self.covers(&held(grant, email), what)?,
            }
        }
        Ok(())
    }

    /// Whether they hold these permissions over the team itself, or over everything. Whose desktops that is today does not count:
    /// who holds something over a team reaches those, too, who join it later.
    fn holds_over(&self, team: TeamId, permissions: &BTreeSet<Permission>) -> bool {
        permissions.iter().all(|permission| {
            let own = self.teams.iter().any(|(held, permissions)| *held == team && permissions.contains(permission));
            own || self.actor.scope(*permission).covers(&Scope::Everything)
        })
    }

    /// Ok when the actor holds at least that.
    pub(super) fn covers(&self, wanted: &Held, what: impl FnOnce() -> String) -> Result<(), AccessError> {
        if self.actor.has_all_of(wanted) { Ok(()) } else { Err(AccessError::TooMuch { what: what() }) }
    }
}

/// Ok when an owner is left who can sign in. Asked after the change, and only where an owner was touched: an installation may
/// never have had one.
pub(super) async fn an_owner_is_left(tx: &Tx) -> Result<(), AccessError> {
    if enabled_owner_count(tx).await? > 0 { Ok(()) } else { Err(AccessError::LastOwner) }
}

/// Ok when the change is meant for what is there.
pub(super) fn unchanged(expected: Option<i64>, version: i64) -> Result<(), AccessError> {
    if expected.is_none_or(|expected| expected == version) { Ok(()) } else { Err(AccessError::Changed) }
}

/// The person, or that there is none.
pub(super) async fn person(conn: &impl store::Connection, id: domain::ids::UserId) -> Result<UserRecord, AccessError> {
    user_fetch(conn, id).await?.ok_or(AccessError::NotFound("user"))
}

/// A name without blanks around it and without control characters.
pub(super) fn name(field: &str, text: &str) -> Result<String, AccessError> {
    let name = text.trim();
    let wrong = |message: String| AccessError::field(field, "invalid", message);
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(wrong(format!("must have 1 to {NAME_MAX} characters")));
    }
    if name.chars().any(char::is_control) {
        return Err(wrong("must not hold control characters".to_owned()));
    }
    Ok(name.to_owned())
}

/// A description without blanks around it.
pub(super) fn description(text: &str) -> Result<String, AccessError> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX {
        let message = format!("must have at most {DESCRIPTION_MAX} characters");
        return Err(AccessError::field("description", "invalid", message));
    }
    Ok(text.to_owned())
}

fn over(grant: &GrantRecord) -> String {
    use domain::access::GrantReach as R;
    match &grant.grant.reach {
        R::Everything => "everything".to_owned(),
        R::Account(_) => "an account".to_owned(),
        R::Region(region) => format!("the region {}", region.as_str()),
        R::Directory(_) => "a directory".to_owned(),
        R::Team(_) => "a team's desktops".to_owned(),
        R::Own => "the desktops of that user name".to_owned(),
    }
}
