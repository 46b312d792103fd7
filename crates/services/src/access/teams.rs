//! Teams: people whose desktops somebody may be given a role over. Who joins a team comes within reach of all who hold a role
//! over it, and who leaves it gets out of it: changing members is giving and taking, too, and so is removing a team.

use std::collections::BTreeSet;

use domain::access::{Actor, Held, Permission, Scope};
use domain::audit::Entry;
use domain::ids::{TeamId, UserId};
use serde_json::json;
use store::StoreError;
use store::repo::grants::{GrantRecord, grant_list_over_team};
use store::repo::invitations::invitation_grants_over_team;
use store::repo::people::users_fetch;
use store::repo::teams::{self, TeamQuery, TeamRecord};
use store::repo::users::UserRecord;

pub use store::repo::teams::TeamRecord as Team;

use super::check::{self, Keeper, unchanged};
use super::error::AccessError;
use super::invitations::resolved;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest};

/// Most members of a team.
pub const MEMBERS_MAX: usize = 1000;

/// A team with its members, by e-mail address.
#[derive(Debug, Clone)]
pub struct TeamDetail {
    /// The team.
    pub team: TeamRecord,
    /// Its members.
    pub members: Vec<UserRecord>,
}

/// What to change about a team. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamChange {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// A page of teams by name, each with how many members it has.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_teams(
    ctx: &Context,
    actor: &Actor,
    q: Option<String>,
    page: PageRequest,
) -> Result<Page<(TeamRecord, u64)>, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let total = teams::team_count(&ctx.db, q.as_deref()).await?;
    let query = TeamQuery { q, cursor: page.cursor, limit: page.limit };
    let page = teams::team_list(&ctx.db, &query).await?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}

/// One team with its members.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::NotFound`], [`AccessError::Store`].
pub async fn fetch_team(ctx: &Context, actor: &Actor, id: TeamId) -> Result<TeamDetail, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let detail = detail(&ctx.db, id).await?;
    let entry = Entry::new("team.read", Permission::UserRead).on("team", id);
    crate::audit::note_read(ctx, actor, entry).await?;
    Ok(detail)
}

/// Makes a team without members.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::Field`], [`AccessError::NameTaken`], [`AccessError::Store`].
pub async fn create_team(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    description: &str,
) -> Result<TeamDetail, AccessError> {
    create_team_once(ctx, actor, name, description, Keep::none()).await
}

/// [`create_team`], with its answer kept.
///
/// # Errors
/// As [`create_team`].
pub async fn create_team_once(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    description: &str,
    keep: Keep<'_, TeamDetail>,
) -> Result<TeamDetail, AccessError> {
    let (name, description) = (check::name("name", name)?, check::description(description)?);
    let tx = ctx.db.begin().await?;
    Keeper::without_proof(&tx, actor, Permission::TeamWrite).await?;
    let (id, now) = (TeamId(ctx.env.new_id()), ctx.env.now());
    let team = TeamRecord { id, name, description, version: 1, created_at: now, updated_at: now };
    teams::team_insert(&tx, &team).await.map_err(taken)?;
    let detail = detail(&tx, id).await?;
    let entry = Entry::new("team.create", Permission::TeamWrite).on("team", id).after(told(&detail.team));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    keep.answer(&tx, &detail).await?;
    tx.commit().await?;
    Ok(detail)
}

/// Changes a team's name and description.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::NotFound`], [`AccessError::Changed`] when it has another version than
/// `expected`, [`AccessError::Field`], [`AccessError::NameTaken`], [`AccessError::Store`].
pub async fn update_team(
    ctx: &Context,
    actor: &Actor,
    id: TeamId,
    expected: Option<i64>,
    change: TeamChange,
) -> Result<TeamDetail, AccessError> {
    let name = change.name.map(|name| check::name("name", &name)).transpose()?;
    let description = change.description.map(|text| check::description(&text)).transpose()?;
    let tx = ctx.db.begin().await?;
    Keeper::without_proof(&tx, actor, Permission::TeamWrite).await?;
    let before = fetch(&tx, id).await?;
    unchanged(expected, before.version)?;
    let mut after = TeamRecord {
        name: name.unwrap_or_else(|| before.name.clone()),
        description: description.unwrap_or_else(|| before.description.clone()),
        ..before.clone()
    };
    if after == before {
        return detail(&tx, id).await;
    }
    after.updated_at = ctx.env.now();
    if !teams::team_update(&tx, &after).await.map_err(taken)? {
        return Err(AccessError::Changed);
    }
    let detail = detail(&tx, id).await?;
    let entry = Entry::new("team.change", Permission::TeamWrite).on("team", id);
    let entry = entry.before(told(&before)).after(told(&detail.team));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    Ok(detail)
}

