//! `cargo xtask test`: everything CI checks, from a bare clone: installs what lacks, runs the steps, starts private services
//! for the tests and stops what it started, also after a failure or Ctrl-C. `.ci/run` calls it and adds nothing.
//!
//! Tests learn where things are from the environment; `services.rs` names the variables of the databases, and
//! [`test_env`] the others.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, UNIX_EPOCH},
};

use anyhow::{Result, bail};

use crate::{
    bootstrap::{self, Tools},
    components, containers,
    ctx::Ctx,
    portal::{self, Kind},
    process,
    services::{Services, Tuning},
    sources::Sources,
    steps::{self, Runner, Summary},
};

/// A step: its name, what it checks, how.
struct Step {
    name: &'static str,
    about: &'static str,
    work: fn(&Ctx) -> Result<()>,
}

/// The checks before the tests, quick ones first.
const CHECKS: [Step; 9] = [
    Step { name: "fmt", about: "formatting", work: steps::fmt },
    Step { name: "layering", about: "edges between crates", work: steps::layering },
    Step { name: "clippy", about: "lints of everything, warnings denied", work: steps::clippy },
    Step { name: "clippy-wasm", about: "lints of domain, contract and web for wasm32", work: steps::clippy_wasm },
    Step { name: "build", about: "binaries and tests", work: steps::build },
    Step { name: "generated", about: "committed generated files are fresh", work: steps::generated },
    Step { name: "portal", about: "the portal as it ships, with its size gate", work: steps::portal },
    Step {
        name: "containers",
        about: "the stack of docker-compose.yml, where that is asked for",
        work: containers::test,
    },
    Step { name: "components", about: "the portal's components in a browser, each by itself", work: components::test },
];

/// Runs beside the others: it writes to folders of its own, and its linker leaves a processor idle.
const BESIDE: &str = "portal";

/// Steps of `precommit --quick`: all but the portal's release build, which takes longest, and what needs a browser.
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
    /// For a new clone whose target directory others share: when its first build began, in seconds since 1970. What they have
    /// built of the same files is not built again.
    #[arg(long, value_name = "SECONDS")]
    clone_began: Option<u64>,
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
    let began = args.clone_began.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
    let sources = began.map(|began| Sources::settle(ctx, began)).transpose()?;
    let ran = run_steps(ctx, &chosen, &Which::All(&args.runner_args));
    process::check_interrupt()?;
    sources.map_or(Ok(()), Sources::remember)?;
    ran
}

/// What `precommit` runs: all that CI does.
pub fn run_whole(ctx: &Ctx) -> Result<()> {
    let names: Vec<&str> = CHECKS.iter().map(|s| s.name).chain([TESTS]).collect();
    run_steps(ctx, &names, &Which::All(&[]))
}

/// What `precommit --quick` runs.
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
    if ["clippy-wasm", "portal", "components"].iter().any(|n| chosen.contains(n)) {
        bootstrap::ensure_wasm_target(ctx)?;
    }
    let built = thread::scope(|scope| {
        let chosen = || CHECKS.iter().filter(|s| chosen.contains(&s.name));
        let beside: Vec<_> = chosen()
            .filter(|step| step.name == BESIDE)
            .map(|step| (step.name, scope.spawn(|| steps::timed(|| (step.work)(ctx)))))
            .collect();
        let mut built = true;
        for step in chosen().filter(|step| step.name != BESIDE) {
            if step.name == "generated" && !built {
                continue;
            }
            let passed = runner.step(step.name, || (step.work)(ctx))?;
            built &= passed || step.name != "build";
        }
        for (name, work) in beside {
            let ran = work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            runner.ended(name, ran)?;
        }
        anyhow::Ok(built)
    })?;
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
pub type TestEnv = Vec<(&'static str, OsString)>;

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
    let mut result = Ok(());
    for mut command in test_commands(ctx, which) {
        // The first failure is told, and the others run all the same.
        let ended = process::run_seen(command.envs(env.iter().cloned()), &|line| seen.see(line));
        result = result.and(ended);
        process::check_interrupt()?;
    }
    drop(services);
    result
}

/// Tests that want the machine to themselves, by a part of their names; libtest's share of `.config/nextest.toml`.
const ALONE: &str = "chaos_";
/// The target of browser tests, which want it too, and a glob of cargo's that every other target of tests matches.
const BROWSER: &str = "e2e";
const NOT_BROWSER: &str = "?[!2]*";

/// The test runner's command lines, always for the whole workspace, so that features (and with them compiled dependencies)
/// stay those of the step `build`: nextest where it is installed (one run, `.config/nextest.toml` gives some tests the
/// machine to themselves), otherwise libtest.
fn test_commands(ctx: &Ctx, which: &Which<'_>) -> Vec<Command> {
    let nextest = bootstrap::on_path(&["cargo-nextest"]).is_some();
    let lines = if nextest { vec![nextest_line(which)] } else { libtest_lines(which) };
    let command = |line: Vec<OsString>| {
        let mut command = ctx.cargo();
        command.args(line);
        command
    };
    lines.into_iter().map(command).collect()
}

fn line(words: &[&str], extra: &[OsString]) -> Vec<OsString> {
    words.iter().map(OsString::from).chain(extra.iter().cloned()).collect()
}

