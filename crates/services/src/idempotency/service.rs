//! Reserving keys, keeping answers, giving them again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::access::Actor;
use domain::ids::SessionId;
use platform::vault::{Place, VaultError};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::repo::idempotency::{self, IdempotencyRecord, IdempotencyReservation};
use store::{StoreError, Tx};
use uuid::Uuid;

use super::error::OnceError;
use crate::Context;

/// Answers are given again for so many hours.
pub const KEPT_HOURS: i64 = 72;

/// Whoever asks again while the first request runs may come back after this time.
const PAUSE: Duration = Duration::from_secs(1);
/// A key may be given back between a look and the next; nobody needs more tries than this.
const TRIES: usize = 3;

/// An answer as it goes out: what is kept, and given again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it holds a secret: it is given again to the session that it was given to, and to no other of the same person.
    pub secret: bool,
}

impl Answer {
    /// With a header more: its name in lower case, and its value.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same, with a secret in it.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// The sealed form of an [`Answer`].
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Of an answer with a secret: to which session it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<Receiver>,
}

/// Who was given a secret. An API key has no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Receiver {
    session: Option<SessionId>,
}

/// What is to be done with a request.
#[derive(Debug)]
pub enum Begun {
    /// Do it, and complete the reservation.
    Fresh(Box<Pending>),
    /// It was done: give this answer again.
    Done(Answer),
}

/// A key that is reserved for the request at hand. Dropped without an answer, it is given back.
pub struct Pending {
    ctx: Context,
    id: Uuid,
    claim: Uuid,
    /// Who asked.
    receiver: Receiver,
    /// Whether the use case has kept an answer; its transaction may still fail.
    kept: AtomicBool,
    /// Whether somebody has seen to the end of it.
    over: bool,
}

/// How an answer is made of what was done.
pub type Render<T> = fn(&T) -> Answer;

/// What a use case gets to keep its answer with; with [`Keep::none`] it keeps nothing.
pub struct Keep<'a, T>(Option<(&'a Pending, Render<T>)>);

impl<T> Clone for Keep<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Keep<'_, T> {}

impl<'a, T> Keep<'a, T> {
    /// Nobody asked for it: nothing is kept.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Keeps what `render` makes of what was done, for a reservation if there is one.
    #[must_use]
    pub fn new(pending: Option<&'a Pending>, render: Render<T>) -> Self {
        Self(pending.map(|pending| (pending, render)))
    }

    /// Keeps the answer, in the transaction of the change. Just before the commit.
    ///
    /// # Errors
    /// [`StoreError`]; `Unavailable` when the reservation was taken over meanwhile. The change must not be committed then.
    pub async fn answer(&self, tx: &Tx, made: &T) -> Result<(), StoreError> {
        let Some((pending, render)) = self.0 else { return Ok(()) };
        pending.keep_in(tx, &render(made)).await
    }

    /// Keeps another answer instead: for what turned out otherwise after the commit, such as a mail that could not be sent.
    /// What was kept at the commit must be true as well, since whoever asks in between gets that. Never fails: a database that
    /// is away by now leaves the first one.
    pub async fn revise(&self, made: &T) {
        let Some((pending, render)) = self.0 else { return };
        if let Err(error) = pending.revise(&render(made)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a kept answer could not be replaced");
        }
    }
}

impl Pending {
    fn sealed(&self, answer: &Answer) -> Result<String, StoreError> {
        seal(&self.ctx, self.id, self.receiver, answer).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be sealed");
            StoreError::Unavailable { source: None }
        })
    }

    async fn revise(&self, answer: &Answer) -> Result<(), StoreError> {
        let sealed = self.sealed(answer)?;
        let tx = self.ctx.db.begin().await?;
        idempotency::idempotency_revise(&tx, self.id, self.claim, answer.status, &sealed).await?;
        tx.commit().await
    }

    async fn keep_in(&self, tx: &Tx, answer: &Answer) -> Result<(), StoreError> {
        let sealed = self.sealed(answer)?;
        if !idempotency::idempotency_keep(tx, self.id, self.claim, answer.status, &sealed).await? {
            // It took longer than a request may: another one has the key now, or has been answered.
            return Err(StoreError::Unavailable { source: None });
        }
        self.kept.store(true, Ordering::Release);
        Ok(())
    }

    /// Keeps an answer to which no change belongs, unless the use case has kept one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish(mut self, answer: &Answer) -> Result<(), StoreError> {
        if !self.kept.load(Ordering::Acquire) {
            let tx = self.ctx.db.begin().await?;
            self.keep_in(&tx, answer).await?;
            tx.commit().await?;
        }
        self.over = true;
        Ok(())
    }

    /// Gives the key back: nothing was done. One whose answer was committed after all stays.
    pub async fn release(mut self) {
        give_back(&self.ctx, self.id, self.claim).await;
        self.over = true;
    }
}

