//! `cargo xtask bench`: figures of the sync and of the list beside pgbench running the same SQL, of the portal in a browser and
//! more, on a private PostgreSQL with safe writes. The measuring itself is the bench `figures` of the crate `tests`; arguments after `--` are handed to it.

use std::ffi::OsString;

use anyhow::Result;

use crate::{
    bootstrap,
    ctx::Ctx,
    portal::{self, Kind},
    process,
    services::{Services, Tuning},
    test,
};

/// The section that drives a browser.
const PORTAL: &str = "portal";

/// Options of `bench`.
#[derive(clap::Args)]
pub struct Args {
    /// Handed to the bench.
    #[arg(last = true)]
    bench_args: Vec<OsString>,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    let tools = bootstrap::ensure_tools(ctx)?;
    process::run(ctx.cargo().args(["build", "--release", "-p", "wheelhouse", "--bin", "wheelhouse"]))?;
    process::run(ctx.cargo().args(["bench", "-p", "tests", "--bench", "figures", "--no-run"]))?;
    let browser = if wanted(&args.bench_args, PORTAL) {
        portal::build(ctx, Kind::Release)?;
        let mut env = test::browser_env(ctx, &tools)?;
        env.push(("WHEELHOUSE_TEST_NODE", bootstrap::ensure_node(ctx, &tools)?.into()));
        env
    } else {
        Vec::new()
    };
    let services = Services::start(ctx, &tools, Tuning::Bench)?;
    let mut command = ctx.cargo();
    command.args(["bench", "-p", "tests", "--bench", "figures", "--"]).args(&args.bench_args);
    command
        .envs(services.env.iter().cloned())
        .envs(browser)
        .env("WHEELHOUSE_TEST_BINARY", ctx.binary("release"))
        // The usual credentials, for an account that is read as if it were AWS; the simulated one takes any.
        .env("AWS_ACCESS_KEY_ID", "AKIASIMULATED0000000")
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("WHEELHOUSE_BENCH_PGBENCH", tools.postgres_bin()?.join("pgbench"));
    let result = process::run(&mut command);
    drop(services);
    result
}

/// Whether the arguments choose a section: without any they choose all.
fn wanted(arguments: &[OsString], section: &str) -> bool {
    let mut sections = arguments.iter().filter(|argument| !argument.as_encoded_bytes().starts_with(b"--")).peekable();
    sections.peek().is_none() || sections.any(|chosen| chosen == section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_section_all_are_wanted() {
        let wants = |arguments: &[&str]| wanted(&arguments.iter().map(OsString::from).collect::<Vec<_>>(), PORTAL);
        assert!(wants(&[]) && wants(&["--workspaces=100"]) && wants(&["sync", "portal", "--workspaces=100"]));
        assert!(!wants(&["sync", "--workspaces=100"]));
    }
}
