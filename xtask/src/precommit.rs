//! `cargo xtask precommit`: what CI would find, as far as it can be found quickly: the same step functions as `test`, without
//! the portal's release build, integration and browser tests.

use anyhow::Result;

use crate::{ctx::Ctx, test};

/// The command.
pub fn run(ctx: &Ctx) -> Result<()> {
    test::run_quick(ctx)
}
