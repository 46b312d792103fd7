//! What a model does on this machine: how long it loads, what it takes, how fast it reads and writes. For
//! `wheelhouse ai check` and for trials; nothing that serves requests needs it.
//!
//! To add a figure: a field of [`Measured`], and its line in the command.

use std::path::Path;
use std::time::Instant;

use platform::config::AiConfig;
use serde::Serialize;

use crate::engine::{Chunk, LoadOptions, Model, PageId, RopeFactors};
use crate::files;
use crate::files::memory::{self, MemoryOptions};
use crate::load::{load, load_options, memory_limit};

/// Tokens of the prompt that is read.
const PROMPT: usize = 256;
/// Tokens that are written.
const WRITTEN: usize = 16;
/// Steps before anything counts: threads wake, pages come in.
const WARM_UP: usize = 4;
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
    let file = files::open(path).map_err(|error| error.to_string())?;
    let largest_context = allowed_bytes.and_then(|limit| {
        let LoadOptions { context, kv, batch_tokens, sequences, .. } = options;
        let wanted = MemoryOptions { context, kv, batch_tokens, sequences };
        memory::largest_context(&file.config, file.weights.bytes(), wanted, limit, STEP)
    });
    let file_bytes = file.file_bytes;
    drop(file);

    let began = Instant::now();
    let mut model = load(path, &options, allowed_bytes)?.model;
    let load_seconds = began.elapsed().as_secs_f64();
    let info = model.info().clone();
    let mut trial = Trial::new(&mut *model);
    trial.read(WARM_UP)?;
    trial.write(WARM_UP)?;
    trial.length = 0;
    let prompt = PROMPT.min(info.context.saturating_sub(WRITTEN)).max(1);
    let began = Instant::now();
    trial.read(prompt)?;
    let read_per_second = prompt as f64 / began.elapsed().as_secs_f64();
    let began = Instant::now();
    trial.write(WRITTEN)?;
    let written_per_second = WRITTEN as f64 / began.elapsed().as_secs_f64();
    Ok(Measured {
        name: info.name,
        file_bytes,
        kernels: info.kernels,
        threads: options.threads,
        context: info.context,
        largest_context,
        allowed_bytes,
        weight_bytes: info.weight_bytes,
        cache_bytes: info.cache_bytes,
        resident_bytes: platform::memory::resident().map(|memory| memory.current_bytes),
        load_seconds,
        read_per_second,
        written_per_second,
    })
}

/// One sequence of tokens that mean nothing.
struct Trial<'a> {
    model: &'a mut dyn Model,
    pages: Vec<PageId>,
    length: usize,
    logits: Vec<f32>,
}

impl<'a> Trial<'a> {
    fn new(model: &'a mut dyn Model) -> Self {
        let pages = (0..).take(model.info().pages).collect();
        Self { model, pages, length: 0, logits: Vec::new() }
    }

    /// So many tokens at once, in steps of what the model takes.
    fn read(&mut self, count: usize) -> Result<(), String> {
        let most = self.model.info().batch_tokens.max(1);
        let mut left = count;
        while left > 0 {
            let some = left.min(most);
            self.forward(some)?;
            left -= some;
        }
        Ok(())
    }

    /// So many tokens, one after another.
    fn write(&mut self, count: usize) -> Result<(), String> {
        (0..count).try_for_each(|_| self.forward(1))
    }

    fn forward(&mut self, count: usize) -> Result<(), String> {
        let vocabulary = self.model.info().vocabulary.max(1);
        let tokens: Vec<u32> =
            (self.length..self.length + count).filter_map(|at| u32::try_from(at * 37 % vocabulary).ok()).collect();
        let chunk =
            Chunk { pages: &self.pages, start: self.length, tokens: &tokens, rope: RopeFactors::Short, logits: true };
        self.model.forward(&[chunk], &mut self.logits).map_err(|error| error.to_string())?;
        self.length += count;
        Ok(())
    }
}
