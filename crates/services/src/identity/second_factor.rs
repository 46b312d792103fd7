//! Second factors: codes of an app and recovery codes. Turning them on and off, and taking one, at sign-in or as a proof. Each
//! code is taken once; wrong ones are counted for each person, wherever they come from.

use std::time::Duration as StdDuration;

use chrono::Duration;
use domain::access::{Actor, StepUpNeeded};
use domain::audit::Entry;
use domain::ids::UserId;
use platform::vault::Place;
use store::Tx;
use store::repo::second_factors::{self as repo, TOTP_SECRET};
use store::repo::users;

use super::error::IdentityError;
use super::sign_in::{finish, refused};
use super::totp::{self, TotpSetup};
use super::{Notice, letters};
use crate::sessions::{Method, NewSession, SessionMeta};
use crate::{Context, audit, token};

/// Tries that one sign-in has at its second factor.
const CHALLENGE_TRIES: i32 = 5;
/// Wrong codes of one person within [`TRIES_MINUTES`], after which none is taken until it is over. Who knows a password can then
/// guess 240 codes a day of a million, of which three are right.
const TRIES: i32 = 10;
/// The time in which wrong codes are counted.
const TRIES_MINUTES: i64 = 60;
/// Recovery codes that somebody gets.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits of a recovery code: 120 bits, so that a plain hash of it is enough (ASVS 5.0, 6.5.2).
const RECOVERY_LENGTH: usize = 24;
/// Those that stand together when it is shown.
const RECOVERY_GROUP: usize = 6;
/// As many as codes had that were made before; they are still taken.
const RECOVERY_LENGTH_BEFORE: usize = 16;
/// Digits and letters without those that look alike, 32 of them.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Goes on with a sign-in that waits, by a code of the app or a recovery code.
///
/// # Errors
/// [`IdentityError::ChallengeOver`], [`IdentityError::BadCode`], [`IdentityError::TooManyTries`], [`IdentityError::Vault`],
/// [`IdentityError::Store`].
pub async fn finish_sign_in(
    ctx: &Context,
    challenge: &str,
    code: &str,
    mut meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    let now = ctx.env.now();
    let waiting = repo::challenge_try(&ctx.db, &token::digest(challenge), CHALLENGE_TRIES, now).await?;
    let (id, user_id, _) = waiting.ok_or(IdentityError::ChallengeOver)?;
    let user = users::user_fetch(&ctx.db, user_id).await?.filter(|user| user.enabled);
    let user = user.ok_or(IdentityError::ChallengeOver)?;
    match take(ctx, user_id, code).await {
        Ok(tx) => {
            // Of two codes at once for one sign-in, one begins a session.
            if !repo::challenge_end(&tx, id).await? {
                return Err(IdentityError::ChallengeOver);
            }
            meta.method = Method::SecondFactor;
            finish(ctx, tx, &user, meta).await
        }
        Err(error) => {
            if matches!(error, IdentityError::BadCode | IdentityError::TooManyTries { .. }) {
                refused(ctx, Some(&user), &meta, "session.create", "wrong second factor").await;
            }
            Err(error)
        }
    }
}

/// Takes a code within a transaction that is still to be committed.
///
/// # Errors
/// [`IdentityError::BadCode`], also for somebody without a second factor; [`IdentityError::TooManyTries`],
/// [`IdentityError::Vault`], [`IdentityError::Store`].
pub(super) async fn take(ctx: &Context, user: UserId, code: &str) -> Result<Tx, IdentityError> {
    let factor = recognised(ctx, user, code).await?;
    let tx = ctx.db.begin().await?;
    if factor.take(&tx, ctx, user).await? { Ok(tx) } else { Err(IdentityError::BadCode) }
}

