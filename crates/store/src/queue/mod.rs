//! The job queue: one table, so that a job is enqueued in the transaction of the change that asks for it.
//!
//! A job is `queued`, then `running` under the worker that claimed it, and in the end `done`, `dead` or `cancelled`.
//! - [`enqueue`], [`tick`] put jobs in; [`QueueWake`] tells workers without delay (Postgres NOTIFY, in-process on SQLite).
//! - [`claim`] counts the claim *before* the run, so that a job which kills its workers is found out by [`reap_orphans`].
//! - A claim gives a [`Lease`]: worker and claim number. Everything a run writes is guarded by it, so that a worker that was
//!   thought dead can't overwrite what its successor does.
//! - [`finish_many`] ends runs, many in one statement; [`heartbeat`] says that they live and learns what was
//!   cancelled; in between a worker looks for that every [`CANCEL_LOOK`].
//! - [`effect_once`] makes an effect happen once however often its job runs.
//! - [`JobQueue`] and [`JobBackend`] are all this behind apalis.
//!
//! Every change of state appends its event in the same transaction. Times are the caller's clock: replicas need clocks
//! that agree within a few seconds. What jobs do is not here (`worker::jobs`), nor when (`worker::schedule`).

mod backend;
mod beat;
mod claim;
mod control;
mod enqueue;
mod events;
mod finish;
mod model;
mod runtime;
mod stop;
mod wake;

#[cfg(test)]
mod tests;

pub use backend::JobBackend;
pub use beat::CANCEL_LOOK;
pub use claim::claim;
pub use control::{
    CancelOutcome, Heartbeat, Pruned, Reaped, RetryOutcome, cancel, checkpoint_get, checkpoint_set, effect_once,
    heartbeat, log, progress, prune, reap_orphans, retry_by_hand,
};
pub use enqueue::{enqueue, enqueue_many, tick};
pub use finish::finish_many;
pub use model::{ClaimedJob, Enqueued, Finish, Finished, Lease, NewJob};
pub use runtime::{JobQueue, QueueOptions};
pub use stop::{StopReason, StopSignal};
pub use wake::QueueWake;
