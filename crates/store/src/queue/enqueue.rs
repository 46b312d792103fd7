//! Putting jobs in: in the transaction of the change that asks for them, once for each key, once for each tick.

use chrono::{DateTime, Utc};
use domain::env::Env;
use domain::ids::JobId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::events::{TOUCHED, Touched, announce};
use super::model::{Enqueued, NewJob};
use super::wake::{self, Nudge};
use crate::error::StoreError;
use crate::sql::{Column, Sql, micros, time_text};

const COLUMNS: &[(&str, Column)] = &[
    ("id", Column::Uuid),
    ("kind", Column::Text),
    ("subject", Column::Text),
    ("payload", Column::Json),
    ("unique_key", Column::Text),
    ("priority", Column::Int),
    ("run_at", Column::Time),
    ("max_attempts", Column::Int),
    ("account_id", Column::Uuid),
    ("region", Column::Text),
    ("created_by", Column::Uuid),
    ("created_by_name", Column::Text),
    ("request_id", Column::Text),
    ("trace", Column::Text),
    ("created_at", Column::Time),
];

/// Puts a job in, unless one with its key waits or runs. Call it late in a transaction (see `crate::tx`).
///
/// # Errors
/// [`StoreError`].
pub async fn enqueue(conn: &impl ConnectionTrait, env: &Env, job: NewJob) -> Result<Enqueued, StoreError> {
    let mut put = enqueue_many(conn, env, vec![job]).await?;
    put.pop().ok_or_else(|| StoreError::corrupt("queue", "a job was put in without a trace"))
}

/// Puts jobs in, many in one statement, in the order given.
///
/// # Errors
/// [`StoreError`].
pub async fn enqueue_many(
    conn: &impl ConnectionTrait,
    env: &Env,
    jobs: Vec<NewJob>,
) -> Result<Vec<Enqueued>, StoreError> {
    let mut put = Vec::with_capacity(jobs.len());
    // The holder of a key can end between the insert that meets it and the look for it: then the key is free.
    let mut waiting: Vec<(usize, NewJob)> = jobs.into_iter().enumerate().collect();
    for _ in 0..5 {
        if waiting.is_empty() {
            break;
        }
        let round = insert(conn, env, &waiting).await?;
        let (settled, open): (Vec<_>, Vec<_>) = waiting.into_iter().zip(round).partition(|(_, found)| found.is_some());
        put.extend(settled.into_iter().filter_map(|((place, _), found)| found.map(|found| (place, found))));
        waiting = open.into_iter().map(|(job, _)| job).collect();
    }
    if !waiting.is_empty() {
        return Err(StoreError::Unavailable { source: None });
    }
    put.sort_unstable_by_key(|(place, _)| *place);
    Ok(put.into_iter().map(|(_, enqueued)| enqueued).collect())
}

async fn insert(
    conn: &impl ConnectionTrait,
    env: &Env,
    jobs: &[(usize, NewJob)],
) -> Result<Vec<Option<Enqueued>>, StoreError> {
    let now = env.now();
    let mut ids = Vec::with_capacity(jobs.len());
    let mut rows = Vec::with_capacity(jobs.len());
    for (_, job) in jobs {
        let id = env.new_id();
        ids.push(id);
        rows.push(json!({
            "id": id, "kind": job.kind, "subject": job.subject, "payload": job.payload, "unique_key": job.unique_key,
            "priority": job.priority, "run_at": time_text(job.run_at.unwrap_or(now)), "max_attempts": job.max_attempts,
            "account_id": job.account_id, "region": job.region, "created_by": job.created_by,
            "created_by_name": job.created_by_name, "request_id": job.request_id,
            "trace": job.trace, "created_at": time_text(now),
        }));
    }
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let inserted: Vec<Touched> = Sql::new(conn)
        .text("INSERT INTO job (")
        .text(&names.join(", "))
        .text(
            ", state, failed_attempts, claim_number, silent_claims, cancel_requested, progress_done, progress_note) SELECT x.",
        )
        .text(&names.join(", x."))
        .text(", 'queued', 0, 0, 0, false, 0, '' FROM ")
        .rows(serde_json::Value::Array(rows).to_string(), COLUMNS)
        .text(" WHERE true ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING")
        .text(TOUCHED)
        .all_as(conn)
        .await?;
    let keys: Vec<&str> = jobs.iter().filter_map(|(_, job)| job.unique_key.as_deref()).collect();
    let holders = if inserted.len() == jobs.len() { Vec::new() } else { holders(conn, &keys).await? };
    if jobs.iter().any(|(_, job)| job.run_at.is_none_or(|at| at <= now)) && !inserted.is_empty() {
        wake::nudge(conn, Nudge::Jobs).await?;
    }
    announce(conn, now, &inserted).await?;
    let outcome = ids.iter().zip(jobs).map(|(id, (_, job))| {
        if inserted.iter().any(|row| row.id == *id) {
            return Some(Enqueued::New(JobId(*id)));
        }
        let holder = holders.iter().find(|holder| holder.unique_key == job.unique_key)?;
        Some(Enqueued::Existing(JobId(holder.id)))
    });
    Ok(outcome.collect())
}

#[derive(FromQueryResult)]
struct Holder {
    id: Uuid,
    unique_key: Option<String>,
}

async fn holders(conn: &impl ConnectionTrait, keys: &[&str]) -> Result<Vec<Holder>, StoreError> {
    Sql::new(conn)
        .text("SELECT id, unique_key FROM job WHERE state IN ('queued', 'running') AND ")
        .bind_in("unique_key", keys.iter().copied())
        .all_as(conn)
        .await
}

/// Puts in the job of a schedule's tick: `None` when the tick was taken before, by whichever worker.
///
/// # Errors
/// [`StoreError`].
pub async fn tick(
    conn: &impl ConnectionTrait,
    env: &Env,
    schedule: &str,
    at: DateTime<Utc>,
    job: NewJob,
) -> Result<Option<Enqueued>, StoreError> {
    let taken = Sql::new(conn)
        .text("INSERT INTO schedule_tick (schedule, tick) VALUES (")
        .bind(schedule)
        .text(", ")
        .bind(micros(at))
        .text(") ON CONFLICT (schedule, tick) DO NOTHING")
        .execute(conn)
        .await?;
    if taken.rows_affected() == 0 {
        return Ok(None);
    }
    let enqueued = enqueue(conn, env, job).await?;
    Sql::new(conn)
        .text("UPDATE schedule_tick SET job_id = ")
        .bind(enqueued.id().0)
        .text(" WHERE schedule = ")
        .bind(schedule)
        .text(" AND tick = ")
        .bind(micros(at))
        .execute(conn)
        .await?;
    Ok(Some(enqueued))
}
