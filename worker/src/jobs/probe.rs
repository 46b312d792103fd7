//! Jobs for trials: they do nothing, sleep and leave an effect, panic, or end their process. They run only where
//! [`crate::WorkerDeps::probe`] allows it; elsewhere their kinds are unknown.

use std::time::Duration;

use domain::ids::JobId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::Context;
use services::run::{JobError, RunHandle};

use crate::compose::effect_once;

/// Does nothing: what the queue itself costs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NoopJob {}

impl NoopJob {
    /// The name in the queue.
    pub const NAME: &'static str = "noop";
}

/// Sleeps, then notes one effect of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SleepEffectJob {
    /// How long it sleeps.
    #[serde(default)]
    pub milliseconds: u64,
    /// The effect's key; `effect` when it is absent.
    #[serde(default)]
    pub key: Option<String>,
    /// Whether it ends its process instead, as if it had been killed.
    #[serde(default)]
    pub crash: bool,
}

impl SleepEffectJob {
    /// The name in the queue.
    pub const NAME: &'static str = "sleep-effect";
}

/// Ends its process, each time it is tried.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AbortJob {}

impl AbortJob {
    /// The name in the queue.
    pub const NAME: &'static str = "abort";
}

/// Panics, each time it is tried.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PanicJob {
    /// What it says.
    #[serde(default)]
    pub words: String,
}

impl PanicJob {
    /// The name in the queue.
    pub const NAME: &'static str = "panic";
}

pub(super) async fn run(
    ctx: &Context,
    id: JobId,
    job: SleepEffectJob,
    handle: &dyn RunHandle,
) -> Result<Value, JobError> {
    let until = tokio::time::Instant::now() + Duration::from_millis(job.milliseconds);
    while tokio::time::Instant::now() < until {
        handle.check()?;
        let nap = tokio::time::Instant::now() + Duration::from_millis(100);
        tokio::time::sleep_until(nap.min(until)).await;
    }
    if job.crash {
        std::process::abort();
    }
    let key = job.key.as_deref().unwrap_or("effect");
    let first = effect_once(&ctx.db, id, key, ctx.env.now()).await?;
    Ok(json!({ "first": first }))
}

pub(super) fn panic(job: &PanicJob) -> ! {
    panic!("{}", job.words)
}

pub(super) fn abort() -> ! {
    std::process::abort()
}
