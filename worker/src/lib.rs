//! The worker tier: takes jobs from the queue, runs them, keeps them alive, ends them; makes schedules tick; rescues orphans.
//!
//! apalis is the runtime (worker, polling, shutdown of the worker's loop); its storage is `store::queue`, whose promises
//! this crate keeps up: [`service`] runs one job, [`handle`] is what a running job may say, [`reaper`] takes over from
//! workers that vanished, [`schedule`] makes schedules tick, [`jobs`] are the runners, [`compose`] is the only
//! file that names `store`. What a job does is in `services`.
//! To add a job: see [`jobs`]. To add a schedule: see `services::schedules::table`.

mod compose;
mod handle;
mod jobs;
mod reaper;
mod schedule;
mod service;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use platform::config::Config;
use platform::shutdown::Shutdown;
use services::Context;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use compose::JobQueue;
pub use jobs::{AbortJob, NoopJob, PanicJob, SleepEffectJob};

/// The environment variable that lets a worker run the probe kinds, when it is `1`. Only for trials, so it is no setting.
pub const PROBE_VARIABLE: &str = "PROBE_JOBS";

/// How often due schedules are looked for; a new account waits no longer for its first sync.
pub const SCHEDULE_LOOK: Duration = Duration::from_secs(2);

/// Of the time to drain, what is kept for handing back what did not finish.
const HAND_BACK: Duration = Duration::from_secs(3);
/// A claim that was under way when draining began has come back by then.
const SETTLE: Duration = Duration::from_millis(250);
/// How often a draining worker looks whether it is done.
const LOOK: Duration = Duration::from_millis(50);
/// Before a worker whose loop ended is built again.
const REBUILD: Duration = Duration::from_secs(1);

/// What the worker needs of its process.
#[derive(Debug, Clone)]
pub struct WorkerDeps {
    /// The configuration.
    pub config: Arc<Config>,
    /// What the use cases take first.
    pub context: Context,
    /// Whether the probe kinds run: jobs that do nothing, sleep or crash. Only for trials.
    pub probe: bool,
    /// How often due schedules are looked for. A trial whose clock runs fast looks more often.
    pub schedule_look: Duration,
}

impl WorkerDeps {
    /// The usual; the probe kinds run if [`PROBE_VARIABLE`] says so.
    #[must_use]
    pub fn new(config: Arc<Config>, context: Context) -> Self {
        let probe = std::env::var(PROBE_VARIABLE).is_ok_and(|value| value == "1");
        Self { config, context, probe, schedule_look: SCHEDULE_LOOK }
    }
}

/// The worker could not go on.
#[derive(Debug, thiserror::Error)]
#[error("the worker's loop could not be ended cleanly")]
pub struct WorkerFailed(#[source] apalis_core::error::WorkerError);

/// Runs jobs until the shutdown begins; then finishes what it holds or hands it back, within the drain time.
///
/// # Errors
/// [`WorkerFailed`] when the loop broke while it was ending; the jobs were handed back all the same.
pub fn run(deps: WorkerDeps, shutdown: &Shutdown) -> impl Future<Output = Result<(), WorkerFailed>> + Send + use<> {
    let stop = shutdown.token();
    run_until(deps, stop)
}

async fn run_until(deps: WorkerDeps, stop: CancellationToken) -> Result<(), WorkerFailed> {
    let queue = compose::queue(&deps);
    metrics::gauge!("wheelhouse_worker_slots").set(deps.config.worker.concurrency as f64);
    let aside = stop.child_token();
    let helpers = [
        tokio::spawn(reaper::run(deps.context.clone(), deps.config.worker.orphan_after(), aside.clone())),
        tokio::spawn(schedule::run(deps.context.clone(), deps.schedule_look, aside)),
    ];
    let abort = CancellationToken::new();
    let runners = jobs::Runners { ctx: deps.context.clone(), probe: deps.probe };
    let service = service::RunService::new(queue.clone(), runners, abort.clone());

    let mut claims = std::pin::pin!(claim_and_run(queue.clone(), service, stop.clone()));
    let early = tokio::select! {
        ended = &mut claims => Some(ended),
        () = stop.cancelled() => None,
    };
    let ended = match early {
        Some(ended) => ended,
        None => {
            let drained = drain(&queue, deps.config.worker.drain(), &abort);
            let (ended, ()) = tokio::join!(claims, drained);
            ended
        }
    };
    for helper in helpers {
        helper.abort();
    }
    ended
}

/// The apalis worker. It is built again should its loop ever end by itself.
async fn claim_and_run(
    queue: JobQueue,
    service: service::RunService,
    stop: CancellationToken,
) -> Result<(), WorkerFailed> {
    loop {
        let context = WorkerContext::new(queue.worker());
        let worker = WorkerBuilder::new(&context).backend(queue.backend()).build(service.clone());
        let ender = tokio::spawn(end_when_drained(queue.clone(), context, stop.clone()));
        let ended = worker.run().await;
        ender.abort();
        match ended {
            ended if stop.is_cancelled() => return ended.map_err(WorkerFailed),
            Ok(()) => tracing::warn!("the worker's loop ended by itself; building it again"),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the worker's loop broke"),
        }
        tokio::time::sleep(REBUILD).await;
    }
}

/// Stops the loop once claiming has ceased and nothing is held: a fetch that is cut off could lose what it claimed.
async fn end_when_drained(queue: JobQueue, context: WorkerContext, stop: CancellationToken) {
    stop.cancelled().await;
    queue.stop_claiming();
    tokio::time::sleep(SETTLE).await;
    while queue.held() > 0 {
        tokio::time::sleep(LOOK).await;
    }
    if let Err(error) = context.stop() {
        tracing::debug!(%error, "the worker's loop had ended already");
    }
}

/// Lets runs finish; near the end of the time asks them to stop at their next safe place; what is left then is cut off and
/// handed back.
async fn drain(queue: &JobQueue, time: Duration, abort: &CancellationToken) {
    queue.stop_claiming();
    let begun = Instant::now();
    let hand_back = HAND_BACK.min(time / 4);
    let ask = begun + time.saturating_sub(hand_back * 2);
    let cut = begun + time.saturating_sub(hand_back);
    tokio::time::sleep(SETTLE.min(time)).await;
    tracing::info!(held = queue.held(), "draining: no more jobs are claimed");
    wait_empty(queue, ask).await;
    if queue.held() > 0 {
        queue.stop_runs();
        wait_empty(queue, cut).await;
    }
    if queue.held() > 0 {
        abort.cancel();
        match queue.hand_back_rest().await {
            Ok(jobs) => tracing::warn!(jobs, "jobs did not finish in time and were handed back"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "jobs could not be handed back");
            }
        }
    }
}

async fn wait_empty(queue: &JobQueue, until: Instant) {
    while queue.held() > 0 && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
}
