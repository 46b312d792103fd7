//! Hugging Face folders: `config.json`, `*.safetensors`, and the tokenizer's files.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::config::{LongRope, Phi3Config, attention_factor};
use super::error::{FileError, shown};
use super::map::Map;
use super::tokenizer::{JsonTokenizer, TokenizerData};
use super::weights::{TensorType, WeightSource};
use super::{ModelFile, name_of};

/// Most bytes of the files that are read whole.
const MOST_SETTINGS: u64 = 1 << 20;
const MOST_TOKENIZER: u64 = 32 << 20;
const MOST_HEADER: u64 = 16 << 20;
/// Most parts of a model in one folder.
const MOST_PARTS: usize = 128;

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    model_type: String,
    hidden_size: Option<usize>,
    intermediate_size: Option<usize>,
    num_hidden_layers: Option<usize>,
    num_attention_heads: Option<usize>,
    num_key_value_heads: Option<usize>,
    max_position_embeddings: Option<usize>,
    original_max_position_embeddings: Option<usize>,
    rms_norm_eps: Option<f32>,
    rope_theta: Option<f64>,
    partial_rotary_factor: Option<f64>,
    rope_scaling: Option<Rope>,
    rope_parameters: Option<Rope>,
    sliding_window: Option<usize>,
    #[serde(default)]
    tie_word_embeddings: bool,
    vocab_size: Option<usize>,
    hidden_act: Option<String>,
    #[serde(default, rename = "_name_or_path")]
    name: String,
}

#[derive(Deserialize, Default)]
struct Rope {
    #[serde(alias = "rope_type")]
    r#type: Option<String>,
    rope_theta: Option<f64>,
    partial_rotary_factor: Option<f64>,
    attention_factor: Option<f32>,
    original_max_position_embeddings: Option<usize>,
    short_factor: Option<Vec<f32>>,
    long_factor: Option<Vec<f32>>,
}

pub(super) fn open(path: &Path) -> Result<ModelFile, FileError> {
    let text = read_text(&path.join("config.json"), MOST_SETTINGS)?;
    let text = text.ok_or_else(|| FileError::NotAModel(path.to_owned()))?;
    let settings: Settings = serde_json::from_str(&text).map_err(|error| {
        FileError::Header(format!("config.json can't be understood: {}", shown(&error.to_string())))
    })?;
    if settings.model_type != "phi3" {
        return Err(FileError::Architecture { found: shown(&settings.model_type) });
    }
    let config = config(&settings)?;
    let mut weights = WeightSource::default();
    let mut file_bytes = 0;
    let parts = parts(path)?;
    let mut wanted = config.tensors();
    for part in &parts {
        let map = Map::open(part)?;
        file_bytes += map.bytes().len() as u64;
        add(&mut weights, map, &config)?;
    }
    for (name, shape) in wanted.drain(..) {
        let found = weights.tensor(&name)?;
        if found.shape != shape {
            return Err(FileError::WrongShape { found: found.shape.to_vec(), name, wanted: shape });
        }
    }
    let name = if settings.name.trim().is_empty() { name_of(path) } else { shown(&settings.name) };
    Ok(ModelFile { path: path.to_owned(), name, config, weights, tokenizer: tokenizer(path)?, file_bytes })
}

