//! Requests that may be repeated without being done twice: who reserved a key for which request, and the answer that was given.
//! Keys come as hashes and answers sealed; what they mean is in `services::idempotency`.

use chrono::{DateTime, Utc};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::prune::prune_ended;
use crate::sql::{Sql, micros};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct IdempotencyRecord {
    /// The row.
    pub id: Uuid,
    /// The hash of the request that it was first used for.
    pub request_hash: String,
    /// When that request began.
    pub reserved_at: DateTime<Utc>,
    /// The status of its answer; `None` while it runs.
    pub status: Option<i32>,
    /// The rest of its answer, sealed; `None` while it runs.
    pub answer: Option<String>,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
}

/// A key to reserve.
#[derive(Debug, Clone)]
pub struct IdempotencyReservation {
    /// The row, if it is a new one.
    pub id: Uuid,
    /// Whose key it is.
    pub actor: String,
    /// The user with whom it goes away.
    pub user_id: Option<UserId>,
    /// The hash of the key.
    pub key_hash: String,
    /// The hash of the request.
    pub request_hash: String,
    /// Tells this reservation from a later one of the same key.
    pub claim: Uuid,
    /// Now.
    pub at: DateTime<Utc>,
    /// A reservation without an answer from before that moment is nobody's any more.
    pub stale_before: DateTime<Utc>,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
}

/// What is known of a key; `None` when nothing is. It may have expired.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_fetch(
    conn: &impl ConnectionTrait,
    actor: &str,
    key_hash: &str,
) -> Result<Option<IdempotencyRecord>, StoreError> {
    Sql::new(conn)
        .text("SELECT id, request_hash, reserved_at, status, answer, expires_at FROM idempotency_key WHERE actor = ")
        .bind(actor)
        .text(" AND key_hash = ")
        .bind(key_hash)
        .one_as(conn)
        .await
}

/// Reserves a key that nobody has: a new one, one that expired, one whose request has died without an answer. Tells whether
/// it is reserved now.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_reserve(
    conn: &impl ConnectionTrait,
    new: &IdempotencyReservation,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text(
            "INSERT INTO idempotency_key \
             (id, actor, user_id, key_hash, request_hash, claim, reserved_at, expires_at) VALUES (",
        )
        .bind(new.id)
        .text(", ")
        .bind(new.actor.as_str())
        .text(", ")
        .bind(new.user_id.map(|user| user.0))
        .text(", ")
        .bind(new.key_hash.as_str())
        .text(", ")
        .bind(new.request_hash.as_str())
        .text(", ")
        .bind(new.claim)
        .text(", ")
        .bind(micros(new.at))
        .text(", ")
        .bind(micros(new.expires_at))
        .text(
            ") ON CONFLICT (actor, key_hash) DO UPDATE SET id = excluded.id, request_hash = excluded.request_hash, \
             claim = excluded.claim, reserved_at = excluded.reserved_at, expires_at = excluded.expires_at, \
             status = NULL, answer = NULL WHERE idempotency_key.expires_at <= ",
        )
        .bind(micros(new.at))
        .text(" OR (idempotency_key.status IS NULL AND idempotency_key.reserved_at <= ")
        .bind(micros(new.stale_before))
        .text(")")
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps the answer of a reservation. Tells whether it was still this claim's.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_keep(
    conn: &impl ConnectionTrait,
    id: Uuid,
    claim: Uuid,
    status: u16,
    answer: &str,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("UPDATE idempotency_key SET status = ")
        .bind(i32::from(status))
        .text(", answer = ")
        .bind(answer)
        .text(" WHERE id = ")
        .bind(id)
        .text(" AND claim = ")
        .bind(claim)
        .text(" AND status IS NULL")
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the answer that this claim has kept.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_revise(
    conn: &impl ConnectionTrait,
    id: Uuid,
    claim: Uuid,
    status: u16,
    answer: &str,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("UPDATE idempotency_key SET status = ")
        .bind(i32::from(status))
        .text(", answer = ")
        .bind(answer)
        .text(" WHERE id = ")
        .bind(id)
        .text(" AND claim = ")
        .bind(claim)
        .text(" AND status IS NOT NULL")
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives a reservation back, unless it has an answer.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_release(conn: &impl ConnectionTrait, id: Uuid, claim: Uuid) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("DELETE FROM idempotency_key WHERE id = ")
        .bind(id)
        .text(" AND claim = ")
        .bind(claim)
        .text(" AND status IS NULL")
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets keys that expired, at most `limit`. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn idempotency_prune(conn: &impl ConnectionTrait, now: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    prune_ended(conn, "idempotency_key", "p.expires_at", now, limit).await
}
