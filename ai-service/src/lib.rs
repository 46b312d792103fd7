//! The model service: an OpenAI-compatible HTTP surface for the local model.
//!
//! `files` and `text` read a model, `engine` computes it, `scheduler` shares it between requests, `http` speaks OpenAI's
//! language. Without a model the surface is there and refuses completions with a plain "no model is loaded", so that
//! callers fall to their written templates (PRODUCT.md, area 10, level 5). It knows nothing of the fleet or the database.
//! To add an endpoint: a file in `http/` and its line in [`http::router`].

pub mod engine;
pub mod files;
pub mod grammar;
pub mod http;
mod load;
pub mod measure;
mod options;
pub mod prompt;
pub mod pull;
pub mod sampling;
pub mod scheduler;
pub mod text;

use std::time::Duration;

use platform::health::{HealthRegistry, Severity};
use platform::shutdown::Shutdown;
use tokio::net::TcpListener;

pub use load::load;
pub use options::{AiOptions, Now, Random};
use scheduler::Scheduler;

/// How long before the end of the drain time the engine ends, so that what is told then still goes out.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves until draining begins; requests in flight get `drain` to finish, and what outlasts it is told that the service
/// stops before it is cut off. Live at once, ready once the model is loaded and warm; without a model ready at once, and
/// degraded.
///
/// # Errors
/// The listener has no address any more, or the engine's thread can't be started.
pub async fn run(
    listener: TcpListener,
    shutdown: Shutdown,
    drain: Duration,
    options: AiOptions,
) -> std::io::Result<()> {
    let load = options.model.clone();
    let exporter = options.metrics.clone();
    let start = |load| exporter.told_here(|| Scheduler::start(load, options.scheduler));
    let scheduler = load.map(start).transpose()?;
    let severity = if scheduler.is_some() { Severity::Critical } else { Severity::Degraded };
    tokio::spawn(exporter.clone().upkeep(shutdown.token()));
    let service = http::Service::new(scheduler, options);

    let health = HealthRegistry::new(shutdown.clone());
    let asked = service.clone();
    health.register("model", severity, move || {
        let trouble = asked.trouble();
        async move { trouble.map(|()| None) }
    });
    let router = http::router(service.clone()).merge(platform::health::router(health)).merge(exporter.router());
    let result = tokio::select! {
        result = platform::shutdown::serve(listener, router, &shutdown, drain) => result,
        never = end_before_the_cut(&service, &shutdown, drain) => never,
    };
    let stop = move || service.scheduler().into_iter().for_each(Scheduler::stop);
    // It waits for the engine's step; a thread of its own may.
    if let Err(error) = tokio::task::spawn_blocking(stop).await {
        tracing::error!(%error, "the engine did not stop");
    }
    result
}

/// Ends the engine shortly before connections are cut off: a request that still runs fails with an error that says why,
/// in its stream where that has begun. Never done itself.
async fn end_before_the_cut(service: &http::Service, shutdown: &Shutdown, drain: Duration) -> std::io::Result<()> {
    shutdown.token().cancelled().await;
    tokio::time::sleep(drain.saturating_sub(LAST_WORDS.min(drain / 4))).await;
    service.scheduler().into_iter().for_each(Scheduler::end);
    std::future::pending().await
}
