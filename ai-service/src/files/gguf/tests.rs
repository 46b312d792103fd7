use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::files::writer::{Writer, small};
use crate::files::{LongRope, Phi3Config, TensorType};

fn fill(name: &str, shape: &[usize]) -> (TensorType, Vec<u8>) {
    let dtype = if name.contains("norm") { TensorType::F32 } else { TensorType::Q8_0 };
    (dtype, vec![7; dtype.bytes_of(shape).unwrap()])
}

fn file(config: &Phi3Config) -> Vec<u8> {
    Writer::phi3_with(config, fill).vocabulary(config.vocabulary).finish()
}

fn opened(bytes: Vec<u8>) -> Result<ModelFile, FileError> {
    from_bytes(Path::new("/models/tiny.gguf"), bytes)
}

fn sentence(bytes: Vec<u8>) -> String {
    opened(bytes).unwrap_err().to_string()
}

#[test]
fn a_whole_file_gives_its_figures_and_tensors() {
    let config = small();
    let model = opened(file(&config)).unwrap();
    assert_eq!(model.config, config);
    assert_eq!(model.name, "tiny");
    let view = model.weights.tensor("blk.1.ffn_up.weight").unwrap();
    assert_eq!((view.dtype, view.shape), (TensorType::Q8_0, &[128, 32][..]));
    assert_eq!(view.bytes, vec![7; 128 * 34]);
    assert_eq!(view.row(127).unwrap().len(), 34);
    assert!(view.row(128).is_none());
    let TokenizerData::Gguf(vocabulary) = model.tokenizer else { panic!("no vocabulary") };
    assert_eq!(vocabulary.tokens.len(), 500);
    assert_eq!(vocabulary.tokens[vocabulary.eot.unwrap() as usize], "<|end|>");
}

#[test]
fn candle_reads_what_the_writer_writes() {
    let bytes = file(&small());
    let mut reader = std::io::Cursor::new(&bytes);
    let content = candle_core::quantized::gguf_file::Content::read(&mut reader).unwrap();
    assert_eq!(content.metadata["phi3.block_count"].to_u32().unwrap(), 2);
    let model = opened(bytes.clone()).unwrap();
    for (name, dtype, shape) in model.weights.iter() {
        let theirs = content.tensor(&mut reader, name, &candle_core::Device::Cpu).unwrap();
        assert_eq!((theirs.dtype(), theirs.shape().dims()), (dtype.candle(), shape), "{name}");
        assert_eq!(&*theirs.data().unwrap(), model.weights.tensor(name).unwrap().bytes, "{name}");
    }
}

#[test]
fn block_sizes_are_candle_s() {
    for dtype in TensorType::ALL {
        let theirs = dtype.candle();
        assert_eq!((dtype.block_len(), dtype.block_bytes()), (theirs.block_size(), theirs.type_size()), "{dtype}");
        assert_eq!(TensorType::from_gguf(dtype.gguf()), Some(dtype));
    }
}

#[test]
fn longrope_window_partial_rotation_and_tied_embeddings_are_read() {
    let factors = |step: f32| (0_u8..3).map(|i| 1.0 + step * f32::from(i)).collect();
    let longrope = LongRope { short: factors(0.5), long: factors(2.0), attention_factor: 1.25 };
    let config = Phi3Config {
        rope_dim: 6,
        original_context: 64,
        window: Some(31),
        longrope: Some(longrope),
        tied: true,
        ..small()
    };
    assert_eq!(opened(file(&config)).unwrap().config, config);
}

#[test]
fn early_files_of_the_4k_models_have_their_window() {
    let config = Phi3Config { layers: 32, context: 4096, original_context: 4096, ..small() };
    let mut writer = Writer::new().text("general.architecture", "phi3");
    for (key, number) in [
        ("block_count", 32),
        ("embedding_length", 32),
        ("feed_forward_length", 64),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 2),
        ("context_length", 4096),
    ] {
        writer = writer.number(&format!("phi3.{key}"), number);
    }
    for (name, shape) in config.tensors() {
        let (dtype, bytes) = fill(&name, &shape);
        writer = writer.tensor(&name, dtype, &shape, bytes);
    }
    assert_eq!(opened(writer.finish()).unwrap().config.window, Some(2047));
}