fn config(settings: &Settings) -> Result<Phi3Config, FileError> {
    let needed = |figure: Option<usize>, name: &str| {
        figure.ok_or_else(|| FileError::MissingFigure(format!("{name} (config.json)")))
    };
    if let Some(act) = settings.hidden_act.as_deref().filter(|act| !matches!(*act, "silu" | "swish")) {
        return Err(FileError::BadFigure {
            found: format!("hidden_act {}", shown(act)),
            wanted: "silu is supported".to_owned(),
        });
    }
    let hidden = needed(settings.hidden_size, "hidden_size")?;
    let heads = needed(settings.num_attention_heads, "num_attention_heads")?;
    let context = needed(settings.max_position_embeddings, "max_position_embeddings")?;
    let head_dim = hidden.checked_div(heads).unwrap_or_default();
    let none = Rope::default();
    let parameters = settings.rope_parameters.as_ref().unwrap_or(&none);
    let partial = parameters.partial_rotary_factor.or(settings.partial_rotary_factor).unwrap_or(1.0);
    let scaling = settings.rope_scaling.as_ref().unwrap_or(parameters);
    let original = scaling.original_max_position_embeddings.or(settings.original_max_position_embeddings);
    let longrope = longrope(scaling, context, original)?;
    let config = Phi3Config {
        layers: needed(settings.num_hidden_layers, "num_hidden_layers")?,
        hidden,
        ffn: needed(settings.intermediate_size, "intermediate_size")?,
        heads,
        kv_heads: settings.num_key_value_heads.unwrap_or(heads),
        head_dim,
        // A float beyond the integers becomes the nearest, which the check refuses.
        rope_dim: (head_dim as f64 * partial) as usize,
        rope_theta: parameters.rope_theta.or(settings.rope_theta).unwrap_or(10_000.0),
        rms_eps: settings.rms_norm_eps.unwrap_or(1e-5),
        context,
        original_context: if longrope.is_some() { original.unwrap_or(context) } else { context },
        window: settings.sliding_window.filter(|window| *window < context),
        longrope,
        tied: settings.tie_word_embeddings,
        vocabulary: needed(settings.vocab_size, "vocab_size")?,
    };
    config.check()?;
    Ok(config)
}

fn longrope(scaling: &Rope, context: usize, original: Option<usize>) -> Result<Option<LongRope>, FileError> {
    match scaling.r#type.as_deref() {
        None | Some("default" | "none") => Ok(None),
        // "yarn" is what some configurations of the first models wrongly say; their lists are longrope's.
        Some("longrope" | "su" | "yarn") => {
            let missing = |name: &str| FileError::MissingFigure(format!("rope_scaling.{name} (config.json)"));
            let short = scaling.short_factor.clone().ok_or_else(|| missing("short_factor"))?;
            let long = scaling.long_factor.clone().ok_or_else(|| missing("long_factor"))?;
            let original = original.ok_or_else(|| missing("original_max_position_embeddings"))?;
            let stated = scaling.attention_factor;
            let attention_factor = stated.unwrap_or_else(|| attention_factor(context, original));
            Ok(Some(LongRope { short, long, attention_factor }))
        }
        Some(other) => Err(FileError::BadFigure {
            found: format!("rotary scaling {}", shown(other)),
            wanted: "none and longrope are supported".to_owned(),
        }),
    }
}

/// The folder's safetensors, in the order of their names.
fn parts(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let broken = |source| FileError::Io { path: path.to_owned(), source };
    let mut parts = Vec::new();
    for entry in fs::read_dir(path).map_err(broken)? {
        let part = entry.map_err(broken)?.path();
        if part.extension().is_some_and(|ending| ending == "safetensors") {
            parts.push(part);
        }
        if parts.len() > MOST_PARTS {
            return Err(FileError::Header(format!("more than {MOST_PARTS} safetensors in one folder")));
        }
    }
    if parts.is_empty() {
        return Err(FileError::NotAModel(path.to_owned()));
    }
    parts.sort();
    Ok(parts)
}

/// A file's text; `None` where there is no such file.
fn read_text(path: &Path, most: u64) -> Result<Option<String>, FileError> {
    let broken = |source| FileError::Io { path: path.to_owned(), source };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(error)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(broken)?;
    let name = name_of(path);
    if bytes.len() as u64 > most {
        return Err(FileError::Header(format!("{name} is longer than {most} bytes")));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| FileError::Header(format!("{name} is not UTF-8")))
}

fn tokenizer(path: &Path) -> Result<TokenizerData, FileError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Ends {
        One(u32),
        Several(Vec<u32>),
    }
    #[derive(Deserialize)]
    struct Generation {
        eos_token_id: Option<Ends>,
    }
    let Some(tokenizer) = read_text(&path.join("tokenizer.json"), MOST_TOKENIZER)? else {
        return Ok(TokenizerData::Missing);
    };
    let generation = read_text(&path.join("generation_config.json"), MOST_SETTINGS)?;
    let generation = generation.and_then(|text| serde_json::from_str::<Generation>(&text).ok());
    let ends = match generation.and_then(|generation| generation.eos_token_id) {
        None => Vec::new(),
        Some(Ends::One(id)) => vec![id],
        Some(Ends::Several(ids)) => ids,
    };
    Ok(TokenizerData::Json(JsonTokenizer {
        tokenizer,
        settings: read_text(&path.join("tokenizer_config.json"), MOST_SETTINGS)?,
        template: read_text(&path.join("chat_template.jinja"), MOST_SETTINGS)?,
        ends,
    }))
}