/// Begins with codes of an app: a new secret, which is asked for once a first code of it was shown ([`confirm_totp`]).
///
/// # Errors
/// [`IdentityError::StepUp`], [`IdentityError::SecondFactorOn`], [`IdentityError::Vault`], [`IdentityError::Store`].
pub async fn begin_totp(ctx: &Context, actor: &Actor) -> Result<TotpSetup, IdentityError> {
    let now = ctx.env.now();
    actor.require_proof(now, ctx.policy.now().proof_window)?;
    let user = own(actor)?;
    let secret = ctx.env.random.bytes::<{ totp::SECRET_BYTES }>();
    let setup = totp::setup(&secret, &actor.name).map_err(IdentityError::Totp)?;
    let row = user.to_string();
    let sealed = ctx.vault.seal(&place(&row), &secret)?;
    let tx = ctx.db.begin().await?;
    if !repo::totp_begin(&tx, user, &sealed, now).await? {
        return Err(IdentityError::SecondFactorOn);
    }
    audit::record(&tx, ctx, actor, Entry::open("second_factor.begin").on("user", user)).await?;
    tx.commit().await?;
    Ok(setup)
}

/// Turns codes of an app on, with the first of them: from now on sign-in asks for one. Gives the recovery codes.
///
/// # Errors
/// [`IdentityError::StepUp`] for a key, [`IdentityError::NoSecondFactor`], [`IdentityError::SecondFactorOn`],
/// [`IdentityError::BadCode`], [`IdentityError::TooManyTries`], [`IdentityError::Vault`], [`IdentityError::Store`].
pub async fn confirm_totp(ctx: &Context, actor: &Actor, code: &str) -> Result<Vec<String>, IdentityError> {
    let user = own(actor)?;
    let (now, row) = (ctx.env.now(), user.to_string());
    let known = repo::totp_fetch(&ctx.db, user).await?.ok_or(IdentityError::NoSecondFactor)?;
    if known.confirmed_at.is_some() {
        return Err(IdentityError::SecondFactorOn);
    }
    count_try(ctx, user, &known).await?;
    let secret = ctx.vault.open(&place(&row), &known.secret)?;
    let step = totp::matching_step(&secret, &plain(code), now).ok_or(IdentityError::BadCode)?;
    let codes = new_codes(ctx);
    let tx = ctx.db.begin().await?;
    if !repo::totp_confirm(&tx, user, &known.secret, step, now).await? {
        return Err(IdentityError::SecondFactorOn);
    }
    repo::recovery_codes_replace(&tx, user, &hashes(&codes)).await?;
    audit::record(&tx, ctx, actor, Entry::open("second_factor.enable").on("user", user)).await?;
    tx.commit().await?;
    letters::notify(ctx, &actor.name, Notice::SecondFactorOn);
    Ok(codes)
}

/// Turns codes of an app off; the recovery codes go too.
///
/// # Errors
/// [`IdentityError::StepUp`], [`IdentityError::NoSecondFactor`], [`IdentityError::Store`].
pub async fn remove_totp(ctx: &Context, actor: &Actor) -> Result<(), IdentityError> {
    actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    let user = own(actor)?;
    let tx = ctx.db.begin().await?;
    if !repo::totp_remove(&tx, user).await? {
        return Err(IdentityError::NoSecondFactor);
    }
    repo::challenge_end_all(&tx, user).await?;
    audit::record(&tx, ctx, actor, Entry::open("second_factor.disable").on("user", user)).await?;
    tx.commit().await?;
    letters::notify(ctx, &actor.name, Notice::SecondFactorOff);
    Ok(())
}

/// New recovery codes instead of all earlier ones.
///
/// # Errors
/// [`IdentityError::StepUp`], [`IdentityError::NoSecondFactor`], [`IdentityError::Store`].
pub async fn new_recovery_codes(ctx: &Context, actor: &Actor) -> Result<Vec<String>, IdentityError> {
    actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    let user = own(actor)?;
    let codes = new_codes(ctx);
    let tx = ctx.db.begin().await?;
    if repo::totp_fetch(&tx, user).await?.is_none_or(|totp| totp.confirmed_at.is_none()) {
        return Err(IdentityError::NoSecondFactor);
    }
    repo::recovery_codes_replace(&tx, user, &hashes(&codes)).await?;
    audit::record(&tx, ctx, actor, Entry::open("second_factor.new_recovery_codes").on("user", user)).await?;
    tx.commit().await?;
    Ok(codes)
}

