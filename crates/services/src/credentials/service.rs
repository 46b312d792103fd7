//! The look itself: from a secret's digest to a person with what they may do now.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};
use domain::access::{Actor, Origin};
use domain::ids::{ApiKeyId, SessionId, UserId};
use store::StoreError;
use store::repo::{api_keys, sessions};

use crate::access::{actor_from, role_name};
use crate::{Context, token};

/// A use is written at most this often.
const TOUCH: Duration = Duration::seconds(60);

/// What came with a request, as its digest: the secret itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The token in a session's cookie.
    Session(String),
    /// An API key.
    Key(String),
}

impl Credential {
    /// Of a session's token.
    #[must_use]
    pub fn session(token: &str) -> Self {
        Self::Session(token::digest(token))
    }

    /// Of an API key; `None` for what can't be one.
    #[must_use]
    pub fn key(text: &str) -> Option<Self> {
        crate::keys::is_key(text).then(|| Self::Key(token::digest(text)))
    }
}

/// Who asks, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Somebody signed in.
    Session {
        /// Who.
        user_id: UserId,
        /// By which session.
        session_id: SessionId,
    },
    /// A program.
    Key {
        /// Whose key it has.
        user_id: UserId,
        /// Which.
        key_id: ApiKeyId,
    },
}

impl Principal {
    /// The person.
    #[must_use]
    pub fn user_id(self) -> UserId {
        match self {
            Self::Session { user_id, .. } | Self::Key { user_id, .. } => user_id,
        }
    }

    /// The session, when it is one.
    #[must_use]
    pub fn session_id(self) -> Option<SessionId> {
        match self {
            Self::Session { session_id, .. } => Some(session_id),
            Self::Key { .. } => None,
        }
    }

    /// The key, when it is one.
    #[must_use]
    pub fn key_id(self) -> Option<ApiKeyId> {
        match self {
            Self::Key { key_id, .. } => Some(key_id),
            Self::Session { .. } => None,
        }
    }
}

/// Somebody who was recognised.
#[derive(Debug)]
pub struct Identified {
    /// Who, and by what.
    pub principal: Principal,
    /// What they may do; its origin says by which session or key, and nothing of this request.
    pub actor: Actor,
    /// The one role to call them by.
    pub role: String,
    /// When session or key end at the latest; `None` for a key without an end.
    pub expires_at: Option<DateTime<Utc>>,
    /// When they were last seen, microseconds since 1970; of a key that was never used the least number.
    last_used: AtomicI64,
}

const NEVER: i64 = i64::MIN;

impl Identified {
    pub(crate) fn new(
        principal: Principal,
        mut actor: Actor,
        role: String,
        expires_at: Option<DateTime<Utc>>,
        last_used: Option<DateTime<Utc>>,
    ) -> Self {
        actor.origin = Origin { session_id: principal.session_id(), key_id: principal.key_id(), ..actor.origin };
        let last_used = AtomicI64::new(last_used.map_or(NEVER, |at| at.timestamp_micros()));
        Self { principal, actor, role, expires_at, last_used }
    }

    fn last_used(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.last_used.load(Ordering::Relaxed))
    }

    /// Whether it has neither ended by age nor, for a session, by not being used.
    fn good(&self, ctx: &Context, now: DateTime<Utc>) -> bool {
        let idle =
            |last: DateTime<Utc>| self.principal.session_id().is_some() && now >= last + ctx.policy.now().session_idle;
        self.expires_at.is_none_or(|end| now < end) && !self.last_used().is_some_and(idle)
    }

    /// Whether this use is the one to write; of several at once one is.
    fn to_note(&self, now: DateTime<Utc>) -> bool {
        let last = self.last_used.load(Ordering::Relaxed);
        let due = DateTime::from_timestamp_micros(last).is_none_or(|last| now - last >= TOUCH);
        let order = Ordering::Relaxed;
        due && self.last_used.compare_exchange(last, now.timestamp_micros(), order, order).is_ok()
    }
}

/// Who the secret belongs to; `None` when it is unknown, ended or timed out, or its person is disabled. Notes that it was
/// used, and from where, at most once a minute.
///
/// # Errors
/// [`StoreError`].
pub async fn authenticate(
    ctx: &Context,
    credential: &Credential,
    address: Option<IpAddr>,
) -> Result<Option<Arc<Identified>>, StoreError> {
    let Some(identified) = still_good(ctx, credential).await? else { return Ok(None) };
    let now = ctx.env.now();
    if identified.to_note(now)
        && let Err(error) = note(ctx, identified.principal, address, now).await
    {
        // Who may read is not refused because a note could not be made.
        tracing::warn!(error = &error as &dyn std::error::Error, "the last use of a session or key could not be noted");
    }
    Ok(Some(identified))
}

/// As [`authenticate`], without counting as use: for streams that stay open while nobody does anything.
///
/// # Errors
/// [`StoreError`].
pub async fn still_good(ctx: &Context, credential: &Credential) -> Result<Option<Arc<Identified>>, StoreError> {
    let now = ctx.env.now();
    let identified = match ctx.known.find(credential) {
        Ok(identified) => identified,
        Err(reading) => {
            let Some(identified) = read(ctx, credential, now).await?.map(Arc::new) else {
                if ctx.known.is_familiar(credential) {
                    ctx.known.forget_credential(credential);
                }
                return Ok(None);
            };
            ctx.known.keep(reading, credential, &identified);
            identified
        }
    };
    Ok(identified.good(ctx, now).then_some(identified))
}

async fn read(ctx: &Context, credential: &Credential, now: DateTime<Utc>) -> Result<Option<Identified>, StoreError> {
    match credential {
        Credential::Session(digest) => {
            let found = sessions::session_fetch_by_token(&ctx.db, digest, now).await?;
            Ok(found.map(|(session, user, grants)| {
                let principal = Principal::Session { user_id: user.id, session_id: session.id };
                let mut actor = actor_from(&user, &grants);
                actor.origin.proved_at = session.proved_at;
                let (end, used) = (Some(session.expires_at), Some(session.last_seen_at));
                Identified::new(principal, actor, role_name(&grants), end, used)
            }))
        }
        Credential::Key(digest) => {
            let found = api_keys::api_key_fetch_by_secret(&ctx.db, digest, now).await?;
            Ok(found.map(|(key, user, grants)| {
                let principal = Principal::Key { user_id: user.id, key_id: key.id };
                let actor = actor_from(&user, &grants).narrowed(&key.permissions);
                Identified::new(principal, actor, role_name(&grants), key.ends_at(), key.last_used_at)
            }))
        }
    }
}

async fn note(
    ctx: &Context,
    principal: Principal,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match principal {
        Principal::Session { session_id, .. } => sessions::session_touch(&ctx.db, session_id, now, now - TOUCH).await,
        Principal::Key { key_id, .. } => {
            let address = address.map(|address| address.to_string());
            api_keys::api_key_touch(&ctx.db, key_id, address.as_deref(), now, now - TOUCH).await
        }
    }
}
