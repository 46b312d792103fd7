//! `cargo xtask precommit`: what CI would find, before it does: every step of `test`. With `--quick` the same step functions
//! without the portal's release build, component, integration and browser tests.

use anyhow::Result;

use crate::{ctx::Ctx, test};

/// Options of `precommit`.
#[derive(clap::Args)]
pub struct Args {
    /// Leave out the slow half: the portal as it ships, integration and browser tests.
    #[arg(long)]
    quick: bool,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    if args.quick { test::run_quick(ctx) } else { test::run_whole(ctx) }
}
