//! The model service: an OpenAI-compatible HTTP surface for the local model.
//!
//! This release has the surface and no engine: `/v1/models` lists nothing, and a completion is refused with a plain
//! "no model is loaded", in OpenAI's error shape, so that callers fall to their written templates (PRODUCT.md, area 10,
//! level 5). It knows nothing of the fleet or the database. The engine comes as `engine/` behind `queue.rs`; to add an
//! endpoint: a file in `http/` and its line in [`http::router`].

pub mod http;

use std::time::Duration;

use platform::health::{HealthRegistry, Severity};
use platform::shutdown::Shutdown;
use tokio::net::TcpListener;

/// Serves until draining begins; requests in flight get `drain` to finish.
///
/// # Errors
/// The listener has no address any more.
pub async fn run(listener: TcpListener, shutdown: Shutdown, drain: Duration) -> std::io::Result<()> {
    let health = HealthRegistry::new(shutdown.clone());
    health.register("model", Severity::Degraded, || async { Err("no model is loaded".to_owned()) });
    let router = http::router().merge(platform::health::router(health));
    platform::shutdown::serve(listener, router, &shutdown, drain).await
}
