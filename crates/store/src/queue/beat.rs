//! What a worker process says and hears about the jobs it holds: signs of life, and who should stop. The statements of a sign
//! of life are in [`super::control`]; what a run does when it should stop is the worker's business.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Duration;

use domain::ids::JobId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use tokio::time::Instant;
use uuid::Uuid;

use super::control::{self, Heartbeat};
use super::model::Lease;
use super::runtime::{Inner, log_trouble};
use super::stop::StopReason;
use super::wake::QueueWake;
use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows};

/// A wish to cancel is looked for at least this often, since the nudge that tells of it may be lost. A look reads a few rows
/// by their ids; it writes nothing.
pub const CANCEL_LOOK: Duration = Duration::from_secs(1);

/// Without a sign of life for this long others may have taken the jobs over: runs should stop.
const SILENCE: Duration = Duration::from_secs(14);

/// Gives signs of life until the queue goes, and looks for wishes to cancel in between; passes on who should stop.
pub(super) async fn beat(inner: Weak<Inner>, mut wake: QueueWake) {
    let (mut said, mut heard) = (Instant::now(), Instant::now());
    loop {
        let Some(interval) = inner.upgrade().map(|inner| inner.options.heartbeat_interval) else { return };
        let next = (said + interval).min(Instant::now() + CANCEL_LOOK);
        let nudged = tokio::time::timeout_at(next, wake.control()).await.is_ok();
        let Some(inner) = inner.upgrade() else { return };
        let leases: Vec<Lease> = inner.held().values().map(|held| held.lease.clone()).collect();
        let due = nudged || said.elapsed() >= interval;
        let beat = if due {
            said = Instant::now();
            say_alive(&inner, &leases).await
        } else {
            let cancelled = cancelled(&inner.db, &inner.options.worker, &leases).await;
            cancelled.map(|cancelled| Heartbeat { cancelled, lost: Vec::new() })
        };
        let stop: Vec<(JobId, StopReason)> = match beat {
            Ok(beat) => {
                if due {
                    heard = Instant::now();
                }
                let cancelled = beat.cancelled.into_iter().map(|id| (id, StopReason::Cancelled));
                cancelled.chain(beat.lost.into_iter().map(|id| (id, StopReason::Lost))).collect()
            }
            Err(error) => {
                log_trouble(&error, "no sign of life could be given");
                let silent = heard.elapsed() > SILENCE;
                leases.iter().filter(|_| silent).map(|lease| (lease.id, StopReason::Lost)).collect()
            }
        };
        let claims: HashMap<JobId, i32> = leases.iter().map(|lease| (lease.id, lease.claim)).collect();
        let held = inner.held();
        for (id, reason) in stop {
            // What was learned of one claim says nothing of a later one.
            if let Some(held) = held.get(&id).filter(|held| claims.get(&id) == Some(&held.lease.claim)) {
                held.stop.send_replace(Some(reason));
            }
        }
    }
}

/// One sign of life, in a transaction: on SQLite it takes its turn among the writers instead of finding the file busy.
async fn say_alive(inner: &Inner, leases: &[Lease]) -> Result<Heartbeat, StoreError> {
    if leases.is_empty() {
        return Ok(Heartbeat::default());
    }
    let tx = inner.db.begin().await?;
    let beat = control::heartbeat(&tx, &inner.options.worker, leases, inner.env.now()).await?;
    tx.commit().await?;
    Ok(beat)
}

/// Those of the worker's claims that somebody asked to cancel.
async fn cancelled(conn: &impl ConnectionTrait, worker: &str, leases: &[Lease]) -> Result<Vec<JobId>, StoreError> {
    #[derive(FromQueryResult)]
    struct Asked {
        id: Uuid,
        claim_number: i32,
    }
    if leases.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<Asked> = Sql::new(conn)
        .text("SELECT j.id, j.claim_number FROM job j WHERE j.state = 'running' AND j.cancel_requested AND j.worker = ")
        .bind(worker)
        .text(" AND j.id IN (SELECT x.id FROM ")
        .rows(id_rows(leases.iter().map(|lease| lease.id.0)), &[("id", Column::Uuid)])
        .text(")")
        .all_as(conn)
        .await?;
    let mine = |asked: &Asked| leases.iter().any(|lease| lease.id.0 == asked.id && lease.claim == asked.claim_number);
    Ok(asked.into_iter().filter(mine).map(|asked| JobId(asked.id)).collect())
}
