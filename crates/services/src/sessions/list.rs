//! The sessions of a person, as they or their administrators see and end them.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{SessionId, UserId};
use serde_json::json;
use store::repo::sessions::{self, SessionRecord};
use store::repo::users;

use super::error::SessionError;
use super::service::end_all;
use crate::{Context, Page, PageRequest, audit};

/// A session as it is shown.
#[derive(Debug, Clone)]
pub struct SessionItem {
    /// The session.
    pub session: SessionRecord,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One's own sessions that still work, the latest begun first.
///
/// # Errors
/// [`SessionError::NotFound`] for an actor who is no person; [`SessionError::Store`], which includes a wrong cursor.
pub async fn list_own_sessions(
    ctx: &Context,
    actor: &Actor,
    page: PageRequest,
) -> Result<Page<SessionItem>, SessionError> {
    let user = actor.user_id.ok_or(SessionError::NotFound)?;
    list(ctx, actor, user, page).await
}

/// The sessions of a user that still work, the latest begun first.
///
/// # Errors
/// [`SessionError::Forbidden`], [`SessionError::NoSuchUser`], [`SessionError::Store`], which includes a wrong cursor.
pub async fn list_user_sessions(
    ctx: &Context,
    actor: &Actor,
    user: UserId,
    page: PageRequest,
) -> Result<Page<SessionItem>, SessionError> {
    actor.require_everywhere(Permission::UserRead)?;
    let known = users::user_fetch(&ctx.db, user).await?.ok_or(SessionError::NoSuchUser)?;
    let found = list(ctx, actor, user, page).await?;
    let entry = Entry::new("session.list", Permission::UserRead).on("user", user).named(&known.email);
    audit::note_read(ctx, actor, entry).await?;
    Ok(found)
}

async fn list(
    ctx: &Context,
    actor: &Actor,
    user: UserId,
    page: PageRequest,
) -> Result<Page<SessionItem>, SessionError> {
    let now = ctx.env.now();
    let (limit, cursor) = (u64::from(page.limit), page.cursor.as_deref());
    let used_after = now - ctx.policy.now().session_idle;
    let found = sessions::session_list(&ctx.db, user, now, used_after, limit, cursor).await?;
    let item = |session: SessionRecord| {
        let current = actor.origin.session_id == Some(session.id);
        SessionItem { session, current }
    };
    Ok(Page { items: found.rows.into_iter().map(item).collect(), next_cursor: found.next, total: found.total })
}

/// Ends one of one's own sessions, the asking one too.
///
/// # Errors
/// [`SessionError::NotFound`], [`SessionError::Store`].
pub async fn end_own_session(ctx: &Context, actor: &Actor, id: SessionId) -> Result<(), SessionError> {
    let user = actor.user_id.ok_or(SessionError::NotFound)?;
    let now = ctx.env.now();
    let tx = ctx.db.begin().await?;
    if !sessions::session_revoke(&tx, user, id, now).await? {
        return Err(SessionError::NotFound);
    }
    let entry = Entry::open("session.end").on("session", id).after(json!({ "revoked_at": now }));
    audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_session(id);
    Ok(())
}

/// Ends all of one's own sessions but the asking one. Gives how many.
///
/// # Errors
/// [`SessionError::NotFound`] for an actor who is no person; [`SessionError::Store`].
pub async fn end_other_sessions(ctx: &Context, actor: &Actor) -> Result<u64, SessionError> {
    let user = actor.user_id.ok_or(SessionError::NotFound)?;
    let tx = ctx.db.begin().await?;
    let ended = end_all(ctx, &tx, user, actor.origin.session_id).await?;
    let entry = Entry::open("session.end_others").on("user", user).after(json!({ "ended": ended }));
    audit::record(&tx, ctx, actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_user(user);
    Ok(ended)
}
