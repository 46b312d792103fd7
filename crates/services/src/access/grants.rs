//! What people are given: a role each over a part of the fleet. Replaced as a whole, so that what somebody holds afterwards
//! is what was asked for, whatever it was before.

use std::collections::{BTreeSet, HashMap};

use domain::access::{Actor, Grant, GrantReach, Permission};
use domain::audit::Entry;
use domain::ids::{GrantId, UserId};
use serde_json::{Value, json};
use store::Tx;
use store::repo::grants::{self, GrantRecord, NewGrant, grant_delete, grant_insert, grant_list};
use store::repo::people::user_update;
use uuid::Uuid;

use super::check::{Keeper, an_owner_is_left, person, unchanged};
use super::error::AccessError;
use super::users::{UserDetail, detail};
use crate::Context;

/// Most grants that one person can have.
pub const GRANTS_MAX: usize = 50;

/// A grant as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDetail {
    /// The grant with its role's name.
    pub record: GrantRecord,
    /// The name of the account, directory or team that it reaches.
    pub reach_name: Option<String>,
}

/// Replaces what somebody holds. Needs a fresh proof; nobody gives or takes more than they hold.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when they have
/// another version than `expected`, [`AccessError::Field`], [`AccessError::TooMuch`], [`AccessError::OwnersOnly`],
/// [`AccessError::LastOwner`], [`AccessError::Store`].
pub async fn set_grants(
    ctx: &Context,
    actor: &Actor,
    id: UserId,
    expected: Option<i64>,
    wanted: &[Grant],
) -> Result<UserDetail, AccessError> {
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::UserWrite).await?;
    let user = person(&tx, id).await?;
    unchanged(expected, user.version)?;
    let before = grant_list(&tx, id).await?;
    let fields = |at: usize| format!("grants[{at}]");
    let kept: BTreeSet<&Grant> = wanted.iter().collect();
    let had: BTreeSet<&Grant> = before.iter().map(|record| &record.grant).collect();
    check_targets(&tx, wanted, fields).await?;

    let gone: Vec<GrantRecord> = before.iter().filter(|record| !kept.contains(&record.grant)).cloned().collect();
    grant_delete(&tx, &gone.iter().map(|record| record.id).collect::<Vec<_>>()).await?;
    let mut new = BTreeSet::new();
    for grant in kept.difference(&had) {
        new.insert(insert(ctx, &tx, id, (*grant).clone()).await?);
    }
    let after = grant_list(&tx, id).await?;
    if new.is_empty() && gone.is_empty() {
        return detail(&tx, user).await;
    }
    let given: Vec<GrantRecord> = after.iter().filter(|record| new.contains(&record.id)).cloned().collect();
    keeper.may_change(&user.email, &given)?;
    keeper.may_change(&user.email, &gone)?;
    if user.enabled && gone.iter().any(|record| record.grant.is_owner()) {
        an_owner_is_left(&tx).await?;
    }
    if !user_update(&tx, &user, ctx.env.now()).await? {
        return Err(AccessError::Changed);
    }
    let detail = detail(&tx, person(&tx, id).await?).await?;
    let entry = Entry::new("user.grant", Permission::UserWrite).on("user", id).named(&user.email).about(id);
    let entry = entry.before(json!({ "grants": told(&before) })).after(json!({ "grants": told(&after) }));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_user(id);
    Ok(detail)
}

/// Gives somebody a role within the transaction; the caller has checked that it may be given.
pub(super) async fn insert(ctx: &Context, tx: &Tx, user_id: UserId, grant: Grant) -> Result<GrantId, AccessError> {
    let id = GrantId(ctx.env.new_id());
    grant_insert(tx, &NewGrant { id, user_id, grant, at: ctx.env.now() }).await?;
    Ok(id)
}

/// Ok when each grant fits its role and what it names is there; `field` names the one at a place.
pub(super) async fn check_targets(
    tx: &Tx,
    wanted: &[Grant],
    field: impl Fn(usize) -> String,
) -> Result<(), AccessError> {
    if wanted.len() > GRANTS_MAX {
        return Err(AccessError::field("grants", "too_many", format!("takes at most {GRANTS_MAX}")));
    }
    for (at, grant) in wanted.iter().enumerate() {
        let at = field(at);
        if !grant.fits() {
            let message = "an owner owns everything, and a member has their own desktops: no other reach is possible";
            return Err(AccessError::field(format!("{at}.reach"), "misfit", message));
        }
        if !grants::role_exists(tx, grant.role).await? {
            return Err(AccessError::field(format!("{at}.role_id"), "unknown", "there is no such role"));
        }
        if !grants::reach_exists(tx, &grant.reach).await? {
            let kind = grant.reach.kind();
            return Err(AccessError::field(format!("{at}.{kind}_id"), "unknown", format!("there is no such {kind}")));
        }
    }
    Ok(())
}

/// Grants with the names of what they reach.
pub(super) async fn details(
    conn: &impl store::Connection,
    records: Vec<GrantRecord>,
) -> Result<Vec<GrantDetail>, AccessError> {
    let names = grants::reach_names(conn, records.iter().map(|record| &record.grant.reach)).await?;
    Ok(records.into_iter().map(|record| named(record, &names)).collect())
}

pub(super) fn named(record: GrantRecord, names: &HashMap<Uuid, String>) -> GrantDetail {
    let reach_name = target(&record.grant.reach).and_then(|id| names.get(&id)).cloned();
    GrantDetail { record, reach_name }
}

/// The row that a grant reaches, where it is one.
fn target(reach: &GrantReach) -> Option<Uuid> {
    match reach {
        GrantReach::Account(id) => Some(id.0),
        GrantReach::Directory(id) => Some(id.0),
        GrantReach::Team(id) => Some(id.0),
        GrantReach::Everything | GrantReach::Region(_) | GrantReach::Own => None,
    }
}

/// Grants for the audit log: by role and reach, with no name of a person.
pub(super) fn told(records: &[GrantRecord]) -> Vec<Value> {
    records.iter().map(|record| json!({ "role": record.role_name, "reach": record.grant.reach })).collect()
}
