//! Signing in: by password here, by a mailed code in `email_code`. Whatever was shown first, somebody who has a second factor is
//! then asked for it ([`SignIn::SecondFactor`], `second_factor`).

use chrono::{DateTime, Duration, Utc};
use domain::access::{Actor, Origin};
use domain::audit::Entry;
use store::repo::second_factors::{self, NewChallenge};
use store::repo::users::{self, UserRecord};
use store::{StoreError, Tx};

use super::error::IdentityError;
use crate::sessions::{self, NewSession, SessionMeta};
use crate::{Context, audit, token};

/// How long a sign-in waits for its second factor.
const CHALLENGE_MINUTES: i64 = 5;

/// What a first proof leads to.
#[derive(Debug)]
pub enum SignIn {
    /// A session.
    Done(Box<NewSession>),
    /// A second factor is asked for.
    SecondFactor(Challenge),
}

impl SignIn {
    /// The session, when no second factor was asked for.
    #[must_use]
    pub fn done(self) -> Option<NewSession> {
        match self {
            Self::Done(session) => Some(*session),
            Self::SecondFactor(_) => None,
        }
    }
}

/// A sign-in that waits for a second factor.
#[derive(Clone)]
pub struct Challenge {
    /// What goes on with it. It is not stored and can't be had again; alone it opens nothing.
    pub token: String,
    /// By when.
    pub expires_at: DateTime<Utc>,
    /// Whether recovery codes are left.
    pub recovery: bool,
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenge").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Signs in by password. A wrong password and an unknown user are the same to the caller, in words and in time. A hash that is
/// weaker than new ones is replaced.
///
/// # Errors
/// [`IdentityError::BadCredentials`], [`IdentityError::Hashing`], [`IdentityError::Store`].
pub async fn sign_in(ctx: &Context, email: &str, password: &str, meta: SessionMeta) -> Result<SignIn, IdentityError> {
    let email = email.trim().to_lowercase();
    let user = users::user_fetch_by_email(&ctx.db, &email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let fits = ctx.passwords.verify(password, hash.as_deref()).await?;
    let Some(mut user) = user.clone().filter(|user| fits && user.enabled) else {
        refused(ctx, user.as_ref(), &meta, "session.create", "wrong password").await;
        return Err(IdentityError::BadCredentials);
    };
    if let Some(old) = hash.filter(|hash| ctx.passwords.is_outdated(hash)) {
        let new = ctx.passwords.hash(password).await?;
        // Not over a password that was changed meanwhile.
        users::user_password_rehash(&ctx.db, user.id, &old, &new).await?;
        user.password_hash = Some(new);
    }
    after_first(ctx, &user, meta).await
}

/// What follows a first proof: a session, or a challenge for somebody with a second factor.
pub(super) async fn after_first(ctx: &Context, user: &UserRecord, meta: SessionMeta) -> Result<SignIn, IdentityError> {
    let factor = second_factors::totp_fetch(&ctx.db, user.id).await?;
    if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
        let tx = ctx.db.begin().await?;
        return Ok(SignIn::Done(Box::new(finish(ctx, tx, user, meta).await?)));
    }
    let recovery = second_factors::recovery_codes_left(&ctx.db, user.id).await? > 0;
    let (token, at) = (token::new(ctx), ctx.env.now());
    let challenge = NewChallenge {
        id: ctx.env.new_id(),
        user_id: user.id,
        method: meta.method.as_str().to_owned(),
        token_hash: token::digest(&token),
        at,
        expires_at: at + Duration::minutes(CHALLENGE_MINUTES),
    };
    second_factors::challenge_insert(&ctx.db, &challenge).await?;
    Ok(SignIn::SecondFactor(Challenge { token, expires_at: challenge.expires_at, recovery }))
}

/// Begins the session, notes it, and commits.
pub(super) async fn finish(
    ctx: &Context,
    tx: Tx,
    user: &UserRecord,
    meta: SessionMeta,
) -> Result<NewSession, IdentityError> {
    // What was proved must still hold: hashing takes a while, and a new password or an end of the user may have come between.
    users::user_lock(&tx, user.id).await?;
    let now = users::user_fetch(&tx, user.id).await?;
    if now.is_none_or(|now| !now.enabled || now.password_hash != user.password_hash) {
        return Err(IdentityError::BadCredentials);
    }
    let session = begin_noted(ctx, &tx, user, meta, Vec::new()).await?;
    tx.commit().await?;
    Ok(session)
}

/// Begins the session of somebody who has proved who they are, and notes it, after what the installation did for it (`before`).
/// Last in the transaction.
pub(crate) async fn begin_noted(
    ctx: &Context,
    tx: &Tx,
    user: &UserRecord,
    meta: SessionMeta,
    before: Vec<Entry>,
) -> Result<NewSession, StoreError> {
    let method = meta.method.as_str();
    let session = sessions::begin(ctx, tx, user, meta).await?;
    users::user_signed_in(tx, user.id, ctx.env.now()).await?;
    let entry = Entry::open("session.create").on("session", session.signed_in.session_id);
    let entry = entry.after(serde_json::json!({ "method": method }));
    audit::record_many(tx, ctx, &Actor::system(), before).await?;
    audit::record(tx, ctx, &session.signed_in.actor, entry).await?;
    Ok(session)
}

/// Notes that somebody was refused. A note that can't be made is logged: the answer stays the same.
pub(crate) async fn refused(ctx: &Context, user: Option<&UserRecord>, meta: &SessionMeta, action: &str, reason: &str) {
    let actor = Actor::nobody(Origin { address: meta.ip, request_id: meta.request_id.clone(), ..Origin::default() });
    let entry = Entry::open(action).refused(reason);
    let entry = match user {
        Some(user) => entry.on("user", user.id).named(&user.email).about(user.id),
        None => entry,
    };
    let noted = async {
        let tx = ctx.db.begin().await?;
        audit::record(&tx, ctx, &actor, entry).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(error = &error as &dyn std::error::Error, action, "a refusal could not be noted");
    }
}
