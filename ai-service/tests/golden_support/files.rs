//! The golden cases as files: GGUF, and folders as Hugging Face has them.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use ai_service::engine::{LoadOptions, load};
use ai_service::files::{TensorType, open, writer::Writer};
use serde_json::{Map, json};
use tempfile::{NamedTempFile, TempDir};

use super::{Case, narrowed, run_on};

/// A GGUF file. Its matrices of floats have this type; lists are 32-bit floats, as converters write them.
pub fn gguf(case: &Case, floats: TensorType) -> NamedTempFile {
    let writer = Writer::phi3_with(&case.config, |name, shape| match case.tensor(name, shape) {
        (TensorType::F32, bytes) if shape.len() > 1 => (floats, narrowed(floats, &bytes)),
        as_it_is => as_it_is,
    });
    let mut file = NamedTempFile::with_suffix(".gguf").expect("a file");
    file.write_all(&writer.finish()).expect("room on the disk");
    file
}

/// A folder with `config.json` and one safetensors, all of whose tensors have this type.
pub fn folder(case: &Case, floats: TensorType) -> TempDir {
    let c = &case.config;
    let scaling = c
        .longrope
        .as_ref()
        .map(|longrope| json!({ "type": "longrope", "short_factor": longrope.short, "long_factor": longrope.long }));
    let settings = json!({
        "model_type": "phi3", "hidden_size": c.hidden, "intermediate_size": c.ffn, "num_hidden_layers": c.layers,
        "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads, "max_position_embeddings": c.context,
        "original_max_position_embeddings": c.original_context, "rms_norm_eps": c.rms_eps, "rope_theta": c.rope_theta,
        "partial_rotary_factor": c.rope_dim as f64 / c.head_dim as f64, "rope_scaling": scaling,
        "sliding_window": c.window, "tie_word_embeddings": c.tied, "vocab_size": c.vocabulary, "hidden_act": "silu",
    });
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (name, shape) in c.tensors() {
        let start = data.len();
        data.extend(narrowed(floats, &case.tensor(&name, &shape).1));
        let entry = json!({ "dtype": floats.to_string(), "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(hub_name(&name), entry);
    }
    let header = serde_json::to_vec(&header).expect("JSON");
    let mut part = (header.len() as u64).to_le_bytes().to_vec();
    part.extend(header);
    part.extend(data);
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("config.json"), settings.to_string()).expect("room on the disk");
    fs::write(folder.path().join("model.safetensors"), part).expect("room on the disk");
    folder
}

/// Hugging Face's name of a tensor.
fn hub_name(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    match parts[..] {
        ["token_embd", _] => "model.embed_tokens.weight".to_owned(),
        ["output_norm", _] => "model.norm.weight".to_owned(),
        ["output", _] => "lm_head.weight".to_owned(),
        ["blk", layer, part, _] => {
            let part = match part {
                "attn_norm" => "input_layernorm",
                "attn_qkv" => "self_attn.qkv_proj",
                "attn_output" => "self_attn.o_proj",
                "ffn_norm" => "post_attention_layernorm",
                "ffn_up" => "mlp.gate_up_proj",
                "ffn_down" => "mlp.down_proj",
                other => panic!("a layer has no {other}"),
            };
            format!("model.layers.{layer}.{part}.weight")
        }
        _ => panic!("a model has no {name}"),
    }
}

/// What [`super::run`] gives, of the model at this path.
pub fn run_file(path: &Path, case: &Case, options: &LoadOptions) -> Vec<Vec<f32>> {
    let file = open(path).expect("a model's file");
    let mut model = load(file.config, file.weights, options).expect("a model");
    run_on(&mut *model, case, usize::MAX)
}
