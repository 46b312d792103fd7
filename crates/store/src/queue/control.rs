//! What happens to jobs beside claim and end: signs of life, progress, logs, checkpoints, effects; rescue of orphans;
//! cancelling and retrying by hand; forgetting what ended long ago.

use chrono::{DateTime, Utc};
use domain::ids::JobId;
use domain::jobs::rules::MAX_SILENT_CLAIMS;
use domain::jobs::{AttemptOutcome, JobProgress, JobState, LogLevel};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};
use uuid::Uuid;

use super::events::{TOUCHED, Touched, announce};
use super::finish::attempts_append;
use super::model::Lease;
use super::wake::{Nudge, nudge};
use crate::db::Db;
use crate::entity::job;
use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows, micros, time_text};

/// What a sign of life learned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// Jobs that somebody asked to cancel.
    pub cancelled: Vec<JobId>,
    /// Jobs that are no longer the worker's: their runs should stop, what they still write is not taken.
    pub lost: Vec<JobId>,
}

/// Says that the worker still runs these jobs, and learns which of them should stop.
///
/// # Errors
/// [`StoreError`].
pub async fn heartbeat(
    conn: &impl ConnectionTrait,
    worker: &str,
    leases: &[Lease],
    at: DateTime<Utc>,
) -> Result<Heartbeat, StoreError> {
    #[derive(FromQueryResult)]
    struct Held {
        id: Uuid,
        claim_number: i32,
        cancel_requested: bool,
    }
    if leases.is_empty() {
        return Ok(Heartbeat::default());
    }
    let ids = || id_rows(leases.iter().map(|lease| lease.id.0));
    let column = [("id", Column::Uuid)];
    // A row that is being ended right now is passed over: waiting for it could close a circle of waits.
    Sql::new(conn)
        .text("UPDATE job SET heartbeat_at = ")
        .bind(micros(at))
        .text(" WHERE id IN (SELECT j.id FROM job j WHERE j.state = 'running' AND j.worker = ")
        .bind(worker)
        .text(" AND j.id IN (SELECT x.id FROM ")
        .rows(ids(), &column)
        .text(")")
        .either(" FOR UPDATE SKIP LOCKED", "")
        .text(")")
        .execute(conn)
        .await?;
    let held: Vec<Held> = Sql::new(conn)
        .text("SELECT j.id, j.claim_number, j.cancel_requested FROM job j WHERE j.state = 'running' AND j.worker = ")
        .bind(worker)
        .text(" AND j.id IN (SELECT x.id FROM ")
        .rows(ids(), &column)
        .text(")")
        .all_as(conn)
        .await?;
    let mut beat = Heartbeat::default();
    for lease in leases {
        match held.iter().find(|row| row.id == lease.id.0 && row.claim_number == lease.claim) {
            None => beat.lost.push(lease.id),
            Some(row) if row.cancel_requested => beat.cancelled.push(lease.id),
            Some(_) => {}
        }
    }
    Ok(beat)
}

fn guarded(sql: Sql, lease: &Lease) -> Sql {
    sql.text(" WHERE id = ")
        .bind(lease.id.0)
        .text(" AND state = 'running' AND worker = ")
        .bind(lease.worker.as_str())
        .text(" AND claim_number = ")
        .bind(lease.claim)
}

/// Says how far a job is; `false` when the lease is void. The caller sees to it that it is not said too often.
///
/// # Errors
/// [`StoreError`].
pub async fn progress(db: &Db, lease: &Lease, progress: &JobProgress, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let tx = db.begin().await?;
    let sql = Sql::new(&tx)
        .text("UPDATE job SET progress_done = ")
        .bind(progress.done)
        .text(", progress_total = ")
        .bind(progress.total)
        .text(", progress_note = ")
        .bind(progress.note.replace('\0', ""));
    let touched: Vec<Touched> = guarded(sql, lease).text(TOUCHED).all_as(&tx).await?;
    announce(&tx, at, &touched).await?;
    tx.commit().await?;
    Ok(!touched.is_empty())
}

