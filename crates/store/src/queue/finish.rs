//! Ending runs, many in one statement, each guarded by its lease.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::env::Env;
use domain::ids::JobId;
use domain::jobs::rules::backoff;
use domain::jobs::{AttemptOutcome, JobState};
use serde_json::{Value, json};

use super::events::{TOUCHED, Touched, announce};
use super::model::{Finish, Finished, Lease};
use crate::db::Db;
use crate::error::StoreError;
use crate::sql::{Column, Sql, time_text};

/// What an end does to the job's row.
struct Written {
    state: JobState,
    outcome: AttemptOutcome,
    run_at: Option<DateTime<Utc>>,
    failed_attempts: i32,
    result: Option<Value>,
    error: Option<String>,
}

/// Takes down how runs ended, in one transaction. Answers in the order given; a void lease changes nothing.
///
/// # Errors
/// [`StoreError`]: then none of them was taken down.
pub async fn finish_many(db: &Db, env: &Env, ends: &[(Lease, Finish)]) -> Result<Vec<Finished>, StoreError> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let now = env.now();
    let at = time_text(now);
    let mut rows = Vec::with_capacity(ends.len());
    let mut outcomes = HashMap::with_capacity(ends.len());
    let mut wakes = false;
    for (lease, finish) in ends {
        let written = written(env, now, lease, finish);
        wakes |= matches!(finish, Finish::HandBack);
        let mut row = json!({
            "id": lease.id, "worker": lease.worker, "claim": lease.claim, "state": written.state,
            "failed": written.failed_attempts, "run_at": written.run_at.map(time_text), "error": written.error, "at": at,
        });
        if let Some(result) = written.result {
            row["result"] = result;
        }
        rows.push(row);
        outcomes.insert((lease.id.0, lease.claim), (&lease.worker, written.outcome, written.error));
    }
    // Rows in order of id: two that write the same jobs don't wait for each other in a circle.
    rows.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    let columns = [
        ("id", Column::Uuid),
        ("worker", Column::Text),
        ("claim", Column::Int),
        ("state", Column::Text),
        ("failed", Column::Int),
        ("run_at", Column::Time),
        ("error", Column::Text),
        ("result", Column::Json),
        ("at", Column::Time),
    ];
    let tx = db.begin().await?;
    let touched: Vec<Touched> = Sql::new(&tx)
        .text(
            "UPDATE job SET state = CASE WHEN x.state = 'queued' AND job.cancel_requested THEN 'cancelled' ELSE x.state END, \
             finished_at = CASE WHEN x.state = 'queued' AND NOT job.cancel_requested THEN NULL ELSE x.at END, \
             run_at = COALESCE(x.run_at, job.run_at), failed_attempts = x.failed, silent_claims = 0, worker = NULL, \
             heartbeat_at = NULL, cancel_requested = false, result = x.result, error = x.error FROM ",
        )
        .rows(Value::Array(rows).to_string(), &columns)
        .text(
            " WHERE job.id = x.id AND job.worker = x.worker AND job.claim_number = x.claim AND job.state = 'running'",
        )
        .text(TOUCHED)
        .all_as(&tx)
        .await?;
    let mut attempts = Vec::with_capacity(touched.len());
    let mut saved = HashMap::with_capacity(touched.len());
    for row in &touched {
        let state = row.job_state()?;
        saved.insert((JobId(row.id), row.claim_number), state);
        let Some((worker, outcome, error)) = outcomes.get(&(row.id, row.claim_number)) else { continue };
        let outcome = if state == JobState::Cancelled { AttemptOutcome::Cancelled } else { *outcome };
        attempts.push(json!({
            "job_id": row.id, "number": row.claim_number, "worker": worker, "outcome": outcome, "error": error,
            "started_at": time_text(row.started_at.unwrap_or(now)), "finished_at": at,
        }));
    }
    attempts_append(&tx, attempts).await?;
    if wakes {
        super::wake::nudge(&tx, super::wake::Nudge::Jobs).await?;
    }
    announce(&tx, now, &touched).await?;
    tx.commit().await?;
    let state = |lease: &Lease| saved.get(&(lease.id, lease.claim)).copied();
    Ok(ends.iter().map(|(lease, _)| state(lease).map_or(Finished::LostClaim, Finished::Saved)).collect())
}

/// Adds ended attempts.
pub(super) async fn attempts_append(
    conn: &impl sea_orm::ConnectionTrait,
    attempts: Vec<Value>,
) -> Result<(), StoreError> {
    if attempts.is_empty() {
        return Ok(());
    }
    let columns = [
        ("job_id", Column::Uuid),
        ("number", Column::Int),
        ("worker", Column::Text),
        ("started_at", Column::Time),
        ("finished_at", Column::Time),
        ("outcome", Column::Text),
        ("error", Column::Text),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    Sql::new(conn)
        .text("INSERT INTO job_attempt (")
        .text(&names.join(", "))
        .text(") SELECT x.")
        .text(&names.join(", x."))
        .text(" FROM ")
        .rows(Value::Array(attempts).to_string(), &columns)
        .text(" WHERE true ON CONFLICT (job_id, number) DO NOTHING")
        .execute(conn)
        .await?;
    Ok(())
}

fn written(env: &Env, now: DateTime<Utc>, lease: &Lease, finish: &Finish) -> Written {
    let ended = |state, outcome, error| Written {
        state,
        outcome,
        run_at: None,
        failed_attempts: lease.failed_attempts,
        result: None,
        error,
    };
    match finish {
        Finish::Done { result } => {
            Written { result: result.clone(), ..ended(JobState::Done, AttemptOutcome::Done, None) }
        }
        Finish::Fail { error } => Written {
            failed_attempts: lease.failed_attempts + 1,
            ..ended(JobState::Dead, AttemptOutcome::Failed, Some(error.clone()))
        },
        Finish::Cancelled => ended(JobState::Cancelled, AttemptOutcome::Cancelled, None),
        Finish::HandBack => Written { run_at: Some(now), ..ended(JobState::Queued, AttemptOutcome::HandedBack, None) },
        Finish::Retry { error } => again(lease, error, |failed| {
            let wait = backoff(u32::try_from(failed).unwrap_or(u32::MAX), env.random.unit());
            now + chrono::Duration::from_std(wait).unwrap_or_default()
        }),
        Finish::RetryAt { at, error } => again(lease, error, |_| *at),
    }
}

fn again(lease: &Lease, error: &str, when: impl FnOnce(i32) -> DateTime<Utc>) -> Written {
    let failed_attempts = lease.failed_attempts + 1;
    let left = failed_attempts < lease.max_attempts;
    let error = if left { error.to_owned() } else { format!("{error} (attempt {failed_attempts}, the last)") };
    Written {
        state: if left { JobState::Queued } else { JobState::Dead },
        outcome: if left { AttemptOutcome::Retry } else { AttemptOutcome::Failed },
        run_at: left.then(|| when(failed_attempts)),
        failed_attempts,
        result: None,
        error: Some(error),
    }
}