/// The person themselves, not by a key.
pub(crate) fn own(actor: &Actor) -> Result<UserId, IdentityError> {
    if actor.origin.key_id.is_some() {
        return Err(StepUpNeeded::NotByKey.into());
    }
    actor.user_id.ok_or(IdentityError::NotFound)
}

/// What a code was recognised as; it is still to be taken.
enum Factor {
    Step(i64),
    Recovery(String),
}

impl Factor {
    /// Takes it: `true` for exactly one caller.
    async fn take(&self, tx: &Tx, ctx: &Context, user: UserId) -> Result<bool, IdentityError> {
        Ok(match self {
            Self::Step(step) => repo::totp_step_take(tx, user, *step).await?,
            Self::Recovery(hash) => repo::recovery_code_take(tx, user, hash, ctx.env.now()).await?,
        })
    }
}

/// What the code is, if it can be one; the try is counted.
async fn recognised(ctx: &Context, user: UserId, code: &str) -> Result<Factor, IdentityError> {
    let known = repo::totp_fetch(&ctx.db, user).await?.filter(|known| known.confirmed_at.is_some());
    let known = known.ok_or(IdentityError::BadCode)?;
    count_try(ctx, user, &known).await?;
    let code = plain(code);
    if is_recovery(&code) {
        return Ok(Factor::Recovery(token::digest(&code)));
    }
    let row = user.to_string();
    let secret = ctx.vault.open(&place(&row), &known.secret)?;
    totp::matching_step(&secret, &code, ctx.env.now()).map(Factor::Step).ok_or(IdentityError::BadCode)
}

async fn count_try(ctx: &Context, user: UserId, known: &repo::TotpRecord) -> Result<(), IdentityError> {
    let (now, window) = (ctx.env.now(), Duration::minutes(TRIES_MINUTES));
    if repo::totp_try(&ctx.db, user, TRIES, window, now).await? {
        return Ok(());
    }
    let since = known.tries_since.unwrap_or(now);
    let wait = (since + window - now).to_std().unwrap_or(StdDuration::from_secs(1));
    Err(IdentityError::TooManyTries { wait })
}

fn place(row: &str) -> Place<'_> {
    Place { table: TOTP_SECRET.0, row, column: TOTP_SECRET.1 }
}

/// The code as people type it, without what stands between: digits, or letters in lower case with those that look like digits
/// taken for them.
fn plain(code: &str) -> String {
    let kept = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    if is_recovery(&lower) { lower.replace('o', "0").replace(['i', 'l'], "1") } else { lower }
}

/// Whether a code is as long as recovery codes are.
fn is_recovery(plain: &str) -> bool {
    plain.len() == RECOVERY_LENGTH || plain.len() == RECOVERY_LENGTH_BEFORE
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| token::digest(&plain(code))).collect()
}

/// Recovery codes as they are shown: four groups of six.
fn new_codes(ctx: &Context) -> Vec<String> {
    let code = || {
        let mut text = String::with_capacity(RECOVERY_LENGTH + 3);
        for (at, byte) in ctx.env.random.bytes::<RECOVERY_LENGTH>().into_iter().enumerate() {
            if at > 0 && at % RECOVERY_GROUP == 0 {
                text.push('-');
            }
            // 256 is a multiple of 32: every letter is as likely.
            text.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        }
        text
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(plain(" 123 456\n"), "123456");
        assert_eq!(plain("ABCD-efgh-iJkl-mnop"), "abcdefgh1jk1mn0p");
        assert_eq!(plain("ABCDEF-ghijkl-mnoPQR-stuvwx"), "abcdefgh1jk1mn0pqrstuvwx");
        assert_eq!(plain("iloveyou"), "iloveyou", "too short to be one");
    }
}
