//! People, as administrators look at them and change them. Removing somebody with all their data is `crate::privacy`.

use std::collections::HashMap;

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::UserId;
use serde_json::json;
use store::repo::grants::{self, GrantRecord, grant_list};
use store::repo::people::{self, UserFilter, UserQuery, UserSort, user_update};
use store::repo::sessions::session_revoke_all;
use store::repo::teams::{TeamRecord, team_list_of};
use store::repo::users::UserRecord;

pub use store::repo::people::{SortDirection, UserFilter as Filter, UserSort as Sort};

use super::actor::grants_of;
use super::check::{self, Keeper, an_owner_is_left, person, unchanged};
use super::error::AccessError;
use super::grants::{GrantDetail, details, named};
use crate::sessions::end_all;
use crate::{Context, Page, PageRequest};

/// A person with what they were given.
#[derive(Debug, Clone)]
pub struct UserDetail {
    /// The person.
    pub user: UserRecord,
    /// What they hold.
    pub grants: Vec<GrantDetail>,
    /// The teams they are in, by name.
    pub teams: Vec<TeamRecord>,
}

/// What to change about somebody. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The name to show.
    pub display_name: Option<String>,
    /// Whether they may sign in.
    pub enabled: Option<bool>,
}

/// A page of people.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::Store`] (with `BadCursor` for a cursor of another filter or sort).
pub async fn list_users(
    ctx: &Context,
    actor: &Actor,
    filter: UserFilter,
    (sort, direction): (UserSort, SortDirection),
    page: PageRequest,
) -> Result<Page<UserDetail>, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let total = people::user_count(&ctx.db, &filter).await?;
    let (q, enabled) = (filter.q.clone(), filter.enabled);
    let (items, next_cursor) = page_of_users(&ctx.db, filter, (sort, direction), page.cursor, page.limit).await?;
    let entry = Entry::new("user.list", Permission::UserRead);
    let entry = entry.after(json!({ "sort": sort.as_str(), "enabled": enabled }));
    crate::audit::note_read(ctx, actor, entry.personal(json!({ "q": q }))).await?;
    Ok(Page { items, next_cursor, total })
}

/// People with what they hold, and where the next ones are. Checks nothing and notes nothing.
pub(crate) async fn page_of_users(
    conn: &impl store::Connection,
    filter: UserFilter,
    (sort, direction): (UserSort, SortDirection),
    cursor: Option<String>,
    limit: u32,
) -> Result<(Vec<UserDetail>, Option<String>), store::StoreError> {
    let query = UserQuery { filter, sort, direction, cursor, limit };
    let page = people::user_page(conn, &query).await?;
    let ids: Vec<UserId> = page.rows.iter().map(|user| user.id).collect();
    let mut held = grants_of(conn, &ids).await?;
    let names = grants::reach_names(conn, held.values().flatten().map(|record| &record.grant.reach)).await?;
    let mut teams: HashMap<UserId, Vec<TeamRecord>> = HashMap::new();
    for (user, team) in team_list_of(conn, &ids).await? {
        teams.entry(user).or_default().push(team);
    }
    let items = page.rows.into_iter().map(|user| {
        let grants = held.remove(&user.id).unwrap_or_default();
        let grants = grants.into_iter().map(|record| named(record, &names)).collect();
        UserDetail { grants, teams: teams.remove(&user.id).unwrap_or_default(), user }
    });
    Ok((items.collect(), page.next))
}

/// One person.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::NotFound`], [`AccessError::Store`].
pub async fn fetch_user(ctx: &Context, actor: &Actor, id: UserId) -> Result<UserDetail, AccessError> {
    actor.require_everywhere(Permission::UserRead)?;
    let detail = detail(&ctx.db, person(&ctx.db, id).await?).await?;
    let entry = Entry::new("user.read", Permission::UserRead).on("user", id).named(&detail.user.email).about(id);
    crate::audit::note_read(ctx, actor, entry).await?;
    Ok(detail)
}

