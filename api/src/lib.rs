//! The API tier: HTTP in, use cases of `services`, JSON out; the live stream; the portal's static files.
//!
//! [`run`] serves it, [`router`] is the same without a listener. `router.rs` is the route table, `routes/` holds one file per
//! endpoint, `extract/` what a handler may ask for, `middleware/` what every request passes, `error.rs` the one error shape,
//! `openapi.rs` the document. No queries, no rules, no AWS here.
//! To add an endpoint: its path in `contract::paths`, a file in `routes/<feature>/`, a line in `router.rs`.

pub mod compose;
pub mod error;
pub mod extract;
pub mod live;
pub mod middleware;
pub mod openapi;
pub mod portal;
pub mod router;
pub mod routes;
pub mod state;

use std::io;

use platform::shutdown::{ServeLimits, Shutdown};
use tokio::net::TcpListener;

pub use compose::ApiDeps;
pub use openapi::openapi_json;
pub use router::{router, web_router};

/// Serves the API and the portal until `shutdown` begins; then ends the live streams at once and lets requests in flight
/// finish within the drain time of the configuration.
///
/// # Errors
/// The listener has no address any more.
pub async fn run(deps: ApiDeps, listener: TcpListener, shutdown: &Shutdown) -> io::Result<()> {
    let drain = deps.config.worker.drain();
    let limits = ServeLimits::of(&deps.config.server);
    platform::shutdown::serve_with(listener, router(deps, shutdown), shutdown, drain, limits).await
}
