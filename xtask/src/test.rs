//! `cargo xtask test`: everything CI checks, from a bare clone: installs what lacks, runs the steps, starts private services
//! for the tests and stops what it started, also after a failure or Ctrl-C. `.ci/run` calls it and adds nothing.
//!
//! Tests learn where things are from the environment; `services.rs` names the variables of the databases, and
//! [`test_env`] the others.

use std::{ffi::OsString, process::Command};

use anyhow::{Result, bail};

use crate::{
    bootstrap::{self, Tools},
    ctx::Ctx,
    portal::{self, Kind},
    process,
    services::{Services, Tuning},
    steps::{self, Runner, Summary},
};

/// A step: its name, what it checks, how.
struct Step {
    name: &'static str,
    about: &'static str,
    work: fn(&Ctx) -> Result<()>,
}

/// The checks before the tests, quick ones first.
const CHECKS: [Step; 7] = [
    Step { name: "fmt", about: "formatting", work: steps::fmt },
    Step { name: "layering", about: "edges between crates", work: steps::layering },
    Step { name: "clippy", about: "lints of everything, warnings denied", work: steps::clippy },
    Step { name: "clippy-wasm", about: "lints of domain, contract and web for wasm32", work: steps::clippy_wasm },
    Step { name: "build", about: "binaries and tests", work: steps::build },
    Step { name: "generated", about: "committed generated files are fresh", work: steps::generated },
    Step { name: "portal", about: "the portal as it ships, with its size gate", work: steps::portal },
];

/// Steps of `precommit`: all but the portal's release build, which takes longest.
const QUICK: [&str; 6] = ["fmt", "layering", "clippy", "clippy-wasm", "build", "generated"];

/// The name of the last step.
const TESTS: &str = "tests";

/// Options of `test`.
#[derive(clap::Args)]
pub struct Args {
    /// Run these steps alone.
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
    /// Leave these steps out.
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    skip: Vec<String>,
    /// Show the steps and run none.
    #[arg(long)]
    list: bool,
    /// Handed to the test runner, such as a filter.
    #[arg(last = true)]
    runner_args: Vec<OsString>,
}