#[test]
fn sentences_say_what_is_wrong() {
    assert!(sentence(b"PK\x03\x04 something else".to_vec()).contains("does not begin with GGUF"));
    assert!(sentence(Vec::new()).contains("truncated"));
    // Phi-3.5-MoE among them. Phi-3-small has no name there: llama.cpp converts none.
    for other in ["llama", "phi2", "phimoe"] {
        assert_eq!(
            sentence(Writer::new().text("general.architecture", other).finish()),
            format!(
                "the file holds a model of architecture {other}; this service runs phi3 only, which Phi-3-mini, Phi-3-medium and Phi-3.5-mini are"
            )
        );
    }

    let part = Writer::phi3(&small()).number("split.count", 3).finish();
    assert!(sentence(part).contains("one of 3 parts"));

    let mut cut = file(&small());
    cut.truncate(cut.len() - 1);
    let cut = sentence(cut);
    assert!(cut.starts_with("the file is truncated: the tensor blk.1.ffn_down.weight needs"), "{cut}");

    let config = small();
    let bigger = Phi3Config { ffn: 96, ..config.clone() };
    let mut writer = Writer::phi3(&config);
    for (name, shape) in bigger.tensors() {
        let (dtype, bytes) = fill(&name, &shape);
        writer = writer.tensor(&name, dtype, &shape, bytes);
    }
    let wrong = sentence(writer.finish());
    assert_eq!(
        wrong,
        "the tensor blk.0.ffn_up.weight has the shape [192, 32], and the model's figures ask for [128, 32]"
    );

    let lacking = Phi3Config { layers: 1, ..small() };
    let mut writer = Writer::phi3(&small());
    for (name, shape) in lacking.tensors() {
        let (dtype, bytes) = fill(&name, &shape);
        writer = writer.tensor(&name, dtype, &shape, bytes);
    }
    assert!(sentence(writer.finish()).contains("blk.1.attn_norm.weight is missing"));
}

#[test]
fn hostile_counts_cost_nothing() {
    // 2^60 tensors, 2^60 metadata, a list of 2^60 values, a text of 2^63 bytes: refused from a few bytes.
    for (tensors, entries) in [(1_u64 << 60, 0), (0, 1 << 60), (u64::MAX, u64::MAX)] {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes.extend([0; 64]);
        assert!(sentence(bytes).contains("do not fit"));
    }
    for kind in [0_u32, 5, 8, 12] {
        let mut bytes = Writer::new().text("general.architecture", "phi3").finish();
        bytes.truncate(24);
        bytes[16] = 1;
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(b"k");
        bytes.extend(9_u32.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend((1_u64 << 61).to_le_bytes());
        bytes.extend([0; 8]);
        assert!(opened(bytes).is_err());
    }
    let huge = Writer::new()
        .text("general.architecture", "phi3")
        .number("phi3.block_count", 1024)
        .number("phi3.embedding_length", 1 << 17)
        .number("phi3.feed_forward_length", 1 << 19)
        .number("phi3.attention.head_count", 1024)
        .number("phi3.context_length", 1 << 24)
        .tensor("token_embd.weight", TensorType::F32, &[1 << 21, 1 << 17], Vec::new());
    assert!(opened(huge.finish()).is_err());
}

#[test]
fn a_tensor_lying_over_another_is_refused() {
    let config = small();
    let mut bytes = file(&config);
    // The offset of the second tensor becomes that of the first.
    let name = b"output_norm.weight";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len() + 4 + 8 + 4;
    bytes[at..at + 8].copy_from_slice(&0_u64.to_le_bytes());
    assert!(sentence(bytes).contains("lie over each other"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..2048), magic in any::<bool>()) {
        if magic && bytes.len() >= 24 {
            bytes[..8].copy_from_slice(b"GGUF\x03\0\0\0");
            bytes[9..16].fill(0);
            bytes[17..24].fill(0);
        }
        prop_assert!(opened(bytes).is_err());
    }

    #[test]
    fn flipped_bits_never_panic(flips in proptest::collection::vec((0_usize..26_000, 0_u8..8), 1..6)) {
        let mut bytes = file(&small());
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        if let Ok(model) = opened(bytes) {
            // What is accepted is whole.
            for (name, shape) in model.config.tensors() {
                let view = model.weights.tensor(&name).unwrap();
                prop_assert_eq!(view.shape, shape.as_slice());
                prop_assert_eq!(Some(view.bytes.len()), view.dtype.bytes_of(&shape));
            }
        }
    }

    #[test]
    fn a_cut_file_is_refused(share in 0.0_f64..1.0) {
        let mut bytes = file(&small());
        let length = (bytes.len() as f64 * share) as usize;
        bytes.truncate(length.min(bytes.len() - 1));
        let sentence = sentence(bytes);
        prop_assert!(sentence.contains("truncated") || sentence.contains("do not fit"), "{}", sentence);
    }
}
