//! A new password by a link that is sent by mail, for people who have one and forgot it. Asking tells nobody whether there is such
//! a user. The new password ends all sessions; a second factor stays.

use chrono::Duration;
use domain::access::{Actor, Origin};
use domain::audit::Entry;
use store::repo::one_time_codes::{self, NewCode, Purpose};
use store::repo::{second_factors, users};

use super::error::IdentityError;
use super::{Notice, letters, password};
use crate::sessions::{self, SessionMeta};
use crate::{Context, audit, token};

/// How long a link works.
pub const RESET_MINUTES: i64 = 60;
/// Links that are sent to one person within [`WINDOW_MINUTES`].
const LINKS: u64 = 5;
const WINDOW_MINUTES: i64 = 60;

/// Sends a link to that address, if a user has it. Returns at once; the rest happens beside the request.
///
/// # Errors
/// [`IdentityError::MailOff`].
pub fn request_password_reset(ctx: &Context, email: &str) -> Result<(), IdentityError> {
    if !ctx.mail.is_on() {
        return Err(IdentityError::MailOff);
    }
    let (ctx_, email) = (ctx.clone(), email.trim().to_lowercase());
    ctx.mail.in_background(async move {
        if let Err(error) = send(&ctx_, &email).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a link for a new password could not be made");
        }
    });
    Ok(())
}

async fn send(ctx: &Context, email: &str) -> Result<(), IdentityError> {
    // Who signs in elsewhere has no password here, and does not get one by mail.
    let user = users::user_fetch_by_email(&ctx.db, email).await?;
    let Some(user) = user.filter(|user| user.enabled && user.password_hash.is_some()) else { return Ok(()) };
    let (token, at) = (token::new(ctx), ctx.env.now());
    let tx = ctx.db.begin().await?;
    users::user_lock(&tx, user.id).await?;
    let since = at - Duration::minutes(WINDOW_MINUTES);
    if one_time_codes::code_count_since(&tx, user.id, Purpose::Reset, since).await? >= LINKS {
        tracing::info!(user = %user.id, "no further link for a new password is sent to this user for a while");
        return Ok(());
    }
    let new = NewCode {
        id: ctx.env.new_id(),
        user_id: user.id,
        purpose: Purpose::Reset,
        code_hash: token::digest(&token),
        at,
        expires_at: at + Duration::minutes(RESET_MINUTES),
    };
    one_time_codes::code_insert(&tx, &new).await?;
    tx.commit().await?;
    letters::deliver(ctx, &user.email, letters::reset_link(&ctx.policy.now().base_url, &token, RESET_MINUTES)).await;
    Ok(())
}

/// Sets a new password by the token of a link, and ends all sessions. A refused password spends nothing.
///
/// # Errors
/// [`IdentityError::ResetSpent`], [`IdentityError::WeakPassword`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn confirm_password_reset(
    ctx: &Context,
    token: &str,
    password: &str,
    meta: &SessionMeta,
) -> Result<(), IdentityError> {
    let at = ctx.env.now();
    let found = one_time_codes::code_owner(&ctx.db, Purpose::Reset, &token::digest(token), at).await?;
    let (id, user_id) = found.ok_or(IdentityError::ResetSpent)?;
    let user = users::user_fetch(&ctx.db, user_id).await?.filter(|user| user.enabled);
    let user = user.ok_or(IdentityError::ResetSpent)?;
    password::check_new(password, &user.email)?;
    let hash = ctx.passwords.hash(password).await?;
    let tx = ctx.db.begin().await?;
    // Using it is what decides a race: it can be used once.
    if !one_time_codes::code_use(&tx, id, at).await? {
        return Err(IdentityError::ResetSpent);
    }
    users::user_password_set(&tx, user_id, &hash, at).await?;
    one_time_codes::codes_void(&tx, user_id, None, at).await?;
    second_factors::challenge_end_all(&tx, user_id).await?;
    sessions::end_all(ctx, &tx, user_id, None).await?;
    let actor = Actor::nobody(Origin { address: meta.ip, request_id: meta.request_id.clone(), ..Origin::default() });
    let entry = Entry::open("user.reset_password").on("user", user_id).named(&user.email).about(user_id);
    audit::record(&tx, ctx, &actor, entry).await?;
    tx.commit().await?;
    ctx.known.forget_user(user_id);
    letters::notify(ctx, &user.email, Notice::PasswordChanged);
    Ok(())
}