/// Changes somebody's name, or whether they may sign in. Who may not sign in is signed out at once, everywhere. Taking that
/// away and giving it back is giving and taking all that they hold, and needs a fresh proof.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::Changed`] when they have
/// another version than `expected`, [`AccessError::Field`], [`AccessError::TooMuch`], [`AccessError::OwnersOnly`],
/// [`AccessError::LastOwner`], [`AccessError::Store`].
pub async fn update_user(
    ctx: &Context,
    actor: &Actor,
    id: UserId,
    expected: Option<i64>,
    change: UserChange,
) -> Result<UserDetail, AccessError> {
    let display_name = change.display_name.map(|text| check::name("display_name", &text)).transpose()?;
    let now = ctx.env.now();
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::without_proof(&tx, actor, Permission::UserWrite).await?;
    let user = person(&tx, id).await?;
    unchanged(expected, user.version)?;
    let changed = UserRecord {
        display_name: display_name.unwrap_or_else(|| user.display_name.clone()),
        enabled: change.enabled.unwrap_or(user.enabled),
        ..user.clone()
    };
    if changed == user {
        return detail(&tx, user).await;
    }
    if changed.enabled != user.enabled {
        actor.require_proof(now, ctx.policy.now().proof_window)?;
        may_change(&tx, &keeper, &user).await?;
    }
    if !user_update(&tx, &changed, now).await? {
        return Err(AccessError::Changed);
    }
    let detail = detail(&tx, person(&tx, id).await?).await?;
    if user.enabled && !changed.enabled {
        session_revoke_all(&tx, id, None, now).await?;
        if detail.grants.iter().any(|grant| grant.record.grant.is_owner()) {
            an_owner_is_left(&tx).await?;
        }
    }
    let entry = Entry::new("user.change", Permission::UserWrite).on("user", id).named(&user.email).about(id);
    let entry = entry.before(json!({ "enabled": user.enabled })).after(json!({ "enabled": changed.enabled }));
    let names = json!({ "before": user.display_name, "after": changed.display_name });
    let renamed = user.display_name != changed.display_name;
    let entry = if renamed { entry.personal(json!({ "display_name": names })) } else { entry };
    crate::audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_user(id);
    Ok(detail)
}

/// Ends all sessions of somebody. Needs a fresh proof; nobody ends those of somebody who holds more than they do. Gives how many.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::NotFound`], [`AccessError::TooMuch`],
/// [`AccessError::OwnersOnly`], [`AccessError::Store`].
pub async fn end_user_sessions(ctx: &Context, actor: &Actor, id: UserId) -> Result<u64, AccessError> {
    let tx = ctx.db.begin().await?;
    let keeper = Keeper::begin(&tx, ctx, actor, Permission::UserWrite).await?;
    let user = person(&tx, id).await?;
    may_change(&tx, &keeper, &user).await?;
    let ended = end_all(ctx, &tx, id, None).await?;
    let entry = Entry::new("session.end_all", Permission::UserWrite).on("user", id).named(&user.email).about(id);
    crate::audit::record(&tx, ctx, actor, entry.after(json!({ "ended": ended }))).await?;
    tx.commit().await?;
    ctx.known.forget_user(id);
    Ok(ended)
}

/// Ok when the keeper holds all that the person holds, which this gives.
async fn may_change(tx: &store::Tx, keeper: &Keeper, user: &UserRecord) -> Result<Vec<GrantRecord>, AccessError> {
    let grants = grant_list(tx, user.id).await?;
    keeper.may_change(&user.email, &grants)?;
    Ok(grants)
}

/// A person with what belongs to them.
pub(super) async fn detail(conn: &impl store::Connection, user: UserRecord) -> Result<UserDetail, AccessError> {
    let grants = details(conn, grant_list(conn, user.id).await?).await?;
    let teams = team_list_of(conn, &[user.id]).await?.into_iter().map(|(_, team)| team).collect();
    Ok(UserDetail { user, grants, teams })
}

/// Ok when the actor may remove somebody: themselves, or somebody who holds no more than they do; never the last owner who
/// can sign in. Call it first in the transaction of the removal: nobody's access changes until its end.
///
/// # Errors
/// [`AccessError::Forbidden`], [`AccessError::StepUp`], [`AccessError::TooMuch`], [`AccessError::OwnersOnly`],
/// [`AccessError::LastOwner`], [`AccessError::Store`].
pub(crate) async fn may_remove(
    tx: &store::Tx,
    ctx: &Context,
    actor: &Actor,
    user: &UserRecord,
) -> Result<(), AccessError> {
    let grants = if actor.user_id == Some(user.id) {
        actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
        grants::access_lock(tx).await?;
        grant_list(tx, user.id).await?
    } else {
        let keeper = Keeper::begin(tx, ctx, actor, Permission::UserWrite).await?;
        may_change(tx, &keeper, user).await?
    };
    let owner = grants.iter().any(|grant| grant.grant.is_owner());
    if owner && user.enabled && grants::enabled_owner_count(tx).await? < 2 {
        return Err(AccessError::LastOwner);
    }
    Ok(())
}
