//! How fast the engine is, and how much it holds, on a model of Phi-3-mini's true shape with random weights: the short way
//! to the figures while working on a kernel. Beside llama.cpp they are in `cargo xtask bench model`.
//!
//! `speed make FILE` writes the model (2.4 GB, quantised as Q4_K_M is); `speed run FILE [THREADS [CONTEXT [PARTS]]]` loads
//! it and prints tokens per second of wall time and of processor time: on a machine with other work the latter is the one
//! to compare. PARTS are some of `PROMPT` (read) and `PROMPT:REQUESTS:STEPS` (written). The same FILE can be given to other
//! engines.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::io::{Error, Result};
use std::path::Path;

use ai_service::engine::{LoadOptions, load};
use ai_service::files::{self, random};
use ai_service::measure::{Spent, Trial, Watch};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    match (arguments.first().map(String::as_str), arguments.get(1)) {
        (Some("make"), Some(file)) => random::write_mini(Path::new(file)),
        (Some("run"), Some(file)) => {
            let parts = arguments.get(4).map_or("512,128:1:24,1024:1:24,128:8:12", String::as_str);
            run(Path::new(file), number(2, 1), number(3, 2048), parts)
        }
        _ => Err(Error::other("make FILE, or run FILE [THREADS [CONTEXT [PARTS]]]")),
    }
}

fn run(path: &Path, threads: usize, context: usize, parts: &str) -> Result<()> {
    let watch = Watch::start();
    let file = files::open(path).map_err(Error::other)?;
    let options = LoadOptions { threads, context, name: file.name, ..LoadOptions::default() };
    let mut model = load(file.config, file.weights, &options).map_err(Error::other)?;
    let loaded = watch.spent(1);
    let info = model.info().clone();
    println!("{threads} threads, {}, context {}, steps of {} tokens", info.kernels, info.context, info.batch_tokens);
    println!("loaded in {:.2} s, {:.2} s of processor", loaded.wall_seconds, loaded.processor_seconds.unwrap_or(0.0));
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (file, weights, cache) = (file.file_bytes, info.weight_bytes, info.cache_bytes);
    println!("file {:.0} MB, weights {:.0} MB, cache {:.0} MB", megabytes(file), megabytes(weights), megabytes(cache));
    memory("after loading");
    for part in parts.split(',') {
        let numbers = part.split(':').map(str::parse).collect::<std::result::Result<Vec<usize>, _>>();
        let trial = match numbers.map_err(Error::other)?[..] {
            [prompt] => Trial::Read { prompt },
            [prompt, requests, steps] => Trial::Write { prompt, requests, steps },
            _ => return Err(Error::other(format!("no such part: {part}"))),
        };
        print(part, trial.run(&mut *model).map_err(Error::other)?);
        memory(part);
    }
    Ok(())
}

fn print(what: &str, spent: Spent) {
    let (wall, processor) = (spent.per_second(), spent.per_processor_second().unwrap_or_default());
    println!("{what:<14} {wall:>8.2} tokens/s  {processor:>8.2} tokens per processor second");
}

fn memory(what: &str) {
    if let Some(memory) = platform::memory::resident() {
        let (now, most) = (memory.current_bytes as f64 / 1e6, memory.peak_bytes as f64 / 1e6);
        println!("{what:<14} {now:.0} MB resident, at most {most:.0} MB");
    }
}
