//! Phi-3 and what has its shape: the real model.
//!
//! A step computes all its tokens together, layer by layer, each weight read once; only rows whose logits were asked for
//! meet the output matrix. It is right where others are not: sliding window, both sets of rotary factors, any base,
//! grouped heads, partial rotation, tied embeddings. It schedules nothing and samples nothing. The arithmetic is in
//! `kernels`; to change a layer, start at [`Phi3::layer`].

mod attention;
mod cache;
mod held;
mod rope;

use attention::{Angles, Attention};
use cache::Cache;
pub use held::weight_bytes;
use rope::Rope;

use super::kernels::attend::PAGE;
use super::load::{LoadError, LoadOptions};
use super::matrix::{Hands, Input, Matrix, Panels};
use super::model::{Chunk, Model, ModelError, ModelInfo};
use super::quants::dequantise_row;
use super::raw;
use crate::files::{FileError, Phi3Config, WeightSource};

/// See the module's documentation.
pub struct Phi3 {
    info: ModelInfo,
    config: Phi3Config,
    hands: Hands,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    output: Matrix,
    rope: Rope,
    cache: Cache,
    space: Space,
}

struct Layer {
    attention_norm: Vec<f32>,
    qkv: Matrix,
    attention_output: Matrix,
    ffn_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// What lies between the layers, kept from step to step.
#[derive(Default)]
struct Space {
    /// The residual stream, a row for each token.
    stream: Vec<f32>,
    normed: Vec<f32>,
    input: Input,
    /// Queries with keys and values, the feed-forward part's inside, logits.
    wide: Panels,
    /// What attention gathered.
    gathered: Panels,
    /// What goes back into the stream.
    back: Panels,
    angles: Angles,
}

const EMBEDDING: &str = "token_embd.weight";

impl Phi3 {
    /// Packs the weights and reserves the cache. Tensors are read once; the source's pages are released as they are packed.
    ///
    /// # Errors
    /// [`LoadError`]: the file does not hold what its figures promise, or it does not fit.
    pub fn load(config: Phi3Config, source: WeightSource, options: &LoadOptions) -> Result<Self, LoadError> {
        config.check()?;
        for (name, wanted) in config.tensors() {
            let found = source.tensor(&name)?.shape;
            if found != wanted.as_slice() {
                return Err(FileError::WrongShape { name, found: found.to_vec(), wanted }.into());
            }
        }
        let pages = options.context.div_ceil(PAGE).max(1);
        let hands = Hands::new(options.isa, options.threads.max(1), source).map_err(LoadError::Threads)?;
        let layers =
            (0..config.layers).map(|layer| Layer::load(&hands, &config, layer)).collect::<Result<Vec<_>, _>>()?;
        let norm = vector(&hands.source, "output_norm.weight")?;
        let output_name = if config.tied { EMBEDDING } else { "output.weight" };
        let output = Matrix::load(&hands, output_name, 0..config.vocabulary, config.hidden)?;
        hands.source.release(output_name);
        let cache = Cache::new(options.kv, config.layers, config.kv_heads, config.head_dim, pages);
        let packed = layers.iter().map(Layer::bytes).sum::<u64>() + output.bytes();
        let weight_bytes = packed + held::in_file(&config, &hands.source);
        let info = ModelInfo {
            name: options.name.clone(),
            vocabulary: config.vocabulary,
            context: config.context.min(pages * PAGE),
            original_context: config.longrope.as_ref().map(|_| config.original_context),
            page_tokens: PAGE,
            pages,
            batch_tokens: options.batch_tokens.max(1),
            weight_bytes,
            cache_bytes: cache.bytes(),
            kernels: options.isa.name(),
        };
        let rope = Rope::new(&config);
        Ok(Self { info, config, hands, layers, norm, output, rope, cache, space: Space::default() })
    }

