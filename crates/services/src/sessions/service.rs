//! The use cases of sessions: begin, look up, end. A session ends after a time without requests (idle) and, whatever happens,
//! a time after sign-in (absolute): [`crate::Policy`].

use std::net::IpAddr;

use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use domain::access::{Actor, Role};
use domain::ids::{SessionId, UserId};
use store::repo::sessions;

use super::error::SessionError;
use crate::{Context, token};

/// A session's last use is written at most this often, seconds.
const TOUCH_SECONDS: i64 = 60;
/// Longest user agent that is kept, bytes.
const MAX_USER_AGENT: usize = 400;

/// From where somebody signs in; shown in their list of sessions.
#[derive(Debug, Clone, Default)]
pub struct SessionMeta {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// When the session ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// What they may do.
    pub actor: Actor,
}

/// A session that was just begun.
pub struct NewSession {
    /// The secret for the cookie. It is not stored and can't be had again.
    pub token: String,
    /// Who is signed in.
    pub signed_in: SignedIn,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("signed_in", &self.signed_in).finish_non_exhaustive()
    }
}

/// Who the token belongs to; `None` when it is unknown, signed out or timed out, or its user is disabled. Notes that the
/// session was used.
///
/// # Errors
/// [`SessionError::Store`].
pub async fn authenticate(ctx: &Context, token: &str) -> Result<Option<SignedIn>, SessionError> {
    let now = ctx.env.now();
    let Some((signed_in, last_seen_at)) = look(ctx, token, now).await? else { return Ok(None) };
    if now - last_seen_at >= Duration::seconds(TOUCH_SECONDS)
        && let Err(error) = sessions::session_touch(&ctx.db, signed_in.session_id, now).await
    {
        // Who may read is not refused because a note could not be made.
        tracing::warn!(error = &error as &dyn std::error::Error, "a session's last use could not be noted");
    }
    Ok(Some(signed_in))
}

/// As [`authenticate`], without counting as use: for streams that stay open while nobody does anything.
///
/// # Errors
/// [`SessionError::Store`].
pub async fn still_signed_in(ctx: &Context, token: &str) -> Result<Option<SignedIn>, SessionError> {
    Ok(look(ctx, token, ctx.env.now()).await?.map(|(signed_in, _)| signed_in))
}

async fn look(
    ctx: &Context,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<(SignedIn, DateTime<Utc>)>, SessionError> {
    let Some((session, user)) = sessions::session_fetch_by_token(&ctx.db, &token::digest(token), now).await? else {
        return Ok(None);
    };
    if now >= session.last_seen_at + ctx.policy.session_idle {
        return Ok(None);
    }
    let actor = Actor::user(user.id, &user.email, user.role);
    let signed_in = SignedIn {
        session_id: session.id,
        user_id: user.id,
        email: user.email,
        role: user.role,
        expires_at: session.expires_at,
        actor,
    };
    Ok(Some((signed_in, session.last_seen_at)))
}

/// Ends the session of that token. An unknown token is as good as signed out.
///
/// # Errors
/// [`SessionError::Store`].
pub async fn sign_out(ctx: &Context, token: &str) -> Result<(), SessionError> {
    sessions::session_revoke_by_token(&ctx.db, &token::digest(token), ctx.env.now()).await?;
    Ok(())
}

/// Begins a session within the transaction.
///
/// # Errors
/// [`SessionError::Store`].
pub(crate) async fn begin(
    ctx: &Context,
    tx: &store::Tx,
    user_id: UserId,
    email: &str,
    role: Role,
    meta: SessionMeta,
) -> Result<NewSession, SessionError> {
    // As the database keeps it, so that who just signed in is told the same as whoever asks later.
    let (now, token) = (ctx.env.now().trunc_subsecs(6), token::new(ctx));
    let session = sessions::NewSession {
        id: SessionId(ctx.env.new_id()),
        user_id,
        token_hash: token::digest(&token),
        at: now,
        expires_at: now + ctx.policy.session_absolute,
        user_agent: meta.user_agent.map(|text| shortened(&text)),
        ip_address: meta.ip.map(|ip| ip.to_string()),
    };
    sessions::session_insert(tx, &session).await?;
    let actor = Actor::user(user_id, email, role);
    let (session_id, expires_at) = (session.id, session.expires_at);
    Ok(NewSession {
        token,
        signed_in: SignedIn { session_id, user_id, email: email.to_owned(), role, expires_at, actor },
    })
}

/// At most [`MAX_USER_AGENT`] bytes, cut between characters.
fn shortened(text: &str) -> String {
    let end = (0..=MAX_USER_AGENT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_user_agents_are_cut_between_characters() {
        assert_eq!(shortened("curl"), "curl");
        let cut = shortened(&"é".repeat(300));
        assert_eq!(cut.len(), MAX_USER_AGENT);
        assert_eq!(shortened(&format!("a{}", "é".repeat(300))).len(), MAX_USER_AGENT - 1);
    }
}
