//! What a model's weights take in memory: known from the types and shapes in the file, before any of it is loaded.
//!
//! Matrices the kernels know are packed, and their pages of the file let go; the embeddings, whose rows are looked up, and
//! all else stay where they lie. It has to follow what `Phi3::load` does; the test below holds the two together.

use super::EMBEDDING;
use crate::engine::matrix::Matrix;
use crate::files::{Phi3Config, TensorType, WeightSource};

/// Bytes that the weights will take, packed or in the file.
#[must_use]
pub fn weight_bytes(config: &Phi3Config, source: &WeightSource) -> u64 {
    source.iter().map(|(name, dtype, _)| packed(config, name, dtype)).sum::<u64>() + in_file(config, source)
}

/// Those of them that are used where they lie in the file.
pub fn in_file(config: &Phi3Config, source: &WeightSource) -> u64 {
    let used = source.iter().filter(|(name, dtype, _)| *name == EMBEDDING || packed(config, name, *dtype) == 0);
    used.map(|(_, dtype, shape)| dtype.bytes_of(shape).unwrap_or_default() as u64).sum()
}

/// Bytes of a tensor's packed form; none where it has none.
fn packed(config: &Phi3Config, name: &str, dtype: TensorType) -> u64 {
    let of = |rows, cols| Matrix::bytes_of(dtype, rows, cols);
    match name.strip_suffix(".weight").unwrap_or(name).rsplit('.').next().unwrap_or_default() {
        "attn_qkv" => of(config.qkv_rows(), config.hidden),
        "attn_output" => of(config.hidden, config.heads * config.head_dim),
        // Gate and up, each for itself.
        "ffn_up" => 2 * of(config.ffn, config.hidden),
        "ffn_down" => of(config.hidden, config.ffn),
        "output" => of(config.vocabulary, config.hidden),
        "token_embd" if config.tied => of(config.vocabulary, config.hidden),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::load::{LoadOptions, load};
    use crate::engine::model::{Chunk, PageId, RopeFactors};
    use crate::engine::tiles::{PACKED, TileKind};
    use crate::files::memory::need;
    use crate::files::writer::small;

    /// Sides that fill no tile, so that what is rounded up shows.
    fn config(tied: bool) -> Phi3Config {
        Phi3Config { hidden: 288, heads: 4, kv_heads: 2, head_dim: 72, ffn: 320, vocabulary: 515, tied, ..small() }
    }

    fn source(config: &Phi3Config, kind: TensorType) -> WeightSource {
        let tensors = config.tensors().into_iter().map(|(name, shape)| {
            let dtype = if shape.len() == 1 { TensorType::F32 } else { kind };
            let bytes = vec![0; dtype.bytes_of(&shape).expect("rows are whole blocks")];
            (name, dtype, shape, bytes)
        });
        WeightSource::from_memory(tensors).expect("tensors")
    }

    #[test]
    fn what_is_foretold_is_what_loading_takes() {
        for (kind, tied) in [
            (TensorType::Q4_0, false),
            (TensorType::Q8_0, false),
            (TensorType::Q8_0, true),
            (TensorType::F16, false),
            (TensorType::F32, true),
        ] {
            let config = config(tied);
            let source = source(&config, kind);
            let foretold = weight_bytes(&config, &source);
            let options = LoadOptions { context: 40, ..LoadOptions::default() };
            let needed = need(&config, foretold, options.memory());
            let info = load(config, source, &options).expect("a model").info().clone();
            assert_eq!(info.weight_bytes, foretold, "{kind}, tied: {tied}");
            assert_eq!(info.cache_bytes, needed.cache, "{kind}, tied: {tied}");
        }
    }

    fn chunk(pages: &'static [PageId], start: usize, tokens: &'static [u32]) -> Chunk<'static> {
        Chunk { pages, start, tokens, rope: RopeFactors::Short, logits: true }
    }

    #[test]
    fn requests_pack_nothing() {
        for kind in [TensorType::Q4_0, TensorType::Q8_0, TensorType::F16] {
            let config = config(false);
            // All of it on this thread, whose packing is counted.
            let options = LoadOptions { context: 40, threads: 1, ..LoadOptions::default() };
            let before = PACKED.get();
            let mut model = load(config.clone(), source(&config, kind), &options).expect("a model");
            let (packed, info) = (PACKED.get(), model.info().clone());
            assert_eq!(packed > before, TileKind::of(kind).is_some(), "{kind}: loading packs what can be packed");
            // The first request, the token after it, and another one beside a second.
            let steps = [
                vec![chunk(&[0], 0, &[1, 2, 3])],
                vec![chunk(&[0], 3, &[4])],
                vec![chunk(&[0], 4, &[5]), chunk(&[1], 0, &[1, 2])],
            ];
            let mut logits = Vec::new();
            for chunks in &steps {
                model.forward(chunks, &mut logits).expect("logits");
                assert_eq!(logits.len(), chunks.len() * config.vocabulary, "{kind}");
            }
            assert_eq!((PACKED.get(), model.info()), (packed, &info), "{kind}");
        }
    }
}
