//! Makes what the worker stands on out of what its process has: the only file here that names `store`.

#[cfg(test)]
pub(crate) use store::queue::CANCEL_LOOK;
pub(crate) use store::queue::{ClaimedJob, Finish, Finished, JobQueue, Lease, StopReason, StopSignal};
pub(crate) use store::queue::{NewJob, effect_once, reap_orphans, tick};
pub(crate) use store::repo::accounts::account_list;
pub(crate) use store::repo::schedules::{schedule_last_ticks, schedule_list};
pub(crate) use store::{StoreError, Tx};

use store::queue::{QueueOptions, checkpoint_set};

use crate::{WorkerDeps, jobs};

/// Characters of a host's name that go into a worker's.
const HOST: usize = 40;

/// The queue of this process, with its heartbeats begun. Must be called inside a tokio runtime.
pub(crate) fn queue(deps: &WorkerDeps) -> JobQueue {
    let config = &deps.config.worker;
    let options = QueueOptions {
        poll_interval: config.poll(),
        heartbeat_interval: config.heartbeat(),
        ..QueueOptions::new(
            worker_name(deps),
            jobs::kinds(deps.probe, deps.config.backup.dir.is_some()),
            config.concurrency,
        )
    };
    JobQueue::start(deps.context.db.clone(), deps.context.env.clone(), options)
}

/// Saves a job's checkpoint in a transaction; `false` when the lease is void.
pub(crate) async fn save_checkpoint(
    tx: &Tx,
    lease: &Lease,
    checkpoint: &serde_json::Value,
) -> Result<bool, StoreError> {
    checkpoint_set(tx, lease, checkpoint).await
}

/// `host-pid-random`: different for each process ever started.
fn worker_name(deps: &WorkerDeps) -> String {
    let host = std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).take(HOST).collect())
        .filter(|name: &String| !name.is_empty())
        .unwrap_or_else(|| "host".to_owned());
    let random = u32::from_le_bytes(deps.context.env.random.bytes());
    format!("{host}-{}-{random:08x}", std::process::id())
}