/// Which tests to run.
pub enum Which<'a> {
    /// All, browser tests last.
    All(&'a [OsString]),
    /// Those beside the code.
    Unit,
    /// Those that drive a browser.
    Browser(&'a [OsString]),
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    let names: Vec<&str> = CHECKS.iter().map(|s| s.name).chain([TESTS]).collect();
    if args.list {
        for step in &CHECKS {
            println!("{:<12} {}", step.name, step.about);
        }
        println!("{TESTS:<12} unit, integration and browser tests, with private databases");
        return Ok(());
    }
    if let Some(unknown) = args.only.iter().chain(&args.skip).find(|n| !names.contains(&n.as_str())) {
        bail!("no step {unknown}; there are: {}", names.join(", "));
    }
    let chosen: Vec<&str> = names
        .into_iter()
        .filter(|n| args.only.is_empty() || args.only.iter().any(|o| o == n))
        .filter(|n| !args.skip.iter().any(|s| s == n))
        .collect();
    run_steps(ctx, &chosen, &Which::All(&args.runner_args))
}

/// What `precommit` runs.
pub fn run_quick(ctx: &Ctx) -> Result<()> {
    run_steps(ctx, &[&QUICK[..], &[TESTS]].concat(), &Which::Unit)
}

/// Runs the chosen steps; tests only if what they need could be built.
pub fn run_steps(ctx: &Ctx, chosen: &[&str], which: &Which<'_>) -> Result<()> {
    let mut runner = Runner::default();
    // What is missing is told before minutes of compiling, not after.
    let needs = if chosen.contains(&TESTS) {
        let tools = bootstrap::ensure_tools(ctx)?;
        let env = test_env(ctx, &tools, which)?;
        Some((tools, env))
    } else {
        None
    };
    if ["fmt", "clippy", "clippy-wasm"].iter().any(|n| chosen.contains(n)) {
        bootstrap::ensure_components(ctx)?;
    }
    if ["clippy-wasm", "portal"].iter().any(|n| chosen.contains(n)) {
        bootstrap::ensure_wasm_target(ctx)?;
    }
    let mut built = true;
    for step in CHECKS.iter().filter(|s| chosen.contains(&s.name)) {
        if step.name == "generated" && !built {
            continue;
        }
        let passed = runner.step(step.name, || (step.work)(ctx))?;
        built &= passed || step.name != "build";
    }
    if let Some((tools, env)) = needs {
        if built {
            let seen = Summary::default();
            runner.step(TESTS, || run_tests(ctx, &tools, env, which, &seen))?;
            runner.summary = seen;
        } else {
            runner.step(TESTS, || bail!("not run: the build failed"))?;
        }
    }
    runner.finish()
}

/// What tests are told, by the names of environment variables.
type TestEnv = Vec<(&'static str, OsString)>;

/// Starts the services, runs the tests, stops the services.
fn run_tests(ctx: &Ctx, tools: &Tools, mut env: TestEnv, which: &Which<'_>, seen: &Summary) -> Result<()> {
    // No work after the step `build`; without that step this keeps the binary that tests start from being an old one.
    steps::build(ctx)?;
    if !matches!(which, Which::Unit) && !ctx.portal().join("index.html").exists() {
        // The other tests still have something to say.
        if let Err(error) = portal::build(ctx, Kind::Release) {
            process::check_interrupt()?;
            eprintln!("  no portal, browser tests will fail: {error:#}");
        }
    }
    let services = Services::start(ctx, tools, Tuning::Test)?;
    env.extend(services.env.iter().cloned());
    let result = process::run_seen(test_command(ctx, which).envs(env), &|line| seen.see(line));
    drop(services);
    result
}

/// The test runner's command line, always for the whole workspace, so that features (and with them compiled dependencies)
/// stay those of the step `build`: nextest where it is installed (one run, `.config/nextest.toml` gives browser tests the
/// machine to themselves, last), otherwise libtest.
fn test_command(ctx: &Ctx, which: &Which<'_>) -> Command {
    let scope: &[&str] = match which {
        Which::All(_) => &["--workspace"],
        Which::Unit => &["--workspace", "--lib", "--bins"],
        Which::Browser(_) => &["--workspace", "--test", "e2e"],
    };
    let extra: &[OsString] = match which {
        Which::All(extra) | Which::Browser(extra) => extra,
        Which::Unit => &[],
    };
    let mut command = ctx.cargo();
    if bootstrap::on_path(&["cargo-nextest"]).is_some() {
        command
            .args(["nextest", "run"])
            .args(scope)
            .args(["--no-tests", "warn", "--show-progress", "none"])
            .args(extra);
        return command;
    }
    let threads = if matches!(which, Which::Browser(_)) { "--test-threads=1" } else { "--test-threads=2" };
    command.arg("test").args(scope).args(["--no-fail-fast", "--", threads]).args(extra);
    command
}

/// What tests need to know beside the databases.
fn test_env(ctx: &Ctx, tools: &Tools, which: &Which<'_>) -> Result<TestEnv> {
    let artefacts = match std::env::var_os("WHEELHOUSE_TEST_ARTEFACTS") {
        Some(dir) => dir.into(),
        None => ctx.root.join("artefacts"),
    };
    std::fs::create_dir_all(&artefacts)?;
    let mut env = vec![
        ("WHEELHOUSE_TEST_BINARY", ctx.binary("debug").into()),
        ("WHEELHOUSE_TEST_PORTAL", ctx.portal().into()),
        ("WHEELHOUSE_TEST_ARTEFACTS", artefacts.into()),
    ];
    // Tests beside the code, and those of pages, talk to no Python.
    if matches!(which, Which::All(_)) {
        let python = bootstrap::ensure_python(ctx, tools)?;
        env.push(("WHEELHOUSE_TEST_PYTHON", python.join("bin/python").into()));
        env.push(("WHEELHOUSE_TEST_MOTO", python.join("bin/moto_server").into()));
    }
    for (name, path) in
        [("WHEELHOUSE_TEST_CHROMIUM", &tools.chromium), ("WHEELHOUSE_TEST_CHROMEDRIVER", &tools.chromedriver)]
    {
        if let Some(path) = path {
            env.push((name, path.clone().into()));
        }
    }
    Ok(env)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_steps_are_steps_of_the_whole() {
        for name in QUICK {
            assert!(CHECKS.iter().any(|step| step.name == name), "{name}");
        }
    }
}
