//! The use cases of sessions: begin, look up, end. A session ends after a time without requests (idle) and, whatever happens,
//! a time after sign-in (absolute): [`crate::Policy`].

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::access::{Actor, Origin};
use domain::audit::Entry;
use domain::ids::{SessionId, UserId};
use store::repo::grants::grant_list;
use store::repo::sessions;
use store::repo::users::UserRecord;
use store::{StoreError, Tx};

use super::error::SessionError;
use crate::access::{actor_from, role_name};
use crate::credentials::{self, Credential, Identified};
use crate::{Context, audit, token};

/// Longest user agent that is kept, bytes.
const MAX_USER_AGENT: usize = 400;

/// How somebody proved who they are when they signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// By password.
    #[default]
    Password,
    /// By password and a code of a second factor.
    SecondFactor,
    /// By a code that was sent by mail.
    EmailedCode,
    /// By a link that was sent or printed: the first owner, an invitation.
    Link,
    /// At another service.
    SingleSignOn,
}

impl Method {
    /// As it is kept and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecondFactor => "second_factor",
            Self::EmailedCode => "emailed_code",
            Self::Link => "link",
            Self::SingleSignOn => "single_sign_on",
        }
    }
}

/// From where and how somebody signs in; shown in their list of sessions.
#[derive(Debug, Clone, Default)]
pub struct SessionMeta {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request by which they do, as in the logs.
    pub request_id: Option<String>,
    /// The session that the client had until now, as [`token_digest`]: it ends, so that a token which somebody slipped into a
    /// browser, or read from it, is worth nothing after the sign-in.
    pub replaces: Option<String>,
    /// How they prove who they are.
    pub method: Method,
}

/// What is kept of a session's token: no secret, it opens nothing.
#[must_use]
pub fn token_digest(token: &str) -> String {
    token::digest(token)
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
    /// The one role to call them by.
    pub role: String,
    /// When the session ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// What they may do.
    pub actor: Actor,
}

impl SignedIn {
    /// Of somebody recognised by a session; `None` for a key.
    #[must_use]
    pub fn of(identified: &Identified) -> Option<Self> {
        Some(Self {
            session_id: identified.principal.session_id()?,
            user_id: identified.principal.user_id(),
            email: identified.actor.name.clone(),
            role: identified.role.clone(),
            expires_at: identified.expires_at?,
            actor: identified.actor.clone(),
        })
    }
}

/// A session that was just begun.
pub struct NewSession {
    /// The secret for the cookie. It is not stored and can't be had again.
    pub token: String,
    /// Who is signed in.
    pub signed_in: SignedIn,
    replaced: Option<Credential>,
}

impl NewSession {
    /// To be called when the sign-in is committed: the session it replaces is refused at once, and this one is familiar.
    pub fn committed(&self, ctx: &Context) {
        ctx.known.introduce(Credential::session(&self.token));
        if let Some(replaced) = &self.replaced {
            ctx.known.forget_credential(replaced);
        }
    }
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
    let identified = credentials::authenticate(ctx, &Credential::session(token), None).await?;
    Ok(identified.as_deref().and_then(SignedIn::of))
}

/// As [`authenticate`], without counting as use: for streams that stay open while nobody does anything.
///
/// # Errors
/// [`SessionError::Store`].
pub async fn still_signed_in(ctx: &Context, token: &str) -> Result<Option<SignedIn>, SessionError> {
    let identified = credentials::still_good(ctx, &Credential::session(token)).await?;
    Ok(identified.as_deref().and_then(SignedIn::of))
}

/// Ends the session of that token, which is the actor's. An unknown token is as good as signed out.
///
/// # Errors
/// [`SessionError::Store`].
pub async fn sign_out(ctx: &Context, actor: &Actor, token: &str) -> Result<(), SessionError> {
    let tx = ctx.db.begin().await?;
    if sessions::session_revoke_by_token(&tx, &token::digest(token), ctx.env.now()).await? {
        let entry = Entry::open("session.end");
        let entry = match actor.origin.session_id {
            Some(session) => entry.on("session", session),
            None => entry,
        };
        audit::record(&tx, ctx, actor, entry).await?;
        tx.commit().await?;
    }
    ctx.known.forget_credential(&Credential::session(token));
    Ok(())
}

/// Begins a session within the transaction, and ends the one it replaces. Call [`NewSession::committed`] after the commit.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn begin(
    ctx: &Context,
    tx: &Tx,
    user: &UserRecord,
    meta: SessionMeta,
) -> Result<NewSession, StoreError> {
    // As the database keeps it, so that who just signed in is told the same as whoever asks later.
    let (now, token) = (ctx.env.now().trunc_subsecs(6), token::new(ctx));
    if let Some(replaced) = &meta.replaces {
        sessions::session_revoke_by_token(tx, replaced, now).await?;
    }
    let session = sessions::NewSession {
        id: SessionId(ctx.env.new_id()),
        user_id: user.id,
        token_hash: token::digest(&token),
        at: now,
        expires_at: now + ctx.policy.now().session_absolute,
        user_agent: meta.user_agent.map(|text| shortened(&text)),
        ip_address: meta.ip.map(|ip| ip.to_string()),
        method: meta.method.as_str().to_owned(),
    };
    sessions::session_insert(tx, &session).await?;
    let grants = grant_list(tx, user.id).await?;
    let mut actor = actor_from(user, &grants);
    actor.origin = Origin {
        request_id: meta.request_id,
        trace: None,
        address: meta.ip,
        session_id: Some(session.id),
        key_id: None,
        proved_at: Some(now),
    };
    Ok(NewSession {
        token,
        signed_in: SignedIn {
            session_id: session.id,
            user_id: user.id,
            email: user.email.clone(),
            role: role_name(&grants),
            expires_at: session.expires_at,
            actor,
        },
        replaced: meta.replaces.map(Credential::Session),
    })
}

/// Ends every session of a person within the transaction, but for `kept`. Gives how many there were. Call
/// `ctx.known.forget_user` after the commit.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn end_all(ctx: &Context, tx: &Tx, user: UserId, kept: Option<SessionId>) -> Result<u64, StoreError> {
    store::repo::oidc::login_end_all(tx, user).await?;
    sessions::session_revoke_all(tx, user, kept, ctx.env.now()).await
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
