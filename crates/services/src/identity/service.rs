//! The use cases of first run, sign-in, sessions and users.
//!
//! Secrets that travel (session tokens, one-time links) are 32 random bytes; only their SHA-256 is stored. A session ends
//! after a time without requests (idle) and, whatever happens, a time after sign-in (absolute): [`crate::Policy`].

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use domain::access::{Actor, Permission, Role, is_email};
use domain::ids::{SessionId, UserId};
use sha2::{Digest as _, Sha256};
use store::repo::{sessions, users};

use super::error::IdentityError;
use super::password;
use crate::Context;

/// How long a one-time link is good.
const LINK_HOURS: i64 = 24;
/// A session's last use is written at most this often, seconds.
const TOUCH_SECONDS: i64 = 60;
/// Longest user agent that is kept, bytes.
const MAX_USER_AGENT: usize = 400;

/// Whether the owner is still to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupState {
    /// True until the one-time link was used.
    pub needs_owner: bool,
}

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

/// A user to create.
#[derive(Clone)]
pub struct NewUser {
    /// The e-mail address.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The password.
    pub password: String,
}

/// Whether there is no user at all. The owner is looked for first: that is one row, and nearly always there.
async fn nobody_yet(ctx: &Context) -> Result<bool, IdentityError> {
    Ok(!users::owner_exists(&ctx.db).await? && users::user_list(&ctx.db).await?.is_empty())
}

/// Whether the owner is still to be created. Anybody may ask.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn setup_state(ctx: &Context) -> Result<SetupState, IdentityError> {
    Ok(SetupState { needs_owner: nobody_yet(ctx).await? })
}

/// Makes the one-time link's token, good for 24 hours; the one before is no longer good. `None` once there is a user.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn issue_setup_link(ctx: &Context) -> Result<Option<String>, IdentityError> {
    if !nobody_yet(ctx).await? {
        return Ok(None);
    }
    let tx = ctx.db.begin().await?;
    let token = new_token(ctx);
    let now = ctx.env.now();
    users::setup_token_insert(&tx, ctx.env.new_id(), &digest(&token), now, now + Duration::hours(LINK_HOURS)).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Creates the owner with the one-time link and signs them in. Of several at once, one succeeds.
///
/// # Errors
/// [`IdentityError::LinkSpent`], [`IdentityError::InvalidEmail`], [`IdentityError::WeakPassword`],
/// [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn create_owner(
    ctx: &Context,
    token: &str,
    email: &str,
    password: &str,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    let email = normal_email(email)?;
    password::check_new(password, &email)?;
    // A link that outlived the first user (somebody used the command line meanwhile) creates nobody.
    if !nobody_yet(ctx).await? {
        return Err(IdentityError::LinkSpent);
    }
    // Before the transaction: hashing takes long, and SQLite has one writer.
    let hash = ctx.passwords.hash(password).await?;
    let now = ctx.env.now();
    let tx = ctx.db.begin().await?;
    // Taking the token is what decides a race: it can be taken once.
    if !users::setup_token_consume(&tx, &digest(token), now).await? {
        return Err(IdentityError::LinkSpent);
    }
    let user = new_user(ctx, email, Role::Owner, hash);
    users::user_insert(&tx, &user).await.map_err(taken)?;
    let session = begin_session(ctx, &tx, user.id, &user.email, Role::Owner, meta).await?;
    tx.commit().await?;
    tracing::info!(user = %user.id, "the owner was created");
    Ok(session)
}

/// Signs in. A wrong password and an unknown user are the same to the caller, in words and in time.
///
/// # Errors
/// [`IdentityError::BadCredentials`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn sign_in(
    ctx: &Context,
    email: &str,
    password: &str,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    let email = email.trim().to_lowercase();
    let user = users::user_fetch_by_email(&ctx.db, &email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let fits = ctx.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|user| fits && user.enabled) else {
        return Err(IdentityError::BadCredentials);
    };
    let tx = ctx.db.begin().await?;
    let session = begin_session(ctx, &tx, user.id, &user.email, user.role, meta).await?;
    users::user_signed_in(&tx, user.id, ctx.env.now()).await?;
    tx.commit().await?;
    Ok(session)
}

