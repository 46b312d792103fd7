//! What a model does on this machine: how long it loads, what it takes, how fast it reads and writes. For
//! `wheelhouse ai check` and for benches; nothing that serves requests needs it.
//!
//! To add a figure: a field of [`Measured`], and its line in the command.

mod trial;

use std::path::Path;
use std::time::Instant;

use platform::config::AiConfig;
use serde::Serialize;

use crate::engine::{self, LoadOptions};
use crate::files;
use crate::files::memory;
use crate::load::{load_file, load_options, memory_limit};
pub use trial::{Spent, Trial, Watch};

/// Tokens of the prompt that is read.
const PROMPT: usize = 256;
/// Tokens that are written.
const WRITTEN: usize = 16;
/// Before anything counts: threads wake, pages come in.
const WARM_UP: Trial = Trial::Write { prompt: 4, requests: 1, steps: 4 };
/// What an offered context is rounded down to, in tokens.
const STEP: usize = 64;

/// The figures. Bytes are bytes, speeds tokens a second of wall time.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// The model's name.
    pub name: String,
    /// Size of its file or files.
    pub file_bytes: u64,
    /// Which kernels compute.
    pub kernels: &'static str,
    /// On how many threads.
    pub threads: usize,
    /// Positions that the cache has room for.
    pub context: usize,
    /// The most positions that fit the memory that may be taken; `None` where that is not known, or not one step fits.
    pub largest_context: Option<usize>,
    /// Memory that might be taken before the model was loaded.
    pub allowed_bytes: Option<u64>,
    /// Weights in memory.
    pub weight_bytes: u64,
    /// Cache in memory.
    pub cache_bytes: u64,
    /// What the process holds at the end; `None` where there is no `/proc`.
    pub resident_bytes: Option<u64>,
    /// Seconds it took to load.
    pub load_seconds: f64,
    /// Tokens read a second, of a prompt.
    pub read_per_second: f64,
    /// Tokens written a second, one request alone, behind that prompt.
    pub written_per_second: f64,
}

/// Loads the model as it is configured, lets it read and write, and measures that. Takes seconds and a lot of processor: on
/// a thread of its own.
///
/// # Errors
/// A sentence: what is wrong with the file, the memory that lacks, or that the model computes no numbers.
pub fn measure(path: &Path, config: &AiConfig) -> Result<Measured, String> {
    let options = load_options(config);
    let allowed_bytes = memory_limit(config).or_else(platform::memory::available);
    let began = Instant::now();
    let file = files::open(path).map_err(|error| error.to_string())?;
    let largest_context = allowed_bytes.and_then(|limit| {
        let weights = engine::weight_bytes(&file.config, &file.weights);
        memory::largest_context(&file.config, weights, options.memory(), limit, STEP)
    });
    let file_bytes = file.file_bytes;
    let LoadOptions { threads, .. } = options;
    let mut model = load_file(file, &LoadOptions { memory_limit: allowed_bytes, ..options })?.model;
    let load_seconds = began.elapsed().as_secs_f64();
    let info = model.info().clone();
    WARM_UP.run(&mut *model)?;
    let read = Trial::Read { prompt: PROMPT }.run(&mut *model)?;
    let written = Trial::Write { prompt: PROMPT, requests: 1, steps: WRITTEN }.run(&mut *model)?;
    Ok(Measured {
        name: info.name,
        file_bytes,
        kernels: info.kernels,
        threads,
        context: info.context,
        largest_context,
        allowed_bytes,
        weight_bytes: info.weight_bytes,
        cache_bytes: info.cache_bytes,
        resident_bytes: platform::memory::resident().map(|memory| memory.current_bytes),
        load_seconds,
        read_per_second: read.per_second(),
        written_per_second: written.per_second(),
    })
}
