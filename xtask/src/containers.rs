//! The step `containers` of `cargo xtask test`: the stack of docker-compose.yml with real containers, by `tests/compose/run`. Its images
//! take half an hour to build, and it takes the machine to itself: it is for runs that ask for it by [`ASKED`]. The others say that
//! it was not tried, and why. What can be said of the file without containers is among the tests.

use anyhow::Result;

use crate::{ctx::Ctx, process};

/// What asks for it: any value.
const ASKED: &str = "WHEELHOUSE_TEST_CONTAINERS";

/// The step.
///
/// # Errors
/// When it was asked for, and something was not as it should be; or there is no engine.
pub fn test(ctx: &Ctx) -> Result<()> {
    if std::env::var_os(ASKED).is_some() {
        return process::run(ctx.command("tests/compose/run").arg("--must"));
    }
    let engine =
        if process::succeeds(ctx.command("docker").arg("info")) { "there is an engine" } else { "no engine answers" };
    eprintln!("  not tried: {engine}, and {ASKED} is not set; `tests/compose/run` tries it");
    Ok(())
}