/// Who the token belongs to; `None` when it is unknown, signed out or timed out, or its user is disabled. Notes that the
/// session was used.
///
/// # Errors
/// [`IdentityError::Store`].
pub async fn authenticate(ctx: &Context, token: &str) -> Result<Option<SignedIn>, IdentityError> {
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
/// [`IdentityError::Store`].
pub async fn still_signed_in(ctx: &Context, token: &str) -> Result<Option<SignedIn>, IdentityError> {
    Ok(look(ctx, token, ctx.env.now()).await?.map(|(signed_in, _)| signed_in))
}

async fn look(
    ctx: &Context,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<(SignedIn, DateTime<Utc>)>, IdentityError> {
    let Some((session, user)) = sessions::session_fetch_by_token(&ctx.db, &digest(token), now).await? else {
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
/// [`IdentityError::Store`].
pub async fn sign_out(ctx: &Context, token: &str) -> Result<(), IdentityError> {
    sessions::session_revoke_by_token(&ctx.db, &digest(token), ctx.env.now()).await?;
    Ok(())
}

/// Creates a user.
///
/// # Errors
/// [`IdentityError::Forbidden`], [`IdentityError::InvalidEmail`], [`IdentityError::WeakPassword`],
/// [`IdentityError::EmailTaken`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn create_user(ctx: &Context, actor: &Actor, new: NewUser) -> Result<UserId, IdentityError> {
    actor.require(Permission::UserWrite)?;
    let email = normal_email(&new.email)?;
    password::check_new(&new.password, &email)?;
    let hash = ctx.passwords.hash(&new.password).await?;
    let user = new_user(ctx, email, new.role, hash);
    users::user_insert(&ctx.db, &user).await.map_err(taken)?;
    Ok(user.id)
}

async fn begin_session(
    ctx: &Context,
    tx: &store::Tx,
    user_id: UserId,
    email: &str,
    role: Role,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    // As the database keeps it, so that who just signed in is told the same as whoever asks later.
    let (now, token) = (ctx.env.now().trunc_subsecs(6), new_token(ctx));
    let session = sessions::NewSession {
        id: SessionId(ctx.env.new_id()),
        user_id,
        token_hash: digest(&token),
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

fn new_user(ctx: &Context, email: String, role: Role, password_hash: String) -> users::NewUser {
    let display_name = email.split('@').next().unwrap_or_default().to_owned();
    let id = UserId(ctx.env.new_id());
    users::NewUser { id, email, display_name, password_hash: Some(password_hash), role, at: ctx.env.now() }
}

fn new_token(ctx: &Context) -> String {
    URL_SAFE_NO_PAD.encode(ctx.env.random.bytes::<32>())
}

fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

fn taken(error: store::StoreError) -> IdentityError {
    if error.is_conflict("uq_app_user_email") { IdentityError::EmailTaken } else { IdentityError::Store(error) }
}

/// At most [`MAX_USER_AGENT`] bytes, cut between characters.
fn shortened(text: &str) -> String {
    let end = (0..=MAX_USER_AGENT.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

/// The address in lower case without blanks around it, if it looks like one: a local part, `@`, a host.
fn normal_email(email: &str) -> Result<String, IdentityError> {
    let email = email.trim().to_lowercase();
    if is_email(&email) { Ok(email) } else { Err(IdentityError::InvalidEmail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses_are_compared_in_lower_case_without_blanks() {
        assert_eq!(normal_email(" Grace@Example.COM ").unwrap(), "grace@example.com");
        for bad in ["", "grace", "@example.com", "grace@", "a b@example.com", "a@@b", "a@.com", "a@b..c", "a@b\n.c"] {
            assert!(normal_email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn long_user_agents_are_cut_between_characters() {
        assert_eq!(shortened("curl"), "curl");
        let cut = shortened(&"é".repeat(300));
        assert_eq!(cut.len(), MAX_USER_AGENT);
        assert_eq!(shortened(&format!("a{}", "é".repeat(300))).len(), MAX_USER_AGENT - 1);
    }
}