fn nextest_line(which: &Which<'_>) -> Vec<OsString> {
    let (scope, extra): (&[&str], &[OsString]) = match which {
        Which::All(extra) => (&[], extra),
        Which::Unit => (&["--lib", "--bins"], &[]),
        Which::Browser(extra) => (&["--test", BROWSER], extra),
    };
    let run = ["nextest", "run", "--workspace"];
    line(&[&run, scope, &["--no-tests", "warn", "--show-progress", "none"]].concat(), extra)
}

/// Libtest knows no rules for single tests, so what must run alone gets a command of its own. With arguments of the
/// caller's, who may have chosen some tests, everything runs alone.
fn libtest_lines(which: &Which<'_>) -> Vec<Vec<OsString>> {
    let run = ["test", "--workspace", "--no-fail-fast"];
    let two: &[&str] = &["--", "--test-threads=2"];
    let one: &[&str] = &["--", "--test-threads=1"];
    let unit: &[&str] = &["--lib", "--bins"];
    match which {
        Which::All([]) => vec![
            line(&[&run, unit, &["--test", NOT_BROWSER], two, &["--skip", ALONE]].concat(), &[]),
            line(&[&run[..], &["--test", "integration"], one, &[ALONE]].concat(), &[]),
            line(&[&run[..], &["--test", BROWSER], one].concat(), &[]),
        ],
        Which::All(extra) => vec![line(&[&run, unit, &["--test", "*"], one].concat(), extra)],
        Which::Unit => vec![line(&[&run, unit, two].concat(), &[])],
        Which::Browser(extra) => vec![line(&[&run[..], &["--test", BROWSER], one].concat(), extra)],
    }
}

/// What tests need to know beside the databases.
fn test_env(ctx: &Ctx, tools: &Tools, which: &Which<'_>) -> Result<TestEnv> {
    let mut env = browser_env(ctx, tools)?;
    env.push(("WHEELHOUSE_TEST_BINARY", ctx.binary("debug").into()));
    // With everything here that tests need, none may pass because something was missing.
    if !matches!(which, Which::Unit) && std::env::var_os("CI").is_none() {
        env.push(("CI", "1".into()));
    }
    // Tests beside the code, and those of pages, talk to no Python.
    if matches!(which, Which::All(_)) {
        let python = bootstrap::ensure_python(ctx, tools, bootstrap::CLIENTS)?;
        env.push(("WHEELHOUSE_TEST_PYTHON", python.join("bin/python").into()));
        env.push(("WHEELHOUSE_TEST_MOTO", python.join("bin/moto_server").into()));
        let custodian = bootstrap::ensure_python(ctx, tools, bootstrap::CUSTODIAN)?;
        env.push(("WHEELHOUSE_TEST_CUSTODIAN", custodian.join("bin/custodian").into()));
        let schemathesis = bootstrap::ensure_python(ctx, tools, bootstrap::SCHEMATHESIS)?;
        env.push(("WHEELHOUSE_TEST_SCHEMATHESIS", schemathesis.join("bin/schemathesis").into()));
        let deploy = bootstrap::ensure_python(ctx, tools, bootstrap::DEPLOY)?;
        env.push(("WHEELHOUSE_TEST_DEPLOY_PYTHON", deploy.join("bin/python").into()));
    }
    for (name, tool) in [
        ("WHEELHOUSE_TEST_PROMETHEUS", &tools.prometheus),
        ("WHEELHOUSE_TEST_PROMTOOL", &tools.promtool),
        ("WHEELHOUSE_TEST_ALERTMANAGER", &tools.alertmanager),
        ("WHEELHOUSE_TEST_PGBACKREST", &tools.pgbackrest),
        ("WHEELHOUSE_TEST_CADDY", &tools.caddy),
    ] {
        env.extend(tool.as_ref().map(|path| (name, path.into())));
    }
    if !matches!(which, Which::Unit) {
        env.push(("WHEELHOUSE_TEST_NODE", bootstrap::ensure_node(ctx, tools)?.into()));
    }
    Ok(env)
}

/// Where what tests saw is kept.
pub fn artefacts(ctx: &Ctx) -> PathBuf {
    std::env::var_os("WHEELHOUSE_TEST_ARTEFACTS").map_or_else(|| ctx.root.join("artefacts"), PathBuf::from)
}

/// Where the portal and the browser are, and where what was seen is kept.
///
/// # Errors
/// When the folder for that can't be made.
pub fn browser_env(ctx: &Ctx, tools: &Tools) -> Result<TestEnv> {
    let artefacts = artefacts(ctx);
    std::fs::create_dir_all(&artefacts)?;
    let browser =
        [("WHEELHOUSE_TEST_CHROMIUM", &tools.chromium), ("WHEELHOUSE_TEST_CHROMEDRIVER", &tools.chromedriver)];
    let found = browser.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?.clone().into())));
    let places = [("WHEELHOUSE_TEST_PORTAL", ctx.portal().into()), ("WHEELHOUSE_TEST_ARTEFACTS", artefacts.into())];
    Ok(places.into_iter().chain(found).collect())
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

    #[test]
    fn without_nextest_what_wants_the_machine_runs_alone_and_once() {
        let shown: Vec<String> = libtest_lines(&Which::All(&[]))
            .iter()
            .map(|words| words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            shown,
            [
                "test --workspace --no-fail-fast --lib --bins --test ?[!2]* -- --test-threads=2 --skip chaos_",
                "test --workspace --no-fail-fast --test integration -- --test-threads=1 chaos_",
                "test --workspace --no-fail-fast --test e2e -- --test-threads=1",
            ]
        );
    }
}
