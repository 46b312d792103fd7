//! Writes GGUF files for tests and benches: metadata, tensors, a small SentencePiece vocabulary, and the figures of models to write.
//!
//! Not part of the product, which writes no model files. The bytes it makes are what the format's public description asks
//! for; the tests of the engine hold it against files of the `gguf` Python package. Whole models with random weights are
//! in [`super::random`].

use std::collections::HashSet;
use std::io::{self, Write};

use super::config::Phi3Config;
use super::tokenizer::TokenKind;
use super::weights::TensorType;

const ALIGNMENT: usize = 32;

/// The figures of Phi-3-mini-4k.
#[must_use]
pub fn mini() -> Phi3Config {
    Phi3Config {
        layers: 32,
        hidden: 3072,
        ffn: 8192,
        heads: 32,
        kv_heads: 32,
        head_dim: 96,
        rope_dim: 96,
        rope_theta: 10_000.0,
        rms_eps: 1e-5,
        context: 4096,
        original_context: 4096,
        window: Some(2047),
        longrope: None,
        tied: false,
        vocabulary: 32_064,
    }
}

/// Figures of a model that is quickly made, with rows of whole blocks.
#[must_use]
pub fn small() -> Phi3Config {
    Phi3Config {
        layers: 2,
        hidden: 32,
        ffn: 64,
        heads: 4,
        kv_heads: 2,
        head_dim: 8,
        rope_dim: 8,
        rope_theta: 10_000.0,
        rms_eps: 1e-5,
        context: 256,
        original_context: 256,
        window: None,
        longrope: None,
        tied: false,
        vocabulary: 500,
    }
}

/// A GGUF file in the making.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    entries: u64,
    metadata: Vec<u8>,
    tensors: Vec<(String, TensorType, Vec<usize>, Vec<u8>)>,
}

impl Writer {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One with the metadata of a Phi-3 of these figures, and its rotary factors. Tensors are to follow.
    #[must_use]
    pub fn phi3(config: &Phi3Config) -> Self {
        let mut writer = Self::new()
            .text("general.architecture", "phi3")
            .number("phi3.block_count", config.layers)
            .number("phi3.embedding_length", config.hidden)
            .number("phi3.feed_forward_length", config.ffn)
            .number("phi3.attention.head_count", config.heads)
            .number("phi3.attention.head_count_kv", config.kv_heads)
            .number("phi3.rope.dimension_count", config.rope_dim)
            .float("phi3.rope.freq_base", config.rope_theta as f32)
            .float("phi3.attention.layer_norm_rms_epsilon", config.rms_eps)
            .number("phi3.context_length", config.context)
            .number("phi3.rope.scaling.original_context_length", config.original_context)
            .number("phi3.attention.sliding_window", config.window.unwrap_or_default());
        if let Some(longrope) = &config.longrope {
            writer = writer.float("phi3.rope.scaling.attn_factor", longrope.attention_factor);
            for (name, factors) in [("short", &longrope.short), ("long", &longrope.long)] {
                let bytes = factors.iter().flat_map(|factor| factor.to_le_bytes()).collect();
                writer =
                    writer.tensor(&format!("rope_factors_{name}.weight"), TensorType::F32, &[factors.len()], bytes);
            }
        }
        writer
    }

    /// A whole Phi-3: [`Self::phi3`] with the bytes and type that `weight` gives for each tensor's name and shape.
    #[must_use]
    pub fn phi3_with(config: &Phi3Config, mut weight: impl FnMut(&str, &[usize]) -> (TensorType, Vec<u8>)) -> Self {
        config.tensors().into_iter().fold(Self::phi3(config), |writer, (name, shape)| {
            let (dtype, bytes) = weight(&name, &shape);
            writer.tensor(&name, dtype, &shape, bytes)
        })
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, key: &str, text: &str) -> Self {
        self.entry(key, 8);
        string(&mut self.metadata, text);
        self
    }

    /// Adds a whole number of 32 bits; what does not fit becomes the largest.
    #[must_use]
    pub fn number(mut self, key: &str, number: usize) -> Self {
        self.entry(key, 4);
        self.metadata.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        self
    }

    /// Adds a float.
    #[must_use]
    pub fn float(mut self, key: &str, number: f32) -> Self {
        self.entry(key, 6);
        self.metadata.extend(number.to_le_bytes());
        self
    }

    /// Adds a truth value.
    #[must_use]
    pub fn flag(mut self, key: &str, flag: bool) -> Self {
        self.entry(key, 7);
        self.metadata.push(flag.into());
        self
    }

    /// Adds a list of texts.
    #[must_use]
    pub fn texts<T: AsRef<str>>(mut self, key: &str, texts: &[T]) -> Self {
        self.list(key, 8, texts.len());
        for text in texts {
            string(&mut self.metadata, text.as_ref());
        }
        self
    }