/// Adds a line to a job's log.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such job.
pub async fn log(
    conn: &impl ConnectionTrait,
    id: JobId,
    level: LogLevel,
    message: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO job_log (job_id, at, level, message) VALUES (")
        .bind(id.0)
        .text(", ")
        .bind(micros(at))
        .text(", ")
        .bind(level.as_str())
        .text(", ")
        .bind(message.replace('\0', ""))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// Saves where a next attempt goes on; `false` when the lease is void, and then the caller must write nothing else.
///
/// # Errors
/// [`StoreError`].
pub async fn checkpoint_set(
    conn: &impl ConnectionTrait,
    lease: &Lease,
    checkpoint: &Value,
) -> Result<bool, StoreError> {
    let sql = Sql::new(conn).text("UPDATE job SET checkpoint = ").bind(checkpoint.clone());
    Ok(guarded(sql, lease).execute(conn).await?.rows_affected() > 0)
}

/// What an earlier attempt saved.
///
/// # Errors
/// [`StoreError`].
pub async fn checkpoint_get(conn: &impl ConnectionTrait, id: JobId) -> Result<Option<Value>, StoreError> {
    let found = Sql::new(conn).text("SELECT checkpoint FROM job WHERE id = ").bind(id.0).one(conn).await?;
    Ok(found.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
}

/// Takes note of an effect of a job: `true` the first time, `false` for ever after. In one transaction with the effect it
/// makes the effect happen once; before an effect outside the database it makes it happen at most once.
///
/// # Errors
/// [`StoreError`].
pub async fn effect_once(
    conn: &impl ConnectionTrait,
    id: JobId,
    key: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let noted = Sql::new(conn)
        .text("INSERT INTO job_effect (job_id, key, at) VALUES (")
        .bind(id.0)
        .text(", ")
        .bind(key)
        .text(", ")
        .bind(micros(at))
        .text(") ON CONFLICT (job_id, key) DO NOTHING")
        .execute(conn)
        .await?;
    Ok(noted.rows_affected() > 0)
}

/// What became of orphans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaped {
    /// They wait again, for at once.
    pub requeued: Vec<JobId>,
    /// They took their worker with them too often.
    pub dead: Vec<JobId>,
    /// Somebody had asked to cancel them.
    pub cancelled: Vec<JobId>,
}

/// Rescues jobs whose worker last gave a sign of life before `silent_since`: they wait again where they were in the queue,
/// ahead of what came later, so that they run soon under load too. One that was claimed [`MAX_SILENT_CLAIMS`] times
/// without an end is dead.
///
/// # Errors
/// [`StoreError`].
pub async fn reap_orphans(db: &Db, silent_since: DateTime<Utc>, at: DateTime<Utc>) -> Result<Reaped, StoreError> {
    let at = micros(at);
    let tx = db.begin().await?;
    let orphans: Vec<job::Model> = Sql::new(&tx)
        .text("SELECT * FROM job WHERE state = 'running' AND heartbeat_at < ")
        .bind(micros(silent_since))
        .text(" ORDER BY id LIMIT 500")
        .either(" FOR UPDATE SKIP LOCKED", "")
        .all_as(&tx)
        .await?;
    if orphans.is_empty() {
        tx.rollback().await?;
        return Ok(Reaped::default());
    }
    let mut reaped = Reaped::default();
    let (mut rows, mut attempts) = (Vec::new(), Vec::new());
    for orphan in orphans {
        let id = JobId(orphan.id);
        let worker = orphan.worker.unwrap_or_default();
        let (state, error) = if orphan.silent_claims >= MAX_SILENT_CLAIMS {
            reaped.dead.push(id);
            let times = orphan.silent_claims;
            (JobState::Dead, format!("its worker vanished {times} times in a row; the last was {worker}"))
        } else if orphan.cancel_requested {
            reaped.cancelled.push(id);
            (JobState::Cancelled, format!("its worker {worker} vanished"))
        } else {
            reaped.requeued.push(id);
            (JobState::Queued, format!("its worker {worker} vanished"))
        };
        rows.push(json!({ "id": id, "state": state, "error": error }));
        attempts.push(json!({
            "job_id": id, "number": orphan.claim_number, "worker": worker, "outcome": AttemptOutcome::Orphaned,
            "started_at": time_text(orphan.started_at.unwrap_or(at)), "finished_at": time_text(at), "error": error,
        }));
    }
    let touched: Vec<Touched> = Sql::new(&tx)
        .text("UPDATE job SET state = x.state, error = x.error, worker = NULL, heartbeat_at = NULL, finished_at = CASE WHEN x.state = 'queued' THEN NULL ELSE ")
        .bind(at)
        .either("::timestamptz", "")
        .text(" END, cancel_requested = false FROM ")
        .rows(Value::Array(rows).to_string(), &[("id", Column::Uuid), ("state", Column::Text), ("error", Column::Text)])
        .text(" WHERE job.id = x.id AND job.state = 'running'")
        .text(TOUCHED)
        .all_as(&tx)
        .await?;
    attempts_append(&tx, attempts).await?;
    nudge(&tx, Nudge::Jobs).await?;
    announce(&tx, at, &touched).await?;
    tx.commit().await?;
    Ok(reaped)
}

/// What became of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It waited, and is cancelled.
    Cancelled,
    /// It runs; its worker was told, and sees it within two seconds.
    Asked,
    /// It had ended before, in this state.
    TooLate(JobState),
    /// There is no such job.
    NotFound,
}

/// Cancels a job that waits, or asks the worker of a running one to stop.
///
/// # Errors
/// [`StoreError`].
pub async fn cancel(conn: &impl ConnectionTrait, id: JobId, at: DateTime<Utc>) -> Result<CancelOutcome, StoreError> {
    let at = micros(at);
    let touched: Vec<Touched> = Sql::new(conn)
        .text("UPDATE job SET cancel_requested = (state = 'running'), finished_at = CASE WHEN state = 'queued' THEN ")
        .bind(at)
        .either("::timestamptz", "")
        .text(" END, state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END WHERE id = ")
        .bind(id.0)
        .text(" AND state IN ('queued', 'running')")
        .text(TOUCHED)
        .all_as(conn)
        .await?;
    let Some(row) = touched.first() else {
        return Ok(state_of(conn, id).await?.map_or(CancelOutcome::NotFound, CancelOutcome::TooLate));
    };
    let asked = row.job_state()? == JobState::Running;
    if asked {
        nudge(conn, Nudge::Control).await?;
    }
    announce(conn, at, &touched).await?;
    Ok(if asked { CancelOutcome::Asked } else { CancelOutcome::Cancelled })
}

/// What became of a wish to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It waits again, with all its attempts.
    Queued,
    /// It is in a state that can't be retried: it waits, runs, or ended well.
    WrongState(JobState),
    /// There is no such job.
    NotFound,
}