impl Drop for Pending {
    /// The request was dropped in the middle: its client left, or it took too long. Whether its change was committed by then
    /// is the database's to say: a key with an answer stays.
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (ctx, id, claim) = (self.ctx.clone(), self.id, self.claim);
        runtime.spawn(async move { give_back(&ctx, id, claim).await });
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("id", &self.id).finish_non_exhaustive()
    }
}

async fn give_back(ctx: &Context, id: Uuid, claim: Uuid) {
    let given = async {
        let tx = ctx.db.begin().await?;
        idempotency::idempotency_release(&tx, id, claim).await?;
        tx.commit().await
    };
    if let Err(error) = given.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a reserved key stays reserved until it is old");
    }
}

/// Reserves the key of an actor for a request, or finds the answer that the same request got before. `request` is everything
/// that makes it that request: method, address and body.
///
/// # Errors
/// [`OnceError::Mismatch`], [`OnceError::InProgress`], [`OnceError::OtherSession`], [`OnceError::Vault`], [`OnceError::Store`].
pub async fn begin(ctx: &Context, actor: &Actor, key: &str, request: &[u8]) -> Result<Begun, OnceError> {
    ctx.vault.check()?;
    let receiver = Receiver { session: actor.origin.session_id };
    let (whose, key_hash) = (name_of(actor), digest(&[key.as_bytes()]));
    // With the key in it, which is not stored: nobody who reads the table can guess the request.
    let request_hash = digest(&[key.as_bytes(), request]);
    for _ in 0..TRIES {
        let now = ctx.env.now();
        let stale_before = now - TimeDelta::from_std(ctx.policy.now().request_timeout).unwrap_or(TimeDelta::MAX);
        if let Some(known) = idempotency::idempotency_fetch(&ctx.db, &whose, &key_hash).await?
            && known.expires_at > now
            && (known.status.is_some() || known.reserved_at > stale_before)
        {
            return answered(ctx, &known, &request_hash, receiver);
        }
        let new = IdempotencyReservation {
            id: ctx.env.new_id(),
            actor: whose.clone(),
            user_id: actor.user_id,
            key_hash: key_hash.clone(),
            request_hash: request_hash.clone(),
            claim: ctx.env.new_id(),
            at: now,
            stale_before,
            expires_at: now + TimeDelta::hours(KEPT_HOURS),
        };
        let tx = ctx.db.begin().await?;
        let reserved = idempotency::idempotency_reserve(&tx, &new).await?;
        tx.commit().await?;
        if reserved {
            let (id, claim, kept) = (new.id, new.claim, AtomicBool::new(false));
            return Ok(Begun::Fresh(Box::new(Pending { ctx: ctx.clone(), id, claim, receiver, kept, over: false })));
        }
    }
    Err(OnceError::InProgress { retry_after: PAUSE })
}

fn answered(
    ctx: &Context,
    known: &IdempotencyRecord,
    request_hash: &str,
    receiver: Receiver,
) -> Result<Begun, OnceError> {
    if known.request_hash != request_hash {
        return Err(OnceError::Mismatch);
    }
    match &known.answer {
        Some(sealed) => match open(ctx, known.id, sealed)? {
            (Some(first), _) if first != receiver => Err(OnceError::OtherSession),
            (_, answer) => Ok(Begun::Done(answer)),
        },
        None => Err(OnceError::InProgress { retry_after: PAUSE }),
    }
}

/// A key belongs to whoever uses it: an API key is not the person, who may do more.
fn name_of(actor: &Actor) -> String {
    match (actor.origin.key_id, actor.user_id) {
        (Some(key), _) => format!("key:{key}"),
        (None, Some(user)) => format!("user:{user}"),
        (None, None) => "system".to_owned(),
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

fn seal(ctx: &Context, id: Uuid, receiver: Receiver, answer: &Answer) -> Result<String, VaultError> {
    let Answer { status, headers, body, secret } = answer;
    let only = secret.then_some(receiver);
    let kept = Kept { status: *status, headers: headers.clone(), body: STANDARD.encode(body), only };
    let bytes = serde_json::to_vec(&kept).expect("texts and numbers are JSON");
    ctx.vault.seal(&place(&id.to_string()), &bytes)
}

/// The answer, and to whom alone it may be given.
fn open(ctx: &Context, id: Uuid, sealed: &str) -> Result<(Option<Receiver>, Answer), OnceError> {
    let bytes = ctx.vault.open(&place(&id.to_string()), sealed)?;
    let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| {
        OnceError::Store(StoreError::Corrupt { what: "kept answer", source })
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| unreadable(error.into()))?;
    let body = STANDARD.decode(kept.body).map_err(|error| unreadable(error.into()))?;
    let answer = Answer { status: kept.status, headers: kept.headers, body, secret: kept.only.is_some() };
    Ok((kept.only, answer))
}

/// Where a row's answer is sealed for (`services::vault::SEALED` names it too).
fn place(row: &str) -> Place<'_> {
    Place { table: "idempotency_key", row, column: "answer" }
}
