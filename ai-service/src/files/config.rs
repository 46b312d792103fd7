//! What a Phi-3 is made of: the figures every layer of the engine is built from, already checked against each other.
//!
//! It is the same for GGUF and Hugging Face folders, which fill it in `gguf_config` and `hf_config`. It holds no weights
//! and nothing of the tokenizer. To support a figure that another family needs: a field here, read in both places.

use super::error::FileError;

/// The second set of rotary factors of models of 128k tokens ("longrope", "su").
#[derive(Debug, Clone, PartialEq)]
pub struct LongRope {
    /// What each rotary frequency is divided by while a sequence has at most [`Phi3Config::original_context`] tokens:
    /// `rope_dim / 2` figures.
    pub short: Vec<f32>,
    /// The same for longer sequences.
    pub long: Vec<f32>,
    /// What sine and cosine are multiplied by, in both cases.
    pub attention_factor: f32,
}

/// The figures of a model. Whoever holds one may rely on [`Phi3Config::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct Phi3Config {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// Width inside the feed-forward part: `ffn_up` has twice as many rows, gate first.
    pub ffn: usize,
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values; a divisor of `heads`.
    pub kv_heads: usize,
    /// Width of a head: `hidden / heads`.
    pub head_dim: usize,
    /// The first so many of a head's values are rotated, value `i` together with `i + rope_dim / 2`. Even.
    pub rope_dim: usize,
    /// Base of the rotary frequencies.
    pub rope_theta: f64,
    /// Added under the root of the norms.
    pub rms_eps: f32,
    /// Most positions the model was made for.
    pub context: usize,
    /// Positions it was trained with before its context was stretched; equals `context` where it was not.
    pub original_context: usize,
    /// A position sees itself and the `window - 1` before it; `None`: all.
    pub window: Option<usize>,
    /// `None`: one set of frequencies, unscaled.
    pub longrope: Option<LongRope>,
    /// Whether the output matrix is the embedding (there is no `output.weight`).
    pub tied: bool,
    /// Rows of the embedding and of the output.
    pub vocabulary: usize,
}

/// Beyond these a header is taken for hostile: nothing of the kind exists, and products of them still fit 64 bits.
const MOST: &[(&str, usize)] = &[
    ("layers", 1 << 10),
    ("hidden size", 1 << 17),
    ("feed-forward size", 1 << 19),
    ("heads", 1 << 10),
    ("vocabulary", 1 << 21),
    ("context", 1 << 24),
];

impl Phi3Config {
    /// Rows of `attn_qkv`: queries, then keys, then values.
    #[must_use]
    pub fn qkv_rows(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim
    }

    /// Width of the keys (or the values) of one position in one layer.
    #[must_use]
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// The tensors a model of these figures has, under their GGUF names, with their shapes (rows first).
    #[must_use]
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut all = vec![
            ("token_embd.weight".to_owned(), vec![self.vocabulary, self.hidden]),
            ("output_norm.weight".to_owned(), vec![self.hidden]),
        ];
        if !self.tied {
            all.push(("output.weight".to_owned(), vec![self.vocabulary, self.hidden]));
        }
        for layer in 0..self.layers {
            let of_layer = [
                ("attn_norm", vec![self.hidden]),
                ("attn_qkv", vec![self.qkv_rows(), self.hidden]),
                ("attn_output", vec![self.hidden, self.heads * self.head_dim]),
                ("ffn_norm", vec![self.hidden]),
                ("ffn_up", vec![2 * self.ffn, self.hidden]),
                ("ffn_down", vec![self.hidden, self.ffn]),
            ];
            all.extend(of_layer.map(|(name, shape)| (format!("blk.{layer}.{name}.weight"), shape)));
        }
        all
    }

    /// Checks the figures against each other and against what any model has.
    ///
    /// # Errors
    /// [`FileError::BadFigure`] naming the first that can't be.
    pub fn check(&self) -> Result<(), FileError> {
        let figures = [self.layers, self.hidden, self.ffn, self.heads, self.vocabulary, self.context];
        for (&(name, most), figure) in MOST.iter().zip(figures) {
            if figure == 0 || figure > most {
                return bad(format!("{name} {figure}"), format!("1 to {most} are possible"));
            }
        }
        if self.kv_heads == 0 || !self.heads.is_multiple_of(self.kv_heads) {
            return bad(
                format!("key-value heads {}", self.kv_heads),
                format!("a divisor of {} heads is needed", self.heads),
            );
        }
        if self.head_dim == 0 || self.heads.checked_mul(self.head_dim) != Some(self.hidden) {
            return bad(format!("{} heads", self.heads), format!("they do not divide the hidden size {}", self.hidden));
        }
        if self.rope_dim == 0 || !self.rope_dim.is_multiple_of(2) || self.rope_dim > self.head_dim {
            return bad(
                format!("rotary dimensions {}", self.rope_dim),
                format!("an even number up to {} is needed", self.head_dim),
            );
        }
        if !(self.rope_theta.is_finite() && self.rope_theta > 1.0) {
            return bad(format!("rotary base {}", self.rope_theta), "a number above 1 is needed".to_owned());
        }
        if !(self.rms_eps.is_finite() && self.rms_eps > 0.0 && self.rms_eps < 1.0) {
            return bad(format!("norm epsilon {}", self.rms_eps), "a number between 0 and 1 is needed".to_owned());
        }
        if self.original_context == 0 || self.original_context > self.context {
            return bad(
                format!("original context {}", self.original_context),
                format!("1 to {} are possible", self.context),
            );
        }
        if self.window == Some(0) {
            return bad("sliding window 0".to_owned(), "at least 1 is needed".to_owned());
        }
        self.longrope.as_ref().map_or(Ok(()), |longrope| self.check_longrope(longrope))
    }

    fn check_longrope(&self, longrope: &LongRope) -> Result<(), FileError> {
        for (name, factors) in [("short", &longrope.short), ("long", &longrope.long)] {
            if factors.len() != self.rope_dim / 2 {
                let found = format!("{} {name} rotary factors", factors.len());
                return bad(found, format!("{} are needed", self.rope_dim / 2));
            }
            if let Some(factor) = factors.iter().find(|factor| !(factor.is_finite() && **factor > 0.0)) {
                return bad(format!("{name} rotary factor {factor}"), "a number above 0 is needed".to_owned());
            }
        }
        let factor = longrope.attention_factor;
        if !(factor.is_finite() && factor > 0.0) {
            return bad(format!("attention factor {factor}"), "a number above 0 is needed".to_owned());
        }
        Ok(())
    }
}

/// The attention factor of a stretched model that does not state one, as Hugging Face computes it.
#[must_use]
pub fn attention_factor(context: usize, original_context: usize) -> f32 {
    if context <= original_context || original_context < 2 {
        return 1.0;
    }
    let stretched = context as f64 / original_context as f64;
    (1.0 + stretched.ln() / (original_context as f64).ln()).sqrt() as f32
}

fn bad(found: String, wanted: String) -> Result<(), FileError> {
    Err(FileError::BadFigure { found, wanted })
}
