//! `cargo xtask`: the commands of this repository. One file per command.
//!
//! What it is: plain, synchronous code that starts other programs (cargo, PostgreSQL, the browser tests) and checks
//! what they leave behind. What it is not: part of the product; nothing here ships, and no crate may depend on it.
//!
//! To add a command: a file with `pub fn run(ctx: &Ctx, …) -> Result<()>`, a variant in [`Command`], a line in [`main`].
//! A check that CI must make is a step in [`steps`], listed in `test.rs`.

mod bench;
mod book;
mod bootstrap;
mod components;
mod containers;
mod ctx;
mod e2e;
mod gen_files;
mod layering;
mod portal;
mod precommit;
mod process;
mod services;
mod sources;
mod steps;
mod test;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{ctx::Ctx, process::Interrupted};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run and check Wheelhouse.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build portal and binary in release and start everything in one process, on SQLite with the simulated AWS.
    Up(up::Args),
    /// Everything CI checks: installs what is missing, starts private databases, runs all steps, stops what it started.
    Test(test::Args),
    /// The same as `test`, before a commit.
    Precommit(precommit::Args),
    /// Build the portal (wasm) into `<target>/portal`.
    BuildWeb(portal::Args),
    /// Check the edges between crates and where store and AWS names may stand.
    Layering,
    /// Write the committed generated files anew.
    Gen(gen_files::Args),
    /// The browser tests alone.
    E2e(e2e::Args),
    /// Build the book of `docs` as web pages into `<target>/book`.
    Book(book::Args),
    /// Measure sync and list figures beside pgbench.
    Bench(bench::Args),
    /// What cargo runs the step `components` with.
    #[command(name = components::RUNNER, hide = true)]
    ComponentRunner(components::RunnerArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = process::watch_interrupts().and_then(|()| Ctx::new()).and_then(|ctx| match cli.command {
        Command::Up(args) => up::run(&ctx, &args),
        Command::Test(args) => test::run(&ctx, &args),
        Command::Precommit(args) => precommit::run(&ctx, &args),
        Command::BuildWeb(args) => portal::run(&ctx, &args),
        Command::Layering => layering::run(&ctx),
        Command::Gen(args) => gen_files::run(&ctx, &args),
        Command::E2e(args) => e2e::run(&ctx, &args),
        Command::Book(args) => book::run(&ctx, &args),
        Command::Bench(args) => bench::run(&ctx, &args),
        Command::ComponentRunner(args) => components::run_tests(&args),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("xtask: interrupted");
            ExitCode::from(130)
        }
        Err(error) if error.is::<bootstrap::Missing>() => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
        // Said already, in the table.
        Err(error) if error.is::<steps::StepsFailed>() => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
