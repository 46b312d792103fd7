//! `cargo xtask bench`: figures of the sync and of the list beside pgbench running the same SQL, on a private PostgreSQL with
//! safe writes. The measuring itself is the bench `figures` of the crate `tests`; arguments after `--` are handed to it.

use std::ffi::OsString;

use anyhow::Result;

use crate::{
    bootstrap,
    ctx::Ctx,
    process,
    services::{Services, Tuning},
};

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
    let services = Services::start(ctx, &tools, Tuning::Bench)?;
    let mut command = ctx.cargo();
    command.args(["bench", "-p", "tests", "--bench", "figures", "--"]).args(&args.bench_args);
    command
        .envs(services.env.iter().cloned())
        .env("WHEELHOUSE_TEST_BINARY", ctx.binary("release"))
        // The usual credentials, for an account that is read as if it were AWS; the simulated one takes any.
        .env("AWS_ACCESS_KEY_ID", "AKIASIMULATED0000000")
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("WHEELHOUSE_BENCH_PGBENCH", tools.postgres_bin()?.join("pgbench"));
    let result = process::run(&mut command);
    drop(services);
    result
}