#[derive(Deserialize)]
struct Stored {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// A safetensors header: tensors by name, without what the file says about itself.
struct Header(Vec<(String, Stored)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tensors by name")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut tensors = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        tensors.push((name, map.next_value()?));
                    }
                }
                Ok(Header(tensors))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Adds the tensors of one part that a model of these figures has; others are left alone.
pub(super) fn add(weights: &mut WeightSource, map: Map, config: &Phi3Config) -> Result<(), FileError> {
    let bytes = map.bytes();
    let found = bytes.len() as u64;
    let truncated = |what: &str, needed: u64| FileError::Truncated { what: what.to_owned(), needed, found };
    let length = bytes.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
    let length = length.ok_or_else(|| truncated("the header's length", 8))?;
    if length > MOST_HEADER {
        return Err(FileError::Header(format!("a safetensors header of {length} bytes")));
    }
    let start = 8 + length as usize;
    let header = bytes.get(8..start).ok_or_else(|| truncated("the header", 8 + length))?;
    let Header(tensors) = serde_json::from_slice(header)
        .map_err(|error| FileError::Header(format!("the safetensors header: {}", shown(&error.to_string()))))?;
    let size = bytes.len();
    let map = weights.add_map(map);
    let mut names = HashSet::new();
    let mut ranges = Vec::new();
    for (name, stored) in tensors {
        let Some(known) = gguf_name(&name).filter(|known| !(config.tied && known == "output.weight")) else { continue };
        if !names.insert(known.clone()) {
            return Err(FileError::Header(format!("the tensor {} comes twice", shown(&name))));
        }
        let dtype = match stored.dtype.as_str() {
            "F32" => TensorType::F32,
            "F16" => TensorType::F16,
            "BF16" => TensorType::BF16,
            other => return Err(FileError::UnsupportedType { name: shown(&name), found: shown(other) }),
        };
        let (Some(from), Some(to)) =
            (start.checked_add(stored.data_offsets.0), start.checked_add(stored.data_offsets.1))
        else {
            return Err(FileError::Header(format!("the tensor {} lies beyond any file", shown(&name))));
        };
        if to > size {
            return Err(FileError::Truncated {
                what: format!("the tensor {}", shown(&name)),
                needed: to as u64,
                found,
            });
        }
        ranges.push(from..to);
        weights.add(known, dtype, stored.shape, map, from..to)?;
    }
    ranges.sort_by_key(|range| range.start);
    if ranges.windows(2).any(|pair| matches!(pair, [before, after] if before.end > after.start)) {
        return Err(FileError::Header("tensors lie over each other".to_owned()));
    }
    Ok(())
}

/// Our (GGUF's) name of a Hugging Face tensor; `None` for one that a Phi-3 does not have.
fn gguf_name(name: &str) -> Option<String> {
    match name {
        "model.embed_tokens.weight" => return Some("token_embd.weight".to_owned()),
        "model.norm.weight" => return Some("output_norm.weight".to_owned()),
        "lm_head.weight" => return Some("output.weight".to_owned()),
        _ => {}
    }
    let (layer, part) = name.strip_prefix("model.layers.")?.split_once('.')?;
    let layer: usize = layer.parse().ok()?;
    let part = match part {
        "input_layernorm.weight" => "attn_norm",
        "self_attn.qkv_proj.weight" => "attn_qkv",
        "self_attn.o_proj.weight" => "attn_output",
        "post_attention_layernorm.weight" => "ffn_norm",
        "mlp.gate_up_proj.weight" => "ffn_up",
        "mlp.down_proj.weight" => "ffn_down",
        _ => return None,
    };
    Some(format!("blk.{layer}.{part}.weight"))
}
