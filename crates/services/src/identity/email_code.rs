//! Signing in by a code that is sent by mail, and proving by one that it is still you. Asking for one tells nobody whether there is such a user: the answer is given before
//! anything is looked up. Entering one takes as long for an unknown address as for a wrong code.

use std::time::Duration as StdDuration;

use chrono::Duration;
use domain::ids::UserId;
use store::Tx;
use store::repo::one_time_codes::{self, NewCode, Purpose};
use store::repo::second_factors;
use store::repo::users::{self, UserRecord};
use tokio::time::Instant;
use uuid::Uuid;

use super::error::IdentityError;
use super::letters;
use super::sign_in::{SignIn, after_first, refused};
use crate::Context;
use crate::sessions::{Method, SessionMeta};

/// How long a code works.
pub const EMAIL_CODE_MINUTES: i64 = 10;
/// Tries at one code.
const TRIES: i32 = 5;
/// Codes that are sent to one person within [`WINDOW_MINUTES`]: with five tries each, 480 guesses a day among 100 million.
const CODES: u64 = 5;
const WINDOW_MINUTES: i64 = 75;
/// Digits of a code.
const DIGITS: u32 = 8;
/// A refusal takes at least this long, so that what was looked up on the way can't be heard.
const REFUSAL: StdDuration = StdDuration::from_millis(300);

/// Sends a code to that address, if a user has it. Returns at once; the rest happens beside the request.
///
/// # Errors
/// [`IdentityError::MailOff`].
pub fn request_email_code(ctx: &Context, email: &str) -> Result<(), IdentityError> {
    if !ctx.mail.is_on() {
        return Err(IdentityError::MailOff);
    }
    let (ctx_, email) = (ctx.clone(), email.trim().to_lowercase());
    ctx.mail.in_background(async move {
        if let Err(error) = send(&ctx_, &email).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a code for signing in could not be made");
        }
    });
    Ok(())
}

/// Whoever has no password signs in at another service, which decides whether they may: a mailbox is no way past it.
fn may(user: &UserRecord) -> bool {
    user.enabled && user.password_hash.is_some()
}

async fn send(ctx: &Context, email: &str) -> Result<(), IdentityError> {
    let Some(user) = users::user_fetch_by_email(&ctx.db, email).await?.filter(may) else {
        return Ok(());
    };
    let code = new_code(ctx);
    // A slow hash: eight digits could be tried out by whoever gets hold of the table.
    let code_hash = ctx.passwords.hash(&code).await?;
    let at = ctx.env.now();
    let tx = ctx.db.begin().await?;
    // The row locks out a second one of the same person meanwhile.
    users::user_lock(&tx, user.id).await?;
    let since = at - Duration::minutes(WINDOW_MINUTES);
    if one_time_codes::code_count_since(&tx, user.id, Purpose::SignIn, since).await? >= CODES {
        tracing::info!(user = %user.id, "no further code for signing in is sent to this user for a while");
        return Ok(());
    }
    let expires_at = at + Duration::minutes(EMAIL_CODE_MINUTES);
    let new = NewCode { id: ctx.env.new_id(), user_id: user.id, purpose: Purpose::SignIn, code_hash, at, expires_at };
    one_time_codes::code_insert(&tx, &new).await?;
    tx.commit().await?;
    let shown = format!("{} {}", &code[..4], &code[4..]);
    letters::deliver(ctx, &user.email, letters::sign_in_code(&ctx.policy.now().base_url, &shown, EMAIL_CODE_MINUTES))
        .await;
    Ok(())
}

/// Signs in by a mailed code. Somebody with a second factor is then asked for it: a mailbox is one factor.
///
/// # Errors
/// [`IdentityError::BadCode`] whatever is wrong, [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn verify_email_code(
    ctx: &Context,
    email: &str,
    code: &str,
    meta: SessionMeta,
) -> Result<SignIn, IdentityError> {
    let began = Instant::now();
    let signed_in = verify(ctx, email, code, meta).await;
    if matches!(signed_in, Err(IdentityError::BadCode)) {
        tokio::time::sleep_until(began + REFUSAL).await;
    }
    signed_in
}

/// Takes a mailed code of somebody who is signed in, within a transaction that is still to be committed. Not of somebody with a
/// second factor: they are asked for that when they sign in by mail.
///
/// # Errors
/// [`IdentityError::BadCode`] whatever is wrong, [`IdentityError::Hashing`], [`IdentityError::Store`].
pub(super) async fn take(ctx: &Context, user: UserId, code: &str) -> Result<Tx, IdentityError> {
    let factor = second_factors::totp_fetch(&ctx.db, user).await?;
    let alone = factor.is_none_or(|factor| factor.confirmed_at.is_none());
    let user = users::user_fetch(&ctx.db, user).await?.filter(|user| alone && may(user));
    let id = fitting(ctx, user.as_ref(), code).await?.ok_or(IdentityError::BadCode)?;
    let tx = ctx.db.begin().await?;
    if one_time_codes::code_use(&tx, id, ctx.env.now()).await? { Ok(tx) } else { Err(IdentityError::BadCode) }
}

/// The code that they were sent, when it is that one; the try is counted.
async fn fitting(ctx: &Context, user: Option<&UserRecord>, code: &str) -> Result<Option<Uuid>, IdentityError> {
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let kept = match user {
        Some(user) => one_time_codes::code_try(&ctx.db, user.id, Purpose::SignIn, TRIES, ctx.env.now()).await?,
        None => None,
    };
    // Without a code to compare with, as much work as with one.
    let fits = ctx.passwords.verify(&code, kept.as_ref().map(|(_, hash)| hash.as_str())).await?;
    Ok(kept.filter(|_| fits).map(|(id, _)| id))
}

async fn verify(ctx: &Context, email: &str, code: &str, mut meta: SessionMeta) -> Result<SignIn, IdentityError> {
    let user = users::user_fetch_by_email(&ctx.db, &email.trim().to_lowercase()).await?.filter(may);
    // Using it is what decides a race: it can be used once.
    if let (Some(id), Some(user)) = (fitting(ctx, user.as_ref(), code).await?, &user)
        && one_time_codes::code_use(&ctx.db, id, ctx.env.now()).await?
    {
        meta.method = Method::EmailedCode;
        return after_first(ctx, user, meta).await;
    }
    refused(ctx, user.as_ref(), &meta, "session.create", "wrong mailed code").await;
    Err(IdentityError::BadCode)
}

/// Eight digits, each as likely as any other to within one in ten billion.
fn new_code(ctx: &Context) -> String {
    let number = u64::from_le_bytes(ctx.env.random.bytes()) % 10_u64.pow(DIGITS);
    format!("{number:08}")
}
