use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map as Json, json};

use super::*;
use crate::engine::{Chunk, LoadOptions, ModelError, RopeFactors, load};
use crate::files::map::Map;
use crate::files::writer::small;

fn config() -> serde_json::Value {
    json!({
        "model_type": "phi3", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
        "original_max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "sliding_window": 31,
        "tie_word_embeddings": false, "vocab_size": 300, "hidden_act": "silu",
        "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [1.0, 2.0, 3.0, 4.0]},
    })
}

fn tensors() -> Vec<(&'static str, Vec<usize>)> {
    vec![
        ("model.embed_tokens.weight", vec![300, 32]),
        ("model.norm.weight", vec![32]),
        ("lm_head.weight", vec![300, 32]),
        ("model.layers.0.input_layernorm.weight", vec![32]),
        ("model.layers.0.self_attn.qkv_proj.weight", vec![64, 32]),
        ("model.layers.0.self_attn.o_proj.weight", vec![32, 32]),
        ("model.layers.0.post_attention_layernorm.weight", vec![32]),
        ("model.layers.0.mlp.gate_up_proj.weight", vec![128, 32]),
        ("model.layers.0.mlp.down_proj.weight", vec![32, 64]),
    ]
}

fn safetensors(tensors: &[(&str, Vec<usize>)]) -> Vec<u8> {
    let mut header = Json::new();
    header.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut data = Vec::new();
    for (number, (name, shape)) in tensors.iter().enumerate() {
        let start = data.len();
        data.resize(start + 2 * shape.iter().product::<usize>(), number as u8);
        let entry = json!({"dtype": "BF16", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert((*name).to_owned(), entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    file
}

fn folder(config: &serde_json::Value, parts: &[Vec<u8>]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    for (number, part) in parts.iter().enumerate() {
        fs::write(folder.path().join(format!("model-{number}.safetensors")), part).unwrap();
    }
    folder
}

#[test]
fn a_folder_in_two_parts_is_one_model() {
    let all = tensors();
    let (one, two) = all.split_at(4);
    let folder = folder(&config(), &[safetensors(one), safetensors(two)]);
    let model = open(folder.path()).unwrap();
    assert_eq!(model.config.window, Some(31));
    assert_eq!(model.config.original_context, 64);
    let longrope = model.config.longrope.as_ref().unwrap();
    assert_eq!(longrope.long, [1.0, 2.0, 3.0, 4.0]);
    // sqrt(1 + ln 4 / ln 64)
    assert!((longrope.attention_factor - (4.0_f32 / 3.0).sqrt()).abs() < 1e-6);
    let view = model.weights.tensor("blk.0.ffn_down.weight").unwrap();
    assert_eq!((view.dtype, view.shape), (TensorType::BF16, &[32, 64][..]));
    assert!(view.bytes.iter().all(|byte| *byte == 4));
    assert!(matches!(model.tokenizer, TokenizerData::Missing));
}

#[test]
fn what_is_no_file_or_holds_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.gguf");
    fs::write(&empty, b"").unwrap();
    assert!(matches!(open(&empty), Err(FileError::Truncated { .. })));
    assert!(matches!(open(folder.path()), Err(FileError::NotAModel(_))));
    #[cfg(unix)]
    assert!(matches!(open(Path::new("/dev/zero")), Err(FileError::NotAModel(_))));
}

#[test]
fn a_released_tensor_is_read_again_the_same() {
    // More than a page in each: what lies wholly within is let go.
    let mut wide = config();
    wide["vocab_size"] = json!(20_000);
    let mut all = tensors();
    (all[0].1, all[2].1) = (vec![20_000, 32], vec![20_000, 32]);
    let folder = folder(&wide, &[safetensors(&all)]);
    let model = open(folder.path()).unwrap();
    let before = model.weights.tensor("output.weight").unwrap().bytes.to_vec();
    for (name, ..) in model.weights.iter() {
        model.weights.release(name);
    }
    model.weights.release("nothing");
    assert_eq!(model.weights.tensor("output.weight").unwrap().bytes, before);
    assert!(before.iter().all(|byte| *byte == 2));
}

#[test]
fn sentences_say_what_is_wrong() {
    let whole = [safetensors(&tensors())];
    let sentence =
        |config: &serde_json::Value, parts: &[Vec<u8>]| open(folder(config, parts).path()).unwrap_err().to_string();

    // Phi-3-small is none of these in spite of its name: its attention is sparse in blocks, its activation a gated GELU, and it
    // has figures of its own.
    for architecture in ["llama", "phi3small", "phimoe"] {
        let mut other = config();
        other["model_type"] = json!(architecture);
        let said = sentence(&other, &whole);
        assert!(said.contains(&format!("of architecture {architecture}; this service runs phi3 only")), "{said}");
        assert!(said.ends_with("which Phi-3-mini, Phi-3-medium and Phi-3.5-mini are"), "{said}");
    }
    let mut yarn = config();
    yarn["rope_scaling"]["type"] = json!("linear");
    assert!(sentence(&yarn, &whole).contains("rotary scaling linear"));
    let mut few = config();
    few["rope_scaling"]["long_factor"] = json!([1.0]);
    assert!(sentence(&few, &whole).contains("1 long rotary factors"));
    let mut wide = config();
    wide["intermediate_size"] = json!(96);
    assert!(sentence(&wide, &whole).contains("blk.0.ffn_up.weight has the shape [128, 32]"));
    assert!(sentence(&config(), &[safetensors(&tensors()[1..])]).contains("token_embd.weight is missing"));
    assert!(sentence(&config(), &[]).contains("is no model"));
    assert!(open(Path::new("/nowhere/at/all")).unwrap_err().to_string().contains("can't be read"));
}

/// Loads what was opened and computes a step of it, with either set of rotary factors.
fn computed(model: ModelFile) -> Result<(), ModelError> {
    let memory_limit = Some(64 << 20);
    let options = LoadOptions { context: 64, threads: 1, memory_limit, ..LoadOptions::default() };
    let mut model = load(model.config, model.weights, &options).unwrap();
    let tokens: Vec<u32> = (0..4).take(model.info().context).collect();
    for rope in [RopeFactors::Short, RopeFactors::Long] {
        let chunk = Chunk { pages: &[1, 0], start: 0, tokens: &tokens, rope, logits: true };
        model.forward(&[chunk], &mut Vec::new())?;
    }
    Ok(())
}

#[test]
fn a_folder_s_model_computes() {
    let folder = folder(&config(), &[safetensors(&tensors())]);
    assert_eq!(computed(open(folder.path()).unwrap()), Ok(()));
}

/// What a setting may hold, as far as JSON goes.
fn setting() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        (-2_i64..20).prop_map(|number| json!(number)),
        (0_i64..600).prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        (0.0_f64..2.0).prop_map(|number| json!(number)),
        proptest::collection::vec(any::<f32>(), 0..6).prop_map(|numbers| json!(numbers)),
        any::<bool>().prop_map(|flag| json!(flag)),
        Just(json!(null)),
        Just(json!({})),
        Just(json!("longrope")),
    ]
}

/// Settings that a folder may have; of those of scaling only what lies within.
const SETTINGS: [&str; 16] = [
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "max_position_embeddings",
    "original_max_position_embeddings",
    "rms_norm_eps",
    "rope_theta",
    "partial_rotary_factor",
    "sliding_window",
    "tie_word_embeddings",
    "hidden_act",
    "rope_scaling",
    "rope_scaling/short_factor",
    "rope_scaling/attention_factor",
    "rope_scaling/type",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn damaged_parts_never_panic(flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6), cut in 0.1_f64..1.0) {
        let phi3 = Phi3Config { layers: 1, vocabulary: 300, ..small() };
        let mut bytes = safetensors(&tensors());
        // Mostly the header: the rest is only data.
        for (at, byte) in flips {
            bytes[at % 1000] = byte;
        }
        let length = (bytes.len() as f64 * cut) as usize;
        bytes.truncate(length);
        let mut weights = WeightSource::default();
        if folder::add(&mut weights, Map::owned(bytes), &phi3).is_ok() {
            for (name, dtype, shape) in weights.iter() {
                prop_assert_eq!(weights.tensor(name).unwrap().bytes.len(), dtype.bytes_of(shape).unwrap());
            }
        }
    }

    #[test]
    fn damaged_settings_are_refused_or_compute(
        changes in proptest::collection::vec((0..SETTINGS.len(), setting()), 0..4),
        flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..3),
    ) {
        let mut changed = config();
        for (name, value) in changes {
            match SETTINGS[name].split_once('/') {
                None => changed[SETTINGS[name]] = value,
                Some((outer, inner)) => {
                    if let Some(object) = changed[outer].as_object_mut() {
                        object.insert(inner.to_owned(), value);
                    }
                }
            }
        }
        let folder = folder(&changed, &[safetensors(&tensors())]);
        let path = folder.path().join("config.json");
        let mut text = fs::read(&path).unwrap();
        for (at, byte) in flips {
            let at = at % text.len();
            text[at] = byte;
        }
        fs::write(&path, text).unwrap();
        if let Ok(model) = open(folder.path()) {
            // What is taken can be loaded, and gives numbers or says that it gives none.
            let said = computed(model);
            prop_assert!(matches!(said, Ok(()) | Err(ModelError::NotFinite)), "{:?}", said);
        }
    }
}
