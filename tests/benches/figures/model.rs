//! The local model's engine beside llama.cpp, on one file of Phi-3-mini's true shape with random weights, in turns.
//!
//! Figures are tokens a second of processor time, so that other work on the machine does not count, and medians of
//! [`ROUNDS`]. llama.cpp is measured where `WHEELHOUSE_BENCH_LLAMA` names a Python that has the package llama-cpp-python
//! (built with clang: `CC=clang CXX=clang++ pip install --no-binary llama-cpp-python llama-cpp-python`).
//! `WHEELHOUSE_BENCH_THREADS` is on how many threads both compute, otherwise one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ai_service::engine::{LoadOptions, Model, load};
use ai_service::files::{self, random};
use ai_service::measure::{Spent, Trial, Watch};
use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{Row, row};

/// Each trial is made so often.
const ROUNDS: usize = 3;
/// Positions the caches have room for.
const CONTEXT: usize = 2048;
/// The trials, and the least ratio to llama.cpp (built with clang) that is wanted, see [`WITH_AMX`].
const TRIALS: [(&str, Trial, Option<f64>); 4] = [
    ("prompt of 512 read", Trial::Read { prompt: 512 }, Some(1.6)),
    ("written at context 128", Trial::Write { prompt: 128, requests: 1, steps: 24 }, Some(1.3)),
    ("written at context 1,024", Trial::Write { prompt: 1024, requests: 1, steps: 24 }, Some(1.5)),
    ("eight requests at once, at context 128", Trial::Write { prompt: 128, requests: 8, steps: 12 }, None),
];

/// What is wanted of reading where the processor has AMX, which llama.cpp uses, too. Nobody has measured it there (ADR 0013).
const WITH_AMX: f64 = 1.8;

pub async fn run() -> Result<Vec<Row>> {
    tokio::task::spawn_blocking(measure).await?
}

fn measure() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mini.gguf");
    random::write_mini(&file)?;
    let threads = std::env::var("WHEELHOUSE_BENCH_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut theirs = Theirs::start(&file, threads)?;
    let before = platform::memory::resident();
    let (mut ours, loaded) = open(&file, threads)?;
    let info = ours.info().clone();
    let mut rows = vec![row("kernels, threads", format!("{}, {threads}", info.kernels))];
    let their_load = theirs.as_ref().map(|Theirs { load_seconds, .. }| {
        format!("; llama.cpp {load_seconds:.1} s; ratio {:.2}", load_seconds / loaded.wall_seconds)
    });
    rows.push(row("loads, file in memory", format!("{:.1} s{} (3 s wanted)", loaded.wall_seconds, or(their_load))));

    let mut alone = None;
    for (what, trial, wanted) in TRIALS {
        let (mut our, mut their) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let spent = trial.run(&mut *ours).map_err(anyhow::Error::msg)?;
            our.push(spent.per_processor_second().unwrap_or_else(|| spent.per_second()));
            if let Some(theirs) = &mut theirs {
                their.push(theirs.run(trial)?);
            }
        }
        let our = median(our);
        let mut figure = format!("{our:.1} tokens/s");
        if !their.is_empty() {
            let their = median(their);
            let amx = info.kernels.starts_with("amx") && matches!(trial, Trial::Read { .. });
            let wanted = if amx { Some(WITH_AMX) } else { wanted };
            figure += &format!("; llama.cpp {their:.1}; ratio {:.2}", our / their);
            figure += &or(wanted.map(|wanted| format!(" ({wanted} wanted)")));
        }
        match trial {
            Trial::Write { requests: 1, prompt: 128, .. } => alone = Some(our),
            Trial::Write { requests: 8, .. } => {
                figure += &or(alone.map(|alone| format!("; {:.1} times one alone (5 wanted)", our / alone)));
            }
            _ => {}
        }
        rows.push(row(what, figure));
    }
    if theirs.is_none() {
        rows.push(row("llama.cpp", "not measured: WHEELHOUSE_BENCH_LLAMA names no Python with llama-cpp-python"));
    }

    // The whole cache in use.
    let full = Trial::Write { prompt: CONTEXT - 8, requests: 1, steps: 4 };
    full.run(&mut *ours).map_err(anyhow::Error::msg)?;
    let their_memory = theirs.as_mut().map(|theirs| theirs.memory(full)).transpose()?;
    if let (Some(before), Some(now)) = (before, platform::memory::resident()) {
        let held = now.current_bytes.saturating_sub(before.current_bytes) as f64 / 1e9;
        let beyond = held - std::fs::metadata(&file)?.len() as f64 / 1e9;
        let their_memory = their_memory.map(|[resident, own]| {
            format!("; llama.cpp {resident:.2} GB, {own:.2} of them beside the file; ratio {:.2}", resident / held)
        });
        rows.push(row(
            "memory at context 2,048",
            format!(
                "{held:.2} GB, {beyond:.2} more than the file (0.90 wanted); weights and cache {:.2} GB{}",
                both(&info),
                or(their_memory)
            ),
        ));
    }
    drop(ours);
    rows.push(row("two threads beside one", two_threads(&file)?));
    Ok(rows)
}

