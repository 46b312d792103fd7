//! The step `components`: the portal's component tests, compiled to wasm and run in a browser of their own. Cargo runs them as it
//! runs any test; its runner is this very program, as [`RUNNER`]. Not: the tests themselves (files `in_browser.rs` in `web/src`).
//!
//! ```text
//! cargo xtask test --only components
//! ```

use std::{
    ffi::OsString,
    fs, iter,
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use serde_json::json;
use wasm_bindgen_cli::wasm_bindgen_test_runner;

use crate::{
    bootstrap,
    ctx::Ctx,
    portal,
    process::{self, Service},
    services,
};

/// The hidden command that cargo calls with what it has compiled.
pub const RUNNER: &str = "component-runner";

/// The reader's time zone in these tests: in no season whole hours from UTC. Their language is English.
const ZONE: &str = "Australia/Adelaide";

/// How long all tests together may take, seconds.
const LIMIT: &str = "180";

/// How long the browser's driver may take to listen.
const DRIVER_LIMIT: Duration = Duration::from_secs(30);

/// Arguments of [`RUNNER`]: those of a test program, the program itself first.
#[derive(clap::Args)]
pub struct RunnerArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// The step: starts the browser's driver, has cargo run the tests, ends the driver with all that it started.
///
/// # Errors
/// When something is missing, the tests don't compile, or one fails.
pub fn test(ctx: &Ctx) -> Result<()> {
    let tools = bootstrap::ensure_tools(ctx)?;
    let chromium = tools.chromium.as_deref().context("Chromium is not installed")?;
    let chromedriver = tools.chromedriver.as_deref().context("chromedriver is not installed")?;
    let work = tempfile::tempdir()?;
    let wanted = work.path().join("webdriver.json");
    fs::write(&wanted, capabilities(chromium, work.path()).to_string())?;

    let port = services::free_port()?;
    let mut driver = Service::spawn(
        "chromedriver",
        Signal::SIGTERM,
        ctx.command(chromedriver)
            .args([format!("--port={port}"), "--log-level=WARNING".to_owned()])
            .env("TZ", ZONE)
            .env("LANGUAGE", "en_US")
            .stdout(Stdio::null()),
    )?;
    driver.wait_ready(DRIVER_LIMIT, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())?;

    let runner = json!([ctx.xtask, RUNNER]);
    let mut cargo = ctx.cargo();
    cargo
        .args(["test", "--package", "web", "--target", portal::TARGET, "--config"])
        .arg(format!("target.{}.runner={runner}", portal::TARGET))
        .env("CHROMEDRIVER_REMOTE", format!("http://127.0.0.1:{port}"))
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &wanted)
        .env("WASM_BINDGEN_TEST_TIMEOUT", LIMIT);
    process::run(&mut cargo)
}

/// What the runner asks the driver for; that no window is shown it adds itself.
fn capabilities(chromium: &Path, work: &Path) -> serde_json::Value {
    let profile = format!("--user-data-dir={}", work.join("profile").display());
    let args = [
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,800",
        profile.as_str(),
    ];
    json!({ "goog:chromeOptions": { "binary": chromium, "args": args } })
}

/// Whether a program has tests: the runner calls one without any a success.
fn has_tests(program: &[u8]) -> Result<bool> {
    for part in wasmparser::Parser::new(0).parse_all(program) {
        let wasmparser::Payload::ExportSection(exports) = part? else { continue };
        for export in exports {
            if export?.name.starts_with("__wbgt_") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What cargo calls: makes the test program ready for a browser, serves it there and says how its tests went.
///
/// # Errors
/// When a test fails, or the browser can't be had.
pub fn run_tests(args: &RunnerArgs) -> Result<()> {
    let own_name = OsString::from(RUNNER);
    let program = args.args.first().context("a test program is needed")?;
    anyhow::ensure!(has_tests(&fs::read(program)?)?, "there is no component test in {}", program.display());
    wasm_bindgen_test_runner::run_cli_with_args(iter::once(&own_name).chain(&args.args))
}
