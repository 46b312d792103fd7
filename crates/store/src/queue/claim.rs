//! Taking jobs: in order of priority and time, each by one worker only, however many ask at once.

use chrono::{DateTime, Utc};
use domain::ids::AccountId;
use domain::jobs::rules::{ACTION_PRIORITY, MAX_SILENT_CLAIMS};

use super::events::{Touched, announce};
use super::model::ClaimedJob;
use crate::db::Db;
use crate::entity::job;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// Claims up to `limit` jobs that are due, of those kinds (all, when there are none given), for that worker. The claim is
/// counted before anything runs.
///
/// # Errors
/// [`StoreError`].
pub async fn claim(
    db: &Db,
    worker: &str,
    kinds: &[String],
    limit: usize,
    at: DateTime<Utc>,
) -> Result<Vec<ClaimedJob>, StoreError> {
    claim_beside(db, worker, kinds, limit, at, &[]).await
}

/// [`claim`] that leaves the jobs of some accounts, except actions that a person waits for.
///
/// # Errors
/// [`StoreError`].
pub async fn claim_beside(
    db: &Db,
    worker: &str,
    kinds: &[String],
    limit: usize,
    at: DateTime<Utc>,
    full: &[AccountId],
) -> Result<Vec<ClaimedJob>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let at = micros(at);
    let tx = db.begin().await?;
    let wanted = |sql: Sql| {
        let mut sql = sql.any_of("kind", kinds.iter().map(String::as_str));
        if !full.is_empty() {
            sql = sql.text(" AND (priority >= ").bind(ACTION_PRIORITY).text(" OR account_id IS NULL OR NOT ");
            sql = sql.bind_in("account_id", full.iter().map(|account| account.0)).text(")");
        }
        sql
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // As CTEs they are run once: as subqueries Postgres may run them again for each row, and lock more than the limit.
    // A job that was in all but one of the crashes it may be in is a suspect. A worker holds one at a time, so that those
    // who only happened to run beside the culprit don't share its end.
    let sql = Sql::new(&tx)
        .text("WITH suspect AS ")
        .either("MATERIALIZED ", "")
        // Written out, so that the planner sees that `ix_job_suspect` holds them all.
        .text(&format!("(SELECT id FROM job WHERE state = 'queued' AND silent_claims = {}", MAX_SILENT_CLAIMS - 1))
        .text(" AND run_at <= ")
        .bind(at)
        .text(" AND NOT EXISTS (SELECT 1 FROM job held WHERE held.state = 'running' AND held.silent_claims >= ")
        .bind(MAX_SILENT_CLAIMS)
        .text(" AND held.worker = ")
        .bind(worker)
        .text(")");
    let sql = wanted(sql)
        .text(" ORDER BY priority DESC, run_at, id LIMIT 1")
        .either(" FOR UPDATE SKIP LOCKED", "")
        .text("), due AS ")
        .either("MATERIALIZED ", "")
        .text("(SELECT id FROM job WHERE state = 'queued' AND run_at <= ")
        .bind(at)
        .text(" AND silent_claims < ")
        .bind(MAX_SILENT_CLAIMS - 1);
    let mut rows: Vec<job::Model> = wanted(sql)
        .text(" ORDER BY priority DESC, run_at, id LIMIT ")
        .bind(limit)
        .text(" - (SELECT COUNT(*) FROM suspect)")
        .either(" FOR UPDATE SKIP LOCKED", "")
        .text(") UPDATE job SET state = 'running', claim_number = claim_number + 1, silent_claims = silent_claims + 1, worker = ")
        .bind(worker)
        .text(", heartbeat_at = ")
        .bind(at)
        .text(", started_at = ")
        .bind(at)
        .text(" WHERE id IN (SELECT id FROM suspect UNION ALL SELECT id FROM due) RETURNING *")
        .all_as(&tx)
        .await?;
    if rows.is_empty() {
        tx.rollback().await?;
        return Ok(Vec::new());
    }
    rows.sort_by_key(|row| (std::cmp::Reverse(row.priority), row.run_at, row.id));
    let touched: Vec<Touched> = rows.iter().map(Touched::from).collect();
    announce(&tx, at, &touched).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| ClaimedJob::from_row(row, worker)).collect())
}
