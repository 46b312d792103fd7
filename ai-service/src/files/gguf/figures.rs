//! From GGUF metadata to a [`Phi3Config`].

use super::Tensors;
use super::read::Gguf;
use crate::files::config::{LongRope, Phi3Config, attention_factor};
use crate::files::error::{FileError, shown};
use crate::files::weights::TensorType;

/// The window of the models of 4k tokens, whose early files do not state it.
const WINDOW_OF_4K: usize = 2047;

pub(super) fn config(parsed: &Gguf<'_>, tensors: &Tensors<'_>, bytes: &[u8]) -> Result<Phi3Config, FileError> {
    let layers = needed(parsed, "phi3.block_count")?;
    let hidden = needed(parsed, "phi3.embedding_length")?;
    let heads = needed(parsed, "phi3.attention.head_count")?;
    let context = needed(parsed, "phi3.context_length")?;
    let head_dim = hidden.checked_div(heads).unwrap_or_default();
    let embedding = tensors.get("token_embd.weight");
    let embedding = embedding.ok_or_else(|| FileError::MissingTensor("token_embd.weight".to_owned()))?;
    let longrope = longrope(parsed, tensors, bytes, context)?;
    let original = parsed.number("phi3.rope.scaling.original_context_length")?;
    let config = Phi3Config {
        layers,
        hidden,
        ffn: needed(parsed, "phi3.feed_forward_length")?,
        heads,
        kv_heads: parsed.number("phi3.attention.head_count_kv")?.unwrap_or(heads),
        head_dim,
        rope_dim: parsed.number("phi3.rope.dimension_count")?.unwrap_or(head_dim),
        rope_theta: parsed.float("phi3.rope.freq_base")?.unwrap_or(10_000.0),
        rms_eps: parsed.float("phi3.attention.layer_norm_rms_epsilon")?.unwrap_or(1e-5) as f32,
        context,
        original_context: if longrope.is_some() { original.unwrap_or(context) } else { context },
        window: window(parsed, layers, context)?,
        longrope,
        tied: !tensors.contains_key("output.weight"),
        vocabulary: embedding.shape().first().copied().unwrap_or_default(),
    };
    config.check()?;
    Ok(config)
}

fn needed(parsed: &Gguf<'_>, key: &str) -> Result<usize, FileError> {
    parsed.number(key)?.ok_or_else(|| FileError::MissingFigure(key.to_owned()))
}

fn window(parsed: &Gguf<'_>, layers: usize, context: usize) -> Result<Option<usize>, FileError> {
    Ok(match parsed.number("phi3.attention.sliding_window")? {
        // What the converter writes for "none".
        Some(0) => None,
        // One that spans the whole context hides nothing.
        Some(window) => Some(window).filter(|window| *window < context),
        None if context == 4096 && matches!(layers, 32 | 40) => Some(WINDOW_OF_4K),
        None => None,
    })
}

fn longrope(
    parsed: &Gguf<'_>,
    tensors: &Tensors<'_>,
    bytes: &[u8],
    context: usize,
) -> Result<Option<LongRope>, FileError> {
    let factors = |name: &str| -> Result<Option<Vec<f32>>, FileError> {
        let Some(tensor) = tensors.get(name) else { return Ok(None) };
        let shape = tensor.shape();
        if tensor.dtype != TensorType::F32.gguf() || shape.len() != 1 {
            return Err(FileError::Header(format!("{name} is no list of 32-bit floats")));
        }
        let range = tensor.range(TensorType::F32, parsed.data, bytes.len())?;
        let (values, _) = bytes.get(range).unwrap_or_default().as_chunks::<4>();
        Ok(Some(values.iter().map(|value| f32::from_le_bytes(*value)).collect()))
    };
    match (factors("rope_factors_short.weight")?, factors("rope_factors_long.weight")?) {
        (Some(short), Some(long)) => {
            let original = needed(parsed, "phi3.rope.scaling.original_context_length")?;
            let stated = parsed.float("phi3.rope.scaling.attn_factor")?;
            let attention_factor = stated.map_or_else(|| attention_factor(context, original), |factor| factor as f32);
            Ok(Some(LongRope { short, long, attention_factor }))
        }
        (None, None) => match parsed.text("phi3.rope.scaling.type")? {
            None | Some("none") => Ok(None),
            Some("longrope" | "su") => Err(FileError::MissingTensor("rope_factors_long.weight".to_owned())),
            Some(other) => Err(FileError::BadFigure {
                found: format!("rotary scaling {}", shown(other)),
                wanted: "none and longrope are supported".to_owned(),
            }),
        },
        (None, _) => Err(FileError::MissingTensor("rope_factors_short.weight".to_owned())),
        (_, None) => Err(FileError::MissingTensor("rope_factors_long.weight".to_owned())),
    }
}
