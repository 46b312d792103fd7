//! `wheelhouse` without a command: api, worker, portal, model service and a simulated AWS in one process on SQLite.
//! The tiers are started by the same functions as alone.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_sim::{SimOptions, Simulator};
use domain::access::Actor;
use domain::ids::Region;
use domain::sync::SyncKind;
use platform::config::{Config, LogFormat, Source};
use platform::shutdown::Shutdown;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::AllInOne;
use crate::commands::tiers;
use crate::compose::{self, Load, Parts};
use crate::output;
use crate::reload;

/// The name of the simulated account.
const DEMO_ACCOUNT: &str = "Demo";
/// The seed of the demo fleet.
const DEMO_SEED: u64 = 1;
/// How long a start, stop or reboot takes in the demo.
const DEMO_TRANSITION: Duration = Duration::from_secs(8);

/// What it says once it is there, in one line.
#[derive(Debug, Serialize)]
struct Started {
    /// Where the portal and the API are.
    url: String,
    /// The one-time link that creates the owner, while there is none.
    setup_link: Option<String>,
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wheelhouse is at {}", self.url)?;
        self.setup_link.iter().try_for_each(|link| write!(f, " · create the owner here: {link}"))
    }
}

/// Runs until interrupted.
pub async fn run(load: &Load, options: &AllInOne, json: bool) -> anyhow::Result<ExitCode> {
    let database = |data: &PathBuf| format!("sqlite://{}?mode=rwc", data.join("wheelhouse.db").display());
    let load = load.clone().with("--listen", "server.listen", options.listen.map(|listen| listen.to_string())).with(
        "--data",
        "database.url",
        options.data.as_ref().map(database),
    );
    let mut config = quiet(load.resolve().await?);
    platform::telemetry::init_service(&config, "all-in-one");
    let _traces = compose::traces(&config, "wheelhouse")?;
    let shutdown = Shutdown::install()?;
    let listener = tiers::bind(config.server.listen).await?;
    config.server.listen = listener.local_addr()?;
    let drain = config.worker.drain();

    if !options.no_demo {
        compose::reach_this_machine(&mut config);
    }
    let ai = TcpListener::bind("127.0.0.1:0").await?;
    compose::ask_own_model(&mut config, ai.local_addr()?);
    let parts = Parts::open(config, shutdown.clone()).await?;
    reload::on_hangup(&load, quiet, &parts.live, Some(&parts.context.policy), &shutdown)?;
    store::db::migrate(&parts.context.db).await?;
    services::vault::seal_plain(&parts.context, &Actor::system()).await?;
    // The simulated AWS outlives the worker, which may be in the middle of a call.
    let demo_end = CancellationToken::new();
    if !options.no_demo {
        start_demo(&parts, options.demo_workspaces, demo_end.clone()).await?;
    }
    shutdown.spawn(ai_service::run(ai, shutdown.clone(), drain, compose::ai(&parts.config, parts.exporter.as_ref())));

    let worker = shutdown.spawn(worker::run(parts.worker(), &shutdown));
    let base = parts.config.server.base_url();
    let token = services::identity::issue_setup_link(&parts.context).await?;
    let started = Started { setup_link: token.map(|token| compose::setup_link(&base, &token)), url: base };
    if json {
        output::json_line(&started)?
    } else {
        output::line(&started)
    }
    api::run(parts.api(), listener, &shutdown).await?;
    worker.await??;
    demo_end.cancel();
    shutdown.wait(drain).await;
    parts.context.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration, with only warnings logged unless it says otherwise: who tries this reads a terminal, and the one line
/// with the address should stay in sight.
pub(super) fn quiet(mut config: Config) -> Config {
    let default = |key| config.sources.get(key).is_none_or(|source| *source == Source::Default);
    let (filter, format) = (default("telemetry.log_filter"), default("telemetry.log_format"));
    if filter {
        config.telemetry.log_filter = "warn".to_owned();
    }
    if format {
        config.telemetry.log_format = LogFormat::Pretty;
    }
    config
}

/// Serves the simulated AWS on a port of its own, connects it as an account the first time, and syncs it at once.
async fn start_demo(parts: &Parts, workspaces: u32, end: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let mut sim = SimOptions::new(workspaces as usize, DEMO_SEED, Arc::new(platform::os::now));
    sim.throttle = None;
    sim.transition = Some(DEMO_TRANSITION);
    let regions = sim.regions.iter().map(|r| r.parse::<Region>()).collect::<Result<Vec<_>, _>>()?;
    parts.shutdown.spawn(aws_sim::serve(listener, Simulator::new(sim), end));

    let actor = Actor::system();
    let account = services::accounts::ensure_simulated(&parts.context, &actor, DEMO_ACCOUNT, regions, endpoint).await?;
    services::sync::sync_now(&parts.context, &actor, account, &[SyncKind::Workspaces]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_one_line_for_people_and_one_object_for_programs() {
        let url = "http://127.0.0.1:8080".to_owned();
        let first = Started { setup_link: Some(format!("{url}/setup?token=x")), url };
        assert_eq!(
            first.to_string(),
            "Wheelhouse is at http://127.0.0.1:8080 · create the owner here: http://127.0.0.1:8080/setup?token=x"
        );
        let later = Started { setup_link: None, ..first };
        assert_eq!(later.to_string(), "Wheelhouse is at http://127.0.0.1:8080");
        let object = serde_json::to_value(&later).unwrap();
        assert_eq!(object, serde_json::json!({ "url": "http://127.0.0.1:8080", "setup_link": null }));
    }
}
