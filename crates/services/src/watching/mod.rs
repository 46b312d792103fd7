//! What the database and the circuit breakers say about how Wheelhouse itself is doing, as gauges for whoever watches it:
//! the queue by kind and state, how fresh data sets and backups are, what paid requests cost, the pools of
//! connections, the replica.
//!
//! [`Watch::look`] is asked when metrics are read; every process says the same of what is in the database, so that it is known
//! as long as one of them lives. Not here: what happens in this process, which is counted where it happens; what a metric
//! means (`platform::metrics::catalog`). To add a figure: its line in the catalog, and where it is read here.

mod figures;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::access::Actor;
use store::db::PoolUse;
use store::repo::backups::{archive_backup, archive_failing};
use store::repo::jobs::job_queue_depth;
use store::repo::schedules::schedule_fetch;
use store::{Replica, ReplicaState, StoreError};

use crate::Context;
use crate::backups::newest;
use crate::data_sets::{DataSetError, list_data_sets};
use crate::schedules::{Schedule, Setting};
use figures::Figure;

/// A database that has not answered by then counts as one that does not.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks, and remembers what it said last, so that what is no longer there is told as nothing.
#[derive(Debug, Default)]
pub struct Watch(Mutex<HashSet<Figure>>);

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
enum NoFigures {
    #[error("the database did not answer in time")]
    Late,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    DataSets(#[from] DataSetError),
}

impl Watch {
    /// Sets every gauge. While the database does not answer, what it said last stays, and `wheelhouse_database_up` is 0.
    pub async fn look(&self, ctx: &Context) {
        tell_pool("primary", ctx.db.pool());
        if let Some(replica) = ctx.db.replica() {
            tell_pool("replica", replica.pool());
            tell_replica(replica.state());
        }
        // None goes away while the process lives.
        for (figure, value) in figures::breakers(&ctx.cloud.breakers(), ctx.assistant.breaker(ctx.env.now())) {
            figure.set(value);
        }
        let read = tokio::time::timeout(PATIENCE, read(ctx)).await.unwrap_or(Err(NoFigures::Late));
        metrics::gauge!("wheelhouse_database_up").set(if read.is_ok() { 1.0 } else { 0.0 });
        match read {
            Ok(figures) => self.tell(figures),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the figures of the database can't be read");
            }
        }
    }

    fn tell(&self, figures: Vec<(Figure, f64)>) {
        let mut before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gone = std::mem::take(&mut *before);
        for (figure, value) in figures {
            gone.remove(&figure);
            figure.set(value);
            before.insert(figure);
        }
        gone.iter().for_each(|figure| figure.set(0.0));
    }
}

/// How far behind the replica is, or why the primary is read in its place; nothing where there is none.
///
/// # Errors
/// A sentence for people, without addresses.
pub fn replica_health(ctx: &Context) -> Result<Option<String>, String> {
    match ctx.db.replica().map(Replica::state) {
        None => Ok(None),
        Some(state @ ReplicaState::Usable(_)) => Ok(Some(state.to_string())),
        Some(state) => Err(state.to_string()),
    }
}

/// How one of the pools is used.
fn tell_pool(name: &'static str, pool: PoolUse) {
    for (state, connections) in [("used", pool.used), ("idle", pool.idle)] {
        let labels = [("db_client_connection_pool_name", name), ("db_client_connection_state", state)];
        metrics::gauge!("db_client_connection_count", &labels).set(connections);
    }
    metrics::gauge!("db_client_connection_max", "db_client_connection_pool_name" => name).set(pool.most);
    // There from the beginning, so that a rate has the first one too; the store counts them.
    metrics::counter!("db_client_connection_timeouts_total", "db_client_connection_pool_name" => name).increment(0);
}

/// Whether the replica is read, and how far behind it is, as far as that is known.
fn tell_replica(state: ReplicaState) {
    let usable = matches!(state, ReplicaState::Usable(_));
    metrics::gauge!("wheelhouse_replica_usable").set(if usable { 1.0 } else { 0.0 });
    if let ReplicaState::Usable(behind) | ReplicaState::Behind(behind) = state {
        metrics::gauge!("wheelhouse_replica_behind_seconds").set(behind.as_secs_f64());
    }
}

async fn read(ctx: &Context) -> Result<Vec<(Figure, f64)>, NoFigures> {
    let now = ctx.env.now();
    let mut told = figures::queue(&job_queue_depth(&ctx.db).await?, now);
    told.extend(figures::data_sets(&list_data_sets(ctx, &Actor::system(), None).await?));
    told.extend(archive_failing(&ctx.db).await?.map(figures::archive));
    if let Some(backup) = archive_backup(&ctx.db).await? {
        told.extend(figures::archive_backup(backup, now));
    }
    // Paused or not: who forgets to go on is told.
    if Schedule::Backup.is_here(&ctx.policy.now()) {
        let change = schedule_fetch(&ctx.db, Schedule::Backup.name()).await?;
        let period = Setting::of(Schedule::Backup, &ctx.policy.now(), change.as_ref()).period;
        told.extend(figures::backup(newest(ctx).await?, period, now));
    }
    Ok(told)
}

#[cfg(test)]
mod tests;
