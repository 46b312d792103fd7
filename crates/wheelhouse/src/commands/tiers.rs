//! One tier per process: `wheelhouse api | worker | ai | web`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use platform::config::{Config, LiveConfig};
use platform::health::HealthRegistry;
use platform::request_id::RequestIds;
use platform::shutdown::Shutdown;
use services::identity::SetupOffer;
use tokio::net::TcpListener;

use crate::cli::Listen;
use crate::compose::{self, Load, Parts};
use crate::output;
use crate::reload;

/// The API tier. The schema must be up to date: `wheelhouse migrate`. While there is no user, a one-time link is printed.
pub async fn api(load: &Load, listen: &Listen, json: bool) -> anyhow::Result<ExitCode> {
    let load = listening(load, listen);
    let (config, listener, shutdown) = begin(&load, "api").await?;
    let _traces = compose::traces(&config, "wheelhouse-api")?;
    let parts = Parts::open(config, shutdown.clone()).await?;
    reload::on_hangup(&load, as_read, &parts.live, Some(&parts.context.policy), &shutdown)?;
    tell_setup_link(&parts, json).await?;
    api::run(parts.api(), listener, &shutdown).await?;
    shutdown.wait(parts.config.worker.drain()).await;
    Ok(ExitCode::SUCCESS)
}

/// While there is no user: the one-time link, by one of the processes that start together.
async fn tell_setup_link(parts: &Parts, json: bool) -> anyhow::Result<()> {
    match services::identity::offer_setup_link(&parts.context).await? {
        SetupOffer::Made(token) => {
            let link = compose::setup_link(&parts.config.server.base_url(), &token);
            if json {
                output::json_line(&serde_json::json!({ "setup_link": link }))?;
            } else {
                output::line(format_args!("create the owner (one-time link, good for 24 hours): {link}"));
            }
        }
        SetupOffer::ThereIsOne => {
            tracing::info!(
                "there is no owner yet; a one-time link is good, and `wheelhouse admin setup-link` makes a new one"
            );
        }
        SetupOffer::NotNeeded => {}
    }
    Ok(())
}

/// The worker tier.
pub async fn worker(load: &Load) -> anyhow::Result<ExitCode> {
    let config = load.resolve().await?;
    platform::telemetry::init_service(&config, "worker");
    let shutdown = Shutdown::install()?;
    let _traces = compose::traces(&config, "wheelhouse-worker")?;
    let parts = Parts::open(config, shutdown.clone()).await?;
    reload::on_hangup(load, as_read, &parts.live, Some(&parts.context.policy), &shutdown)?;
    worker::run(parts.worker(), &shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

/// The model service.
pub async fn ai(load: &Load, listen: &Listen) -> anyhow::Result<ExitCode> {
    let load = listening(load, listen);
    let (config, listener, shutdown) = begin(&load, "ai").await?;
    reload::on_hangup(&load, as_read, &LiveConfig::new(config.clone()), None, &shutdown)?;
    let _traces = compose::traces(&config, "wheelhouse-ai")?;
    let exporter = compose::exporter(&config, &shutdown).await?;
    ai_service::run(listener, shutdown, config.worker.drain(), compose::ai(&config, exporter.as_ref())).await?;
    Ok(ExitCode::SUCCESS)
}

/// The portal's files alone.
pub async fn web(load: &Load, listen: &Listen) -> anyhow::Result<ExitCode> {
    let load = listening(load, listen);
    let (config, listener, shutdown) = begin(&load, "web").await?;
    reload::on_hangup(&load, as_read, &LiveConfig::new(config.clone()), None, &shutdown)?;
    compose::exporter(&config, &shutdown).await?;
    let drain = config.worker.drain();
    let (health, env) = (HealthRegistry::new(shutdown.clone()), compose::env());
    let ids = RequestIds::new(Arc::new(move || env.new_id().to_string()));
    let limits = platform::shutdown::ServeLimits::of(&config.server);
    let router = api::web_router(&config, health, ids);
    platform::shutdown::serve_with(listener, router, &shutdown, drain, limits).await?;
    Ok(ExitCode::SUCCESS)
}

/// With the address that the command line names.
pub(super) fn listening(load: &Load, listen: &Listen) -> Load {
    load.clone().with("--listen", "server.listen", listen.listen.map(|address| address.to_string()))
}

/// A tier of its own goes by what it read.
const fn as_read(config: Config) -> Config {
    config
}

async fn begin(load: &Load, service: &'static str) -> anyhow::Result<(Config, TcpListener, Shutdown)> {
    let mut config = load.resolve().await?;
    platform::telemetry::init_service(&config, service);
    let shutdown = Shutdown::install()?;
    let listener = bind(config.server.listen).await?;
    config.server.listen = listener.local_addr()?;
    Ok((config, listener, shutdown))
}

/// Listens, with the address in the error.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listen on {address}; is another process there? choose one with --listen"))
}