    /// Adds a list of floats.
    #[must_use]
    pub fn floats(mut self, key: &str, numbers: &[f32]) -> Self {
        self.list(key, 6, numbers.len());
        self.metadata.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    /// Adds a list of whole numbers.
    #[must_use]
    pub fn integers(mut self, key: &str, numbers: &[i32]) -> Self {
        self.list(key, 5, numbers.len());
        self.metadata.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    /// Adds a tensor; `shape` has rows first.
    #[must_use]
    pub fn tensor(mut self, name: &str, dtype: TensorType, shape: &[usize], bytes: Vec<u8>) -> Self {
        self.tensors.push((name.to_owned(), dtype, shape.to_vec(), bytes));
        self
    }

    /// Adds a SentencePiece vocabulary ([`vocabulary`]) of at least `count` tokens, with Phi-3's marks.
    #[must_use]
    pub fn vocabulary(self, count: usize) -> Self {
        let tokens = vocabulary(count);
        let texts: Vec<&str> = tokens.iter().map(|(text, ..)| text.as_str()).collect();
        let scores: Vec<f32> = tokens.iter().map(|(_, score, _)| *score).collect();
        let kinds: Vec<i32> = tokens.iter().map(|(.., kind)| kind.gguf()).collect();
        let mark = |text: &str| texts.iter().position(|token| *token == text).unwrap_or_default();
        let (end_of_text, end) = (mark("<|endoftext|>"), mark("<|end|>"));
        self.text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", &texts)
            .floats("tokenizer.ggml.scores", &scores)
            .integers("tokenizer.ggml.token_type", &kinds)
            .number("tokenizer.ggml.bos_token_id", 1)
            .number("tokenizer.ggml.eos_token_id", end_of_text)
            .number("tokenizer.ggml.eot_token_id", end)
            .number("tokenizer.ggml.unknown_token_id", 0)
            .flag("tokenizer.ggml.add_bos_token", false)
    }

    /// The file.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let mut file =
            self.header(self.tensors.iter().map(|(name, dtype, shape, _)| (name.as_str(), *dtype, &shape[..])));
        for (.., bytes) in &self.tensors {
            file.extend(bytes);
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        }
        file
    }

    /// Writes the file with these tensors instead of its own, whose bytes are made one after another: for models that are
    /// not to be held in memory. `fill` is given each tensor's number and its bytes, all zero.
    ///
    /// # Errors
    /// `to` takes no more; a row is not whole blocks of its type.
    pub fn write_to(
        &self,
        to: &mut impl Write,
        tensors: &[(String, TensorType, Vec<usize>)],
        mut fill: impl FnMut(usize, &mut [u8]),
    ) -> io::Result<()> {
        to.write_all(&self.header(tensors.iter().map(|(name, dtype, shape)| (name.as_str(), *dtype, &shape[..]))))?;
        for (number, (name, dtype, shape)) in tensors.iter().enumerate() {
            let length = dtype.bytes_of(shape).ok_or_else(|| io::Error::other(format!("{name} can't be {dtype}")))?;
            let mut bytes = vec![0; length.next_multiple_of(ALIGNMENT)];
            fill(number, &mut bytes[..length]);
            to.write_all(&bytes)?;
        }
        to.flush()
    }

    /// What comes before the first tensor's bytes.
    fn header<'a>(&self, tensors: impl ExactSizeIterator<Item = (&'a str, TensorType, &'a [usize])>) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend((tensors.len() as u64).to_le_bytes());
        file.extend(self.entries.to_le_bytes());
        file.extend(&self.metadata);
        let mut at = 0_u64;
        for (name, dtype, shape) in tensors {
            string(&mut file, name);
            file.extend((shape.len() as u32).to_le_bytes());
            for side in shape.iter().rev() {
                file.extend((*side as u64).to_le_bytes());
            }
            file.extend(dtype.gguf().to_le_bytes());
            file.extend(at.to_le_bytes());
            at += dtype.bytes_of(shape).unwrap_or_default().next_multiple_of(ALIGNMENT) as u64;
        }
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        file
    }

    fn entry(&mut self, key: &str, kind: u32) {
        self.entries += 1;
        string(&mut self.metadata, key);
        self.metadata.extend(kind.to_le_bytes());
    }

    fn list(&mut self, key: &str, kind: u32, count: usize) {
        self.entry(key, 9);
        self.metadata.extend(kind.to_le_bytes());
        self.metadata.extend((count as u64).to_le_bytes());
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// Words of the small vocabulary; every beginning of each is a token too, so that joins can reach it.
const WORDS: &[&str] = &["the", "fleet", "has", "workspaces", "running", "cost", "is", "user", "and", "in"];
/// Phi-3's marks, in the order of its ids.
const MARKS: &[&str] = &["<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"];

/// A SentencePiece vocabulary as Phi-3's is built: unknown, begin, end, the bytes, printable ASCII, pieces of some words,
/// fillers up to `count`, and the marks last. Text, score and kind of each.
#[must_use]
pub fn vocabulary(count: usize) -> Vec<(String, f32, TokenKind)> {
    let mut tokens = vec![
        ("<unk>".to_owned(), 0.0, TokenKind::Unknown),
        ("<s>".to_owned(), 0.0, TokenKind::Control),
        ("</s>".to_owned(), 0.0, TokenKind::Control),
    ];
    tokens.extend((0..=255_u8).map(|byte| (format!("<0x{byte:02X}>"), 0.0, TokenKind::Byte)));
    let mut score = 0.0_f32;
    let mut known = HashSet::new();
    let mut normal = |text: String, tokens: &mut Vec<(String, f32, TokenKind)>| {
        if known.insert(text.clone()) {
            score -= 1.0;
            tokens.push((text, score, TokenKind::Normal));
        }
    };
    for word in WORDS {
        let whole = format!("\u{2581}{word}");
        for end in 2..=word.len() {
            let piece = whole.chars().take(end + 1).collect();
            normal(piece, &mut tokens);
        }
    }
    normal("\u{2581}".to_owned(), &mut tokens);
    for c in ' '..='~' {
        if c != ' ' {
            normal(c.to_string(), &mut tokens);
            if c.is_ascii_lowercase() {
                normal(format!("\u{2581}{c}"), &mut tokens);
            }
        }
    }
    normal("\n".to_owned(), &mut tokens);
    while tokens.len() + MARKS.len() < count {
        let filler = format!("\u{2581}filler{}", tokens.len());
        normal(filler, &mut tokens);
    }
    tokens.extend(MARKS.iter().map(|mark| ((*mark).to_owned(), 0.0, TokenKind::Control)));
    tokens
}