/// Puts a dead or cancelled job back in. Its effects are still known: those that happened won't happen again.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_job_unique_key` when another job with its key waits or runs.
pub async fn retry_by_hand(
    conn: &impl ConnectionTrait,
    id: JobId,
    at: DateTime<Utc>,
) -> Result<RetryOutcome, StoreError> {
    let at = micros(at);
    let touched: Vec<Touched> = Sql::new(conn)
        .text(
            "UPDATE job SET state = 'queued', failed_attempts = 0, silent_claims = 0, cancel_requested = false, \
             finished_at = NULL, result = NULL, run_at = ",
        )
        .bind(at)
        .text(" WHERE id = ")
        .bind(id.0)
        .text(" AND state IN ('dead', 'cancelled')")
        .text(TOUCHED)
        .all_as(conn)
        .await?;
    if touched.is_empty() {
        return Ok(state_of(conn, id).await?.map_or(RetryOutcome::NotFound, RetryOutcome::WrongState));
    }
    nudge(conn, Nudge::Jobs).await?;
    announce(conn, at, &touched).await?;
    Ok(RetryOutcome::Queued)
}

async fn state_of(conn: &impl ConnectionTrait, id: JobId) -> Result<Option<JobState>, StoreError> {
    let found = Sql::new(conn).text("SELECT state FROM job WHERE id = ").bind(id.0).one(conn).await?;
    let Some(row) = found else { return Ok(None) };
    let state: String = row.try_get_by_index(0)?;
    state.parse().map(Some).map_err(|e| StoreError::corrupt("state of a job", e))
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Jobs, with their attempts, logs and effects.
    pub jobs: u64,
    /// Ticks of schedules.
    pub ticks: u64,
}

/// Forgets jobs that were done or cancelled before `ended_before`, dead ones that died before `dead_before`, and ticks
/// from before both. At most 5,000 jobs at a time: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(db: &Db, ended_before: DateTime<Utc>, dead_before: DateTime<Utc>) -> Result<Pruned, StoreError> {
    let tx = db.begin().await?;
    let old = Sql::new(&tx)
        .text("SELECT id FROM job WHERE (state IN ('done', 'cancelled') AND finished_at < ")
        .bind(micros(ended_before))
        .text(") OR (state = 'dead' AND finished_at < ")
        .bind(micros(dead_before))
        .text(") LIMIT 5000")
        .all(&tx)
        .await?;
    let ids = old.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Uuid>, _>>()?;
    let mut pruned = Pruned::default();
    if !ids.is_empty() {
        for (table, column) in [("job_effect", "job_id"), ("job", "id")] {
            let gone = Sql::new(&tx)
                .text(&format!("DELETE FROM {table} WHERE {column} IN (SELECT x.id FROM "))
                .rows(id_rows(ids.iter().copied()), &[("id", Column::Uuid)])
                .text(")")
                .execute(&tx)
                .await?;
            pruned.jobs = gone.rows_affected();
        }
    }
    let ticks = Sql::new(&tx)
        .text("DELETE FROM schedule_tick WHERE tick < ")
        .bind(micros(ended_before.min(dead_before)))
        .execute(&tx)
        .await?;
    pruned.ticks = ticks.rows_affected();
    tx.commit().await?;
    Ok(pruned)
}
