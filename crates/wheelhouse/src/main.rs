//! The binary: reads the command line, loads the configuration and starts what was asked for.
//!
//! It composes and prints; it decides nothing about fleets. Each command is a file in `commands/`; the tiers are the same
//! `run()` functions whether they share one process or not. To add a command see `cli.rs`.

mod artefacts;
mod cli;
mod commands;
mod compose;
mod output;
mod pace;
mod reload;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Ai, AiCommand, Cli, Command, Web, WebCommand};

/// One that gives memory back after a burst: the system's kept, over its arenas, twice what a first sync of everything needs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    platform::http::install_crypto_provider();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&anyhow::Error::new(error).context("start the runtime")),
    };
    let ended = runtime.block_on(async {
        let ended = run(cli).await;
        platform::errors::flush().await;
        ended
    });
    match ended {
        Ok(code) => code,
        Err(error) => output::fail(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    use commands as c;
    let Cli { command, all, config, json } = cli;
    let load = compose::Load { file: config, set: Vec::new() };
    match command {
        None => c::all_in_one::run(&load, &all, json).await,
        Some(Command::Api(listen)) => c::tiers::api(&load, &listen, json).await,
        Some(Command::Worker) => c::tiers::worker(&load).await,
        Some(Command::Ai(Ai { command: None, listen })) => c::tiers::ai(&load, &listen).await,
        Some(Command::Ai(Ai { command: Some(AiCommand::Pull(options)), .. })) => c::ai::pull(options, json).await,
        Some(Command::Ai(Ai { command: Some(AiCommand::Check(options)), .. })) => {
            c::ai::check(&load, options, json).await
        }
        Some(Command::Web(Web { command: None, listen })) => c::tiers::web(&load, &listen).await,
        Some(Command::Web(Web { command: Some(WebCommand::Publish(options)), .. })) => {
            c::publish::run(&load, options, json).await
        }
        Some(Command::Migrate(options)) => c::migrate::run(&load, &options, json).await,
        Some(Command::Audit(audit)) => c::audit::run(&load, &audit, json).await,
        Some(Command::Admin(admin)) => c::admin::run(&load, &admin, json).await,
        Some(Command::Account(account)) => c::account::run(&load, account, json).await,
        Some(Command::Secrets(secrets)) => c::secrets::run(&load, &secrets, json).await,
        Some(Command::Backup(options)) => c::backup::make(&load, &options, json).await,
        Some(Command::Verify(options)) => c::backup::verify(&load, &options, json).await,
        Some(Command::Restore(options)) => c::backup::restore(&load, &options, json).await,
        Some(Command::Sync(sync)) => c::sync::run(&load, &sync, json).await,
        Some(Command::AwsSim(options)) => c::aws_sim::run(&options, json).await,
        Some(Command::Seed(options)) => c::seed::run(&load, &options, json).await,
        Some(Command::Doctor) => c::doctor::run(&load, json).await,
        Some(Command::Config(what)) => c::config::run(&load, &what, json).await,
        Some(Command::Healthcheck(options)) => c::healthcheck::run(&load, &options).await,
        Some(Command::Openapi) => c::documents::openapi(),
        Some(Command::IamPolicy(options)) => c::documents::iam_policy(&options),
        Some(Command::Metrics) => c::documents::metrics(),
    }
}
