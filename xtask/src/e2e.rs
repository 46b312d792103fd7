//! `cargo xtask e2e`: the browser tests alone, for work on the portal. Screenshots end up in `artefacts/`.

use std::ffi::OsString;

use anyhow::Result;

use crate::{
    ctx::Ctx,
    portal::{self, Kind},
    test::{self, Which},
};

/// Options of `e2e`.
#[derive(clap::Args)]
pub struct Args {
    /// Test the portal as it ships instead of the quick build.
    #[arg(long)]
    release: bool,
    /// Handed to the test runner, such as a filter.
    #[arg(last = true)]
    runner_args: Vec<OsString>,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    portal::build(ctx, if args.release { Kind::Release } else { Kind::Dev })?;
    test::run_steps(ctx, &["tests"], &Which::Browser(&args.runner_args))
}