fn both(info: &ai_service::engine::ModelInfo) -> f64 {
    (info.weight_bytes + info.cache_bytes) as f64 / 1e9
}

fn open(file: &Path, threads: usize) -> Result<(Box<dyn Model>, Spent)> {
    let watch = Watch::start();
    let file = files::open(file)?;
    let options = LoadOptions { threads, context: CONTEXT, name: file.name, ..LoadOptions::default() };
    let model = load(file.config, file.weights, &options)?;
    Ok((model, watch.spent(1)))
}

/// How much faster two threads are than one: in wall time, so that it says something on an idle machine only.
fn two_threads(file: &Path) -> Result<String> {
    let mut speeds = Vec::new();
    for threads in [1, 2] {
        let (mut model, _) = open(file, threads)?;
        let mut best = [0.0_f64; 2];
        for _ in 0..ROUNDS {
            for (best, (_, trial, _)) in best.iter_mut().zip(TRIALS) {
                *best = best.max(trial.run(&mut *model).map_err(anyhow::Error::msg)?.per_second());
            }
        }
        speeds.push(best);
    }
    let ratio = |trial: usize| speeds[1][trial] / speeds[0][trial];
    Ok(format!("{:.2} times reading, {:.2} times writing (1.8 wanted, of an idle machine)", ratio(0), ratio(1)))
}

fn or(text: Option<String>) -> String {
    text.unwrap_or_default()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// llama.cpp in a process of its own; ends with it.
struct Theirs {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    load_seconds: f64,
}

impl Theirs {
    fn start(file: &Path, threads: usize) -> Result<Option<Self>> {
        let Some(python) = std::env::var_os("WHEELHOUSE_BENCH_LLAMA") else { return Ok(None) };
        let script = testkit::outside::scripts().join("llama_speed.py");
        let mut command = Command::new(python);
        command.arg(script).arg(file).args([threads.to_string(), CONTEXT.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (ask, answers) = (child.stdin.take().context("no input")?, child.stdout.take().context("no output")?);
        let mut theirs = Self { child, ask, answers: BufReader::new(answers), load_seconds: 0.0 };
        theirs.load_seconds = theirs.answer()?["load_seconds"].as_f64().context("no load_seconds")?;
        Ok(Some(theirs))
    }

    fn answer(&mut self) -> Result<Value> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("llama_speed.py said {line:?}"))
    }

    /// Tokens a processor second.
    fn run(&mut self, trial: Trial) -> Result<f64> {
        let spent = self.try_out(trial)?;
        Ok(number(&spent, "tokens")? / number(&spent, "processor_seconds")?)
    }

    /// What its process holds after a trial, and what of it is not the mapped file, in GB.
    fn memory(&mut self, trial: Trial) -> Result<[f64; 2]> {
        let spent = self.try_out(trial)?;
        Ok([number(&spent, "resident_bytes")? / 1e9, number(&spent, "own_bytes")? / 1e9])
    }

    fn try_out(&mut self, trial: Trial) -> Result<Value> {
        match trial {
            Trial::Read { prompt } => writeln!(self.ask, "read {prompt}")?,
            Trial::Write { prompt, requests, steps } => writeln!(self.ask, "write {prompt} {requests} {steps}")?,
        }
        self.answer()
    }
}

fn number(spent: &Value, name: &str) -> Result<f64> {
    spent[name].as_f64().with_context(|| format!("no {name} in {spent}"))
}

impl Drop for Theirs {
    fn drop(&mut self) {
        // It ends when its input does; killing it is for where it hangs.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
