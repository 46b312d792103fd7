//! The steps that checks consist of, and the runner that times them and sums them up. `test`, `precommit` and `e2e` call
//! the same functions, so that "passes before the commit" and "passes in CI" mean the same.
//!
//! To add a check: a function `fn(&Ctx) -> Result<()>` here (or beside its command) and a line in `test.rs`.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{ctx::Ctx, gen_files, layering, portal, process};

/// How one step went.
enum Outcome {
    Passed(Duration),
    Failed(Duration, String),
}

/// Runs steps and remembers how they went.
pub struct Runner {
    since: Instant,
    done: Vec<(String, Outcome)>,
    /// The test runner's own closing line, printed last.
    pub summary: Summary,
}

/// The closing line of a test runner, picked from its output.
#[derive(Default)]
pub struct Summary(Mutex<Option<String>>);

impl Summary {
    /// Keeps a line of the test runner if it is its summary; for [`process::run_seen`].
    pub fn see(&self, line: &str) {
        let text = without_colour(line);
        let text = text.trim();
        if (text.starts_with("Summary [") && text.contains("run:")) || text.starts_with("test result:") {
            let mut summary = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *summary = Some(match summary.take() {
                Some(before) if text.starts_with("test result:") => add_results(&before, text),
                _ => text.to_owned(),
            });
        }
    }

    fn into_line(self) -> Option<String> {
        self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for Runner {
    fn default() -> Self {
        Self { since: Instant::now(), done: Vec::new(), summary: Summary::default() }
    }
}

/// Runs `work` and says how long it took.
pub fn timed(work: impl FnOnce() -> Result<()>) -> (Duration, Result<()>) {
    let since = Instant::now();
    let result = work();
    (since.elapsed(), result)
}

impl Runner {
    /// Runs one step; a failure is remembered and the next step may still run.
    ///
    /// # Errors
    /// Only when Ctrl-C came.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<bool> {
        process::check_interrupt()?;
        eprintln!("\n=== {name}");
        let ran = timed(work);
        self.ended(name, ran)
    }

    /// Writes down a step that ran beside others: what [`timed`] gave for it.
    ///
    /// # Errors
    /// Only when Ctrl-C came.
    pub fn ended(&mut self, name: &str, (took, result): (Duration, Result<()>)) -> Result<bool> {
        process::check_interrupt()?;
        let passed = result.is_ok();
        match result {
            Ok(()) => {
                eprintln!("=== {name}: passed in {}", seconds(took));
                self.done.push((name.to_owned(), Outcome::Passed(took)));
            }
            Err(error) => {
                eprintln!("=== {name}: FAILED after {}: {error:#}", seconds(took));
                self.done.push((name.to_owned(), Outcome::Failed(took, format!("{error:#}"))));
            }
        }
        Ok(passed)
    }

    /// Prints the table of steps, the failed ones, and last the test runner's summary.
    ///
    /// # Errors
    /// When a step failed.
    pub fn finish(self) -> Result<()> {
        eprintln!("\nstep                      result      time");
        for (name, outcome) in &self.done {
            let (word, took) = match outcome {
                Outcome::Passed(took) => ("passed", took),
                Outcome::Failed(took, _) => ("FAILED", took),
            };
            eprintln!("{name:<24}  {word:<8}  {:>8}", seconds(*took));
        }
        eprintln!("{:<24}  {:<8}  {:>8}", "from start to end", "", seconds(self.since.elapsed()));
        let failed: Vec<&str> =
            self.done.iter().filter(|(_, o)| matches!(o, Outcome::Failed(..))).map(|(name, _)| name.as_str()).collect();
        for (name, outcome) in &self.done {
            if let Outcome::Failed(_, why) = outcome {
                eprintln!("failed step {name}: {why}");
            }
        }
        if failed.is_empty() {
            eprintln!("every step passed");
        }
        // Last of all, on standard output, so that it is the closing line however the two streams are collected.
        if let Some(summary) = self.summary.into_line() {
            println!("{summary}");
        }
        if failed.is_empty() { Ok(()) } else { Err(StepsFailed(failed.join(", ")).into()) }
    }
}

/// The error of a run in which steps failed.
#[derive(Debug)]
pub struct StepsFailed(String);

impl std::fmt::Display for StepsFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "failed: {}", self.0)
    }
}

impl std::error::Error for StepsFailed {}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// The line without terminal colour codes.
fn without_colour(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            out.push(c);
        }
    }
    out
}

/// Adds libtest's `test result:` lines of several binaries into one.
fn add_results(before: &str, line: &str) -> String {
    let number = |text: &str, word: &str| -> u64 {
        text.split([';', '.', ',']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok()).unwrap_or(0)
    };
    let add = |word: &str| number(before, word) + number(line, word);
    let (passed, failed, ignored) = (add("passed"), add("failed"), add("ignored"));
    let word = if failed == 0 { "ok" } else { "FAILED" };
    format!("test result: {word}, {passed} passed, {failed} failed, {ignored} ignored")
}

/// Formatting.
pub fn fmt(ctx: &Ctx) -> Result<()> {
    process::run(ctx.cargo().args(["fmt", "--all", "--check"]))
}

/// Edges between crates.
pub fn layering(ctx: &Ctx) -> Result<()> {
    layering::run(ctx)
}

/// Lints of everything, tests included.
pub fn clippy(ctx: &Ctx) -> Result<()> {
    process::run(ctx.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Lints of what runs in the browser, as the browser's compiler sees it; proves as well that domain and contract stay wasm-safe.
pub fn clippy_wasm(ctx: &Ctx) -> Result<()> {
    process::run(ctx.cargo().args([
        "clippy",
        "-p",
        "domain",
        "-p",
        "contract",
        "-p",
        "web",
        "--target",
        portal::TARGET,
        "--",
        "-D",
        "warnings",
    ]))
}

/// Binaries and tests, dev profile, one feature resolution for the whole workspace.
pub fn build(ctx: &Ctx) -> Result<()> {
    process::run(ctx.cargo().args(["build", "--workspace", "--bins", "--tests"]))
}

/// Generated files are fresh; needs [`build`].
pub fn generated(ctx: &Ctx) -> Result<()> {
    gen_files::check(ctx)
}

/// The portal as it ships, with its size gate.
pub fn portal(ctx: &Ctx) -> Result<()> {
    portal::build(ctx, portal::Kind::Release).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_line_is_found_through_colour() {
        let summary = Summary::default();
        summary.see("\u{1b}[32;1m     Summary\u{1b}[0m [   1.234s] 5 tests run: 5 passed, 1 skipped\n");
        assert_eq!(summary.into_line().as_deref(), Some("Summary [   1.234s] 5 tests run: 5 passed, 1 skipped"));
    }

    #[test]
    fn libtest_results_add_up() {
        let summary = Summary::default();
        summary.see("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        summary
            .see("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        summary.see("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!(summary.into_line().as_deref(), Some("test result: FAILED, 8 passed, 2 failed, 1 ignored"));
    }

    #[test]
    fn a_failed_step_fails_the_run_and_the_next_still_runs() {
        let mut runner = Runner::default();
        assert!(!runner.step("one", || anyhow::bail!("no")).unwrap());
        assert!(runner.step("two", || Ok(())).unwrap());
        assert_eq!(runner.finish().unwrap_err().to_string(), "failed: one");
    }
}