/// Replaces a team's members. Needs a fresh proof; whoever holds a role over the team reaches the desktops of those who join, and
/// no longer of those who leave, so that the actor must hold that much over them too.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when it has
/// another version than `expected`, [`AccessError::Field`] for somebody who is not there, [`AccessError::TooMuch`],
/// [`AccessError::Store`].
pub async fn set_members(
    ctx: &Context,
    actor: &Actor,
    id: TeamId,
    expected: Option<i64>,
    wanted: &[UserId],
) -> Result<TeamDetail, AccessError> {
    if wanted.len() > MEMBERS_MAX {
        return Err(AccessError::field("user_ids", "too_many", format!("takes at most {MEMBERS_MAX}")));
    }
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::TeamWrite).await?;
    let before = detail(&tx, id).await?;
    unchanged(expected, before.team.version)?;
    let had: BTreeSet<UserId> = before.members.iter().map(|member| member.id).collect();
    let kept: BTreeSet<UserId> = wanted.iter().copied().collect();
    let new: Vec<UserId> = kept.difference(&had).copied().collect();
    let gone: Vec<UserId> = had.difference(&kept).copied().collect();
    if new.is_empty() && gone.is_empty() {
        return Ok(before);
    }
    let people = users_fetch(&tx, &new).await?;
    let known: BTreeSet<UserId> = people.iter().map(|person| person.id).collect();
    if let Some(at) = wanted.iter().position(|one| !had.contains(one) && !known.contains(one)) {
        return Err(AccessError::field(format!("user_ids[{at}]"), "unknown", "there is no such user"));
    }
    let leaving = before.members.iter().filter(|member| !kept.contains(&member.id));
    let reached = people.iter().chain(leaving);
    let reached = reached.fold(Scope::nothing(), |scope, person| scope.union(Scope::own(&person.email)));
    let grants = grant_list_over_team(&tx, id).await?;
    for grant in given_over(&tx, ctx, id, &grants).await? {
        let wanted = Held { permissions: grant.permissions, scope: reached.clone() };
        keeper.covers(&wanted, || format!("{} over the desktops of who joins or leaves", grant.role_name))?;
    }
    teams::team_members_add(&tx, id, &new).await?;
    teams::team_members_remove(&tx, id, &gone).await?;
    let team = TeamRecord { updated_at: ctx.env.now(), ..before.team };
    if !teams::team_update(&tx, &team).await? {
        return Err(AccessError::Changed);
    }
    let detail = detail(&tx, id).await?;
    let entry = Entry::new("team.members", Permission::TeamWrite).on("team", id);
    let entry = entry.before(json!({ "user_ids": had })).after(json!({ "user_ids": kept }));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_all();
    Ok(detail)
}

/// Removes a team, and with it all that was given over it: nobody takes more than they hold.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when it has
/// another version than `expected`, [`AccessError::TooMuch`], [`AccessError::Store`].
pub async fn delete_team(ctx: &Context, actor: &Actor, id: TeamId, expected: Option<i64>) -> Result<(), AccessError> {
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::TeamWrite).await?;
    let team = fetch(&tx, id).await?;
    unchanged(expected, team.version)?;
    let grants = grant_list_over_team(&tx, id).await?;
    keeper.may_change("", &given_over(&tx, ctx, id, &grants).await?)?;
    teams::team_delete(&tx, id).await?;
    let lost: Vec<_> = grants.iter().map(|(user, grant)| json!({ "user": user, "role": grant.role_name })).collect();
    let entry = Entry::new("team.delete", Permission::TeamWrite).on("team", id);
    let entry = entry.before(json!({ "team": told(&team), "grants": lost }));
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_all();
    Ok(())
}

/// What people hold over the team, and what open invitations will give over it.
async fn given_over(
    tx: &store::Tx,
    ctx: &Context,
    id: TeamId,
    held: &[(UserId, GrantRecord)],
) -> Result<Vec<GrantRecord>, AccessError> {
    let now = ctx.env.now();
    let mut given: Vec<GrantRecord> = held.iter().map(|(_, grant)| grant.clone()).collect();
    given.extend(resolved(tx, &invitation_grants_over_team(tx, id, now).await?, now).await?);
    Ok(given)
}

async fn fetch(conn: &impl store::Connection, id: TeamId) -> Result<TeamRecord, AccessError> {
    teams::team_fetch(conn, id).await?.ok_or(AccessError::NotFound("team"))
}

async fn detail(conn: &impl store::Connection, id: TeamId) -> Result<TeamDetail, AccessError> {
    Ok(TeamDetail { team: fetch(conn, id).await?, members: teams::team_members(conn, id).await? })
}

fn taken(error: StoreError) -> AccessError {
    if error.is_conflict("uq_team_name") { AccessError::NameTaken { what: "team" } } else { error.into() }
}

fn told(team: &TeamRecord) -> serde_json::Value {
    json!({ "name": team.name, "description": team.description })
}
