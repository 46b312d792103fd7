//! From a model's figures and tensors to a [`Model`] in memory.
//!
//! What it will take is computed and refused before any of it is taken. It opens no files (that is `files`). To add an
//! architecture: its folder beside `phi3`, and the choice here.

use super::kernels::Isa;
use super::kernels::attend::PAGE;
use super::model::Model;
use super::phi3::{Phi3, weight_bytes};
use crate::files::memory::{self, DoesNotFit, MemoryOptions};
use crate::files::{FileError, KvType, Phi3Config, WeightSource};

/// How a model is loaded.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The name it is shown under.
    pub name: String,
    /// Positions the cache has room for, over all requests together; rounded up to whole pages.
    pub context: usize,
    /// How keys and values are kept.
    pub kv: KvType,
    /// Most tokens in one step. More make long prompts somewhat faster and take more memory.
    pub batch_tokens: usize,
    /// Sequences whose logits are held at once, for the memory figure.
    pub sequences: usize,
    /// Threads that compute, the caller's among them.
    pub threads: usize,
    /// Which instructions.
    pub isa: Isa,
    /// Most bytes it may take in all; `None`: whatever it needs.
    pub memory_limit: Option<u64>,
}

impl Default for LoadOptions {
    /// All this processor has, with room for 4,096 positions.
    fn default() -> Self {
        Self {
            name: "phi-3".to_owned(),
            context: 4096,
            kv: KvType::F16,
            batch_tokens: 256,
            sequences: 16,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            isa: Isa::best(),
            memory_limit: None,
        }
    }
}

impl LoadOptions {
    /// What of it the memory depends on.
    #[must_use]
    pub const fn memory(&self) -> MemoryOptions {
        let Self { context, kv, batch_tokens, sequences, .. } = *self;
        // The cache has whole pages.
        MemoryOptions { context: context.next_multiple_of(PAGE), kv, batch_tokens, sequences }
    }
}

/// A model can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its file does not hold what it promises.
    #[error(transparent)]
    File(#[from] FileError),
    /// It takes more memory than it may.
    #[error(transparent)]
    Memory(#[from] DoesNotFit),
    /// The system gives no more threads.
    #[error("no threads to compute with: {0}")]
    Threads(std::io::Error),
}

/// Loads a model: packs its weights for this processor, once, and reserves its cache.
///
/// # Errors
/// [`LoadError`]; where memory is the reason, it names the context that would fit.
pub fn load(config: Phi3Config, source: WeightSource, options: &LoadOptions) -> Result<Box<dyn Model>, LoadError> {
    if let Some(limit) = options.memory_limit {
        memory::check(&config, weight_bytes(&config, &source), options.memory(), limit)?;
    }
    Ok(Box::new(Phi3::load(config, source, options)?))
}