    fn check(&self, chunks: &[Chunk<'_>]) -> Result<(), ModelError> {
        let mut tokens = 0;
        for chunk in chunks {
            let end = chunk.start.saturating_add(chunk.tokens.len());
            tokens += chunk.tokens.len();
            if chunk.tokens.is_empty() {
                return Err(ModelError::BadChunk("it has no tokens"));
            }
            if end > self.info.context {
                return Err(ModelError::BadChunk("it goes beyond the context"));
            }
            if chunk.pages.len() < end.div_ceil(PAGE) {
                return Err(ModelError::BadChunk("it has too few pages"));
            }
            if chunk.pages.iter().any(|page| *page as usize >= self.info.pages) {
                return Err(ModelError::BadChunk("there is no such page"));
            }
            if chunk.tokens.iter().any(|token| *token as usize >= self.info.vocabulary) {
                return Err(ModelError::BadChunk("there is no such token"));
            }
        }
        if tokens > self.info.batch_tokens {
            return Err(ModelError::BadChunk("it has more tokens than a step takes"));
        }
        Ok(())
    }

    fn embed(&mut self, chunks: &[Chunk<'_>]) {
        let width = self.config.hidden;
        let tokens: Vec<u32> = chunks.iter().flat_map(|chunk| chunk.tokens).copied().collect();
        self.space.stream.resize(tokens.len() * width, 0.0);
        let source = &self.hands.source;
        let pool = self.hands.pool_for(tokens.len() * width);
        pool.each(self.space.stream.chunks_mut(width), |_, number, row| {
            // Both are there: the tensor since loading, the row since `check`.
            let Some(view) = source.find(EMBEDDING) else { return };
            if let Some(bytes) = view.row(tokens[number] as usize) {
                dequantise_row(view.dtype, bytes, row);
            }
        });
    }

    fn layer(&mut self, number: usize, chunks: &[Chunk<'_>], tokens: usize) {
        let Self { config, hands, layers, cache, space, .. } = self;
        let layer = &layers[number];
        let Space { stream, normed, input, wide, gathered, back, angles } = space;
        let width = config.hidden;

        norms(hands, config, &layer.attention_norm, stream, (number > 0).then_some(&*back), normed);
        input.take(hands, &layer.qkv, tokens, |t, range, out| {
            out.copy_from_slice(&normed[t * width + range.start..t * width + range.end]);
        });
        layer.qkv.product(hands, input, wide);
        Attention { config, chunks, angles, qkv: wide }.run(hands, cache, number, gathered);
        input.take(hands, &layer.attention_output, tokens, |t, range, out| gathered.read(t, range, out));
        layer.attention_output.product(hands, input, back);

        norms(hands, config, &layer.ffn_norm, stream, Some(back), normed);
        input.take(hands, &layer.gate, tokens, |t, range, out| {
            out.copy_from_slice(&normed[t * width + range.start..t * width + range.end]);
        });
        layer.gate.gated_product(&layer.up, hands, input, wide);
        input.take(hands, &layer.down, tokens, |t, range, out| wide.read(t, range, out));
        layer.down.product(hands, input, back);
    }

    /// The rows that were asked for: what the last layer gave back is added to them only.
    fn logits(&mut self, chunks: &[Chunk<'_>], logits: &mut Vec<f32>) -> Result<(), ModelError> {
        let Self { config, hands, norm, output, space, .. } = self;
        let mut last = 0;
        let mut rows = Vec::new();
        for chunk in chunks {
            last += chunk.tokens.len();
            if chunk.logits {
                rows.push(last - 1);
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let width = config.hidden;
        space.normed.clear();
        let mut added = vec![0.0; width];
        for row in &rows {
            let stream = &mut space.stream[row * width..(row + 1) * width];
            space.back.read(*row, 0..width, &mut added);
            raw::add(hands.isa, stream, &added);
            raw::norm(hands.isa, stream, norm, config.rms_eps, &mut added);
            space.normed.extend_from_slice(&added);
        }
        let normed = &space.normed;
        space.input.take(hands, output, rows.len(), |t, range, out| {
            out.copy_from_slice(&normed[t * width + range.start..t * width + range.end]);
        });
        output.product(hands, &space.input, &mut space.wide);
        logits.resize(rows.len() * config.vocabulary, 0.0);
        for (row, out) in logits.chunks_exact_mut(config.vocabulary).enumerate() {
            space.wide.read(row, 0..config.vocabulary, out);
        }
        if logits.iter().all(|logit| logit.is_finite()) {
            return Ok(());
        }
        logits.clear();
        Err(ModelError::NotFinite)
    }
}

impl Model for Phi3 {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn forward(&mut self, chunks: &[Chunk<'_>], logits: &mut Vec<f32>) -> Result<(), ModelError> {
        logits.clear();
        self.check(chunks)?;
        let tokens = chunks.iter().map(|chunk| chunk.tokens.len()).sum();
        if tokens == 0 {
            return Ok(());
        }
        self.embed(chunks);
        self.space.angles.fill(&self.rope, chunks);
        for number in 0..self.layers.len() {
            self.layer(number, chunks, tokens);
        }
        self.logits(chunks, logits)
    }
}

impl Layer {
    fn load(hands: &Hands, config: &Phi3Config, number: usize) -> Result<Self, FileError> {
        let name = |part: &str| format!("blk.{number}.{part}.weight");
        let all = |part: &str, rows, cols| {
            let matrix = Matrix::load(hands, &name(part), 0..rows, cols)?;
            hands.source.release(&name(part));
            Ok::<_, FileError>(matrix)
        };
        let (gate_up, ffn) = (name("ffn_up"), config.ffn);
        let layer = Self {
            attention_norm: vector(&hands.source, &name("attn_norm"))?,
            qkv: all("attn_qkv", config.qkv_rows(), config.hidden)?,
            attention_output: all("attn_output", config.hidden, config.heads * config.head_dim)?,
            ffn_norm: vector(&hands.source, &name("ffn_norm"))?,
            gate: Matrix::load(hands, &gate_up, 0..ffn, config.hidden)?,
            up: Matrix::load(hands, &gate_up, ffn..2 * ffn, config.hidden)?,
            down: all("ffn_down", config.hidden, ffn)?,
        };
        hands.source.release(&gate_up);
        Ok(layer)
    }

    fn bytes(&self) -> u64 {
        [&self.qkv, &self.attention_output, &self.gate, &self.up, &self.down].map(Matrix::bytes).iter().sum()
    }
}

/// A tensor of one row as floats.
fn vector(source: &WeightSource, name: &str) -> Result<Vec<f32>, FileError> {
    let view = source.tensor(name)?;
    let mut out = vec![0.0; view.shape.iter().product()];
    dequantise_row(view.dtype, view.bytes, &mut out);
    Ok(out)
}

/// Adds what the last part gave back to the stream, and norms it.
fn norms(
    hands: &Hands,
    config: &Phi3Config,
    weight: &[f32],
    stream: &mut [f32],
    back: Option<&Panels>,
    normed: &mut Vec<f32>,
) {
    let width = config.hidden;
    let values = stream.len();
    normed.resize(values, 0.0);
    let rows = stream.chunks_mut(width).zip(normed.chunks_mut(width));
    hands.pool_for(values).each(rows, |_, token, (row, out)| {
        if let Some(back) = back {
            back.read(token, 0..width, out);
            raw::add(hands.isa, row, out);
        }
        raw::norm(hands.isa, row, weight, config.rms_eps, out);
    });
}
