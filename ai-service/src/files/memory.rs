//! What a model will take, computed from its figures before any of it is taken; and the refusal that names the figures.
//!
//! It measures nothing: what a running engine holds is in its `ModelInfo`. The tests of the engine hold the two together.

use std::fmt;

use super::config::Phi3Config;

/// How keys and values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum KvType {
    /// Half floats.
    #[default]
    F16,
    /// Bytes, with a 32-bit scale for each head of each position.
    Int8,
    /// 32-bit floats: twice the memory for nothing, except in tests that compare with a reference.
    F32,
}

impl KvType {
    /// Bytes of the keys and values of one position over all layers.
    #[must_use]
    pub fn bytes_per_position(self, config: &Phi3Config) -> u64 {
        let one = match self {
            Self::F16 => 2 * config.kv_width(),
            Self::Int8 => config.kv_width() + 4 * config.kv_heads,
            Self::F32 => 4 * config.kv_width(),
        };
        2 * config.layers as u64 * one as u64
    }
}

/// What the need is computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Positions the cache has room for, over all requests together.
    pub context: usize,
    /// How they are kept.
    pub kv: KvType,
    /// Most tokens in one step.
    pub batch_tokens: usize,
    /// Sequences whose logits are held at once.
    pub sequences: usize,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self { context: 4096, kv: KvType::F16, batch_tokens: 128, sequences: 16 }
    }
}

/// Bytes a loaded model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Weights as they are kept: packed, or as they lie in the file.
    pub weights: u64,
    /// Keys and values.
    pub cache: u64,
    /// Everything between the layers, and the logits; or what is packed at a time while loading, where that is more than
    /// the cache, which nothing has touched then, and these.
    pub scratch: u64,
}

impl Need {
    /// All of it.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.weights.saturating_add(self.cache).saturating_add(self.scratch)
    }
}

/// A model takes more than it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DoesNotFit {
    /// What it would take.
    pub need: Need,
    /// For how many positions.
    pub context: usize,
    /// What it may take, in bytes.
    pub limit: u64,
    /// The most positions that would fit; `None`: not even the weights do.
    pub fits: Option<usize>,
}

impl fmt::Display for DoesNotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { need, context, limit, fits } = self;
        let (total, weights) = (Amount(need.total()), Amount(need.weights));
        let (cache, scratch, limit) = (Amount(need.cache), Amount(need.scratch), Amount(*limit));
        write!(f, "the model needs {total} of memory (weights {weights}, a context of {context} tokens {cache}, ")?;
        write!(f, "working space {scratch}) and may take {limit}; ")?;
        match fits {
            Some(fits) => write!(f, "a context of {fits} tokens would fit"),
            None => f.write_str("no context makes it fit: a smaller model is needed"),
        }
    }
}

/// Bytes as people read them, in powers of a thousand, as the configuration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub u64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 1_000_000_000.. => write!(f, "{:.2} GB", bytes as f64 / 1e9),
            bytes @ 1_000_000.. => write!(f, "{:.1} MB", bytes as f64 / 1e6),
            bytes @ 1_000.. => write!(f, "{:.1} kB", bytes as f64 / 1e3),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// What a model takes whose weights take `weight_bytes`, as `engine::weight_bytes` says. Not in it: the tokenizer, the
/// threads' own space, requests.
#[must_use]
pub fn need(config: &Phi3Config, weight_bytes: u64, options: MemoryOptions) -> Need {
    let cache = (options.context as u64).saturating_mul(options.kv.bytes_per_position(config));
    let scratch = steps(config, options).max(packing(config).saturating_sub(cache));
    Need { weights: weight_bytes, cache, scratch }
}

/// What lies between the layers.
fn steps(config: &Phi3Config, options: MemoryOptions) -> u64 {
    // Residual, its norm, what comes back; queries with keys and values, the attention's result, and the feed-forward
    // part's inside with its input.
    let per_token = 3 * config.hidden + config.qkv_rows() + config.heads * config.head_dim + 3 * config.ffn;
    // As the output matrix gives them, and in rows.
    let logits = 2 * options.sequences as u64 * config.vocabulary as u64;
    4 * (options.batch_tokens as u64 * per_token as u64 + logits)
}

/// While it is packed, the largest matrix is there as it lies in the file too, at most 34 bytes for 32 weights.
fn packing(config: &Phi3Config) -> u64 {
    let largest = (2 * config.ffn).max(config.vocabulary) as u64 * config.hidden as u64;
    (largest / 32).saturating_mul(34)
}

/// The most positions with which a model stays within `limit` (`weight_bytes` as for [`need`]), in whole `step`s and at
/// most its own context; `None` where not one step fits.
#[must_use]
pub fn largest_context(
    config: &Phi3Config,
    weight_bytes: u64,
    options: MemoryOptions,
    limit: u64,
    step: usize,
) -> Option<usize> {
    let left = limit.checked_sub(weight_bytes)?;
    left.checked_sub(packing(config))?;
    let per_position = options.kv.bytes_per_position(config).max(1);
    let room = usize::try_from(left.checked_sub(steps(config, options))? / per_position).unwrap_or(usize::MAX);
    let step = step.max(1).min(config.context);
    match room.min(config.context) / step * step {
        0 => None,
        fits => Some(fits),
    }
}

/// [`need`], refused where it exceeds `limit` bytes.
///
/// # Errors
/// [`DoesNotFit`] with the figures and the context that would fit.
pub fn check(config: &Phi3Config, weight_bytes: u64, options: MemoryOptions, limit: u64) -> Result<Need, DoesNotFit> {
    /// What an offered context is rounded down to.
    const STEP: usize = 64;
    let need = need(config, weight_bytes, options);
    if need.total() <= limit {
        return Ok(need);
    }
    let fits = largest_context(config, weight_bytes, options, limit, STEP);
    Err(DoesNotFit { need, context: options.context, limit, fits })
}
