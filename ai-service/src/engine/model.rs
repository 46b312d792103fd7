//! What the scheduler and a model agree on: chunks of tokens go in with the pages their keys and values live in, rows
//! of logits come out.
//!
//! It is not a model and knows no file format: `phi3` is the real one, `scripted` the one for tests of what stands above.
//! To add an architecture: implement [`Model`] in a folder beside `phi3` and name it in `load`.
//!
//! Who owns what: the model owns the memory of the cache, cut into [`ModelInfo::pages`] pages of
//! [`ModelInfo::page_tokens`] positions; the scheduler owns the knowledge of which page belongs to whom. A page that
//! several requests share (the same beginning) is only read; the scheduler copies or recomputes what is not whole.

use std::fmt;

/// Number of a page of the cache: `0 .. ModelInfo::pages`.
pub type PageId = u32;

/// Which factors the rotary embedding of a sequence uses. Models of 128k tokens have two sets; which one holds is decided
/// by the length of the whole sequence so far, as in Hugging Face's `Phi3ForCausalLM`: a sequence that grows past
/// [`ModelInfo::original_context`] is computed again from its beginning with `Long`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RopeFactors {
    /// The sequence fits the length the model was trained with first.
    #[default]
    Short,
    /// It is longer.
    Long,
}

/// What a loaded model is and how much it takes at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// The name shown by `/v1/models`: from the file's metadata, otherwise its file name without the ending.
    pub name: String,
    /// Rows of the output matrix: the length of a row of logits.
    pub vocabulary: usize,
    /// Most positions of one sequence, bounded by the model and by the memory given to the cache.
    pub context: usize,
    /// Positions up to which [`RopeFactors::Short`] holds; `None` where the model has one set of factors.
    pub original_context: Option<usize>,
    /// Positions in a page.
    pub page_tokens: usize,
    /// Pages in the cache.
    pub pages: usize,
    /// Most tokens in one call of [`Model::forward`], over all its chunks.
    pub batch_tokens: usize,
    /// Bytes resident for weights.
    pub weight_bytes: u64,
    /// Bytes resident for the cache.
    pub cache_bytes: u64,
    /// Which kernels run, such as `avx512-vnni`: shown, never decided on.
    pub kernels: &'static str,
}

/// The tokens of one sequence that one step computes: a piece of its prompt, or the token it just got.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// The pages of the sequence, in order; position `p` lies in `pages[p / page_tokens]`. Covers `start + tokens.len()`.
    pub pages: &'a [PageId],
    /// Position of the first of `tokens`. What lies before it is in the cache already.
    pub start: usize,
    /// At least one.
    pub tokens: &'a [u32],
    /// The factors of the whole sequence; all its chunks since position 0 had the same.
    pub rope: RopeFactors,
    /// Whether the last token's logits are wanted.
    pub logits: bool,
}

/// Why a step gave nothing. The step wrote no logits; pages of its chunks hold nothing that may be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelError {
    /// The call does not hold what is said at [`Chunk`]: an error of ours above the model.
    BadChunk(&'static str),
    /// The computation gave a number that is none (a damaged file).
    NotFinite,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadChunk(what) => write!(f, "a step was asked for that can't be: {what}"),
            Self::NotFinite => f.write_str("the model computed a value that is not a number; its file may be damaged"),
        }
    }
}

impl std::error::Error for ModelError {}

/// A model in memory. One thread calls it; it spreads the work over its own.
pub trait Model: Send {
    /// What it is.
    fn info(&self) -> &ModelInfo;

    /// Computes `chunks` together, each weight read once for all of them, and puts the rows that were asked for into
    /// `logits`, one after another in the order of the chunks, each [`ModelInfo::vocabulary`] long. `logits` is cleared first.
    ///
    /// # Errors
    /// See [`ModelError`].
    fn forward(&mut self, chunks: &[Chunk<'_>], logits: &mut Vec<f32>) -> Result<(), ModelError>;
}
