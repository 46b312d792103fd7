//! How fast the engine is, and how much it holds, on a model of Phi-3-mini's true shape with random weights.
//!
//! `speed make FILE` writes the model (2.4 GB, quantised as Q4_K_M is); `speed run FILE [THREADS [CONTEXT [PARTS]]]` loads
//! it and prints tokens per second of wall time and of processor time: on a machine with other work the latter is the one
//! to compare. PARTS is some of `prefill,128,1024,eight`. The same FILE can be given to other engines.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::fs::File;
use std::io::{BufWriter, Error, Result, Write};
use std::path::Path;
use std::time::Instant;

use ai_service::engine::{Chunk, LoadOptions, Model, PageId, RopeFactors, load};
use ai_service::files::{self, TensorType, writer};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    match (arguments.first().map(String::as_str), arguments.get(1)) {
        (Some("make"), Some(file)) => make(Path::new(file)),
        (Some("run"), Some(file)) => {
            let parts = arguments.get(4).map_or("prefill,128,1024,eight", String::as_str);
            run(Path::new(file), number(2, 1), number(3, 2048), parts)
        }
        _ => Err(Error::other("make FILE, or run FILE [THREADS [CONTEXT [PARTS]]]")),
    }
}

/// The types of Q4_K_M.
fn kind(name: &str) -> TensorType {
    let layer: usize = name.split('.').nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    match name.rsplit('.').nth(1).unwrap_or_default() {
        "attn_norm" | "ffn_norm" | "output_norm" => TensorType::F32,
        "output" => TensorType::Q6K,
        "attn_qkv" => TensorType::Q5K,
        "ffn_down" if !(4..28).contains(&layer) || (layer - 4) % 3 == 2 => TensorType::Q6K,
        _ => TensorType::Q4K,
    }
}

fn make(path: &Path) -> Result<()> {
    let config = writer::mini();
    let mut metadata = Vec::new();
    let mut entries = 0_u64;
    let mut entry = |key: &str, kind: u32, value: &[u8]| {
        entries += 1;
        text(&mut metadata, key);
        metadata.extend(kind.to_le_bytes());
        metadata.extend(value);
    };
    for (key, value) in
        [("general.architecture", "phi3"), ("general.name", "random"), ("tokenizer.ggml.model", "llama")]
    {
        let mut bytes = Vec::new();
        text(&mut bytes, value);
        entry(key, 8, &bytes);
    }
    for (key, value) in [
        ("vocab_size", 32064_u32),
        ("context_length", 4096),
        ("rope.scaling.original_context_length", 4096),
        ("embedding_length", 3072),
        ("feed_forward_length", 8192),
        ("block_count", 32),
        ("attention.head_count", 32),
        ("attention.head_count_kv", 32),
        ("attention.sliding_window", 2047),
        ("rope.dimension_count", 96),
    ] {
        entry(&format!("phi3.{key}"), 4, &value.to_le_bytes());
    }
    entry("phi3.attention.layer_norm_rms_epsilon", 6, &config.rms_eps.to_le_bytes());
    entry("phi3.rope.freq_base", 6, &10000.0_f32.to_le_bytes());
    let tokens = writer::vocabulary(config.vocabulary);
    let list = |kind: u32| [&kind.to_le_bytes()[..], &(tokens.len() as u64).to_le_bytes()].concat();
    let (mut texts, mut scores, mut kinds) = (list(8), list(6), list(5));
    for (token, score, kind) in &tokens {
        text(&mut texts, token);
        scores.extend(score.to_le_bytes());
        kinds.extend(kind.gguf().to_le_bytes());
    }
    for (key, list) in [("tokens", texts), ("scores", scores), ("token_type", kinds)] {
        entry(&format!("tokenizer.ggml.{key}"), 9, &list);
    }
    let tensors = config.tensors();
    let mut header = b"GGUF".to_vec();
    header.extend(3_u32.to_le_bytes());
    header.extend((tensors.len() as u64).to_le_bytes());
    header.extend(entries.to_le_bytes());
    header.extend(metadata);
    let mut at = 0_u64;
    for (name, shape) in &tensors {
        text(&mut header, name);
        header.extend((shape.len() as u32).to_le_bytes());
        shape.iter().rev().for_each(|side| header.extend((*side as u64).to_le_bytes()));
        header.extend(kind(name).gguf().to_le_bytes());
        header.extend(at.to_le_bytes());
        at += kind(name).bytes_of(shape).unwrap_or_default().next_multiple_of(32) as u64;
    }
    header.resize(header.len().next_multiple_of(32), 0);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&header)?;
    let mut state = 1_u64;
    for (name, shape) in &tensors {
        let kind = kind(name);
        let length = kind.bytes_of(shape).unwrap_or_default();
        let mut bytes = vec![0_u8; length.next_multiple_of(32)];
        if kind == TensorType::F32 {
            bytes[..length].as_chunks_mut::<4>().0.iter_mut().for_each(|one| *one = 1.0_f32.to_le_bytes());
        } else {
            for eight in bytes.as_chunks_mut::<8>().0 {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                *eight = (state ^ (state >> 29)).to_le_bytes();
            }
            // Scales that keep the values near those of a real model.
            let scales: &[(usize, f32)] = match kind {
                TensorType::Q4K => &[(0, 8e-5), (2, 6e-4)],
                TensorType::Q5K => &[(0, 7e-5), (2, 1.085e-3)],
                _ => &[(208, 6.2e-5)],
            };
            for block in bytes[..length].chunks_exact_mut(kind.block_bytes()) {
                for (at, value) in scales {
                    block[*at..at + 2].copy_from_slice(&half::f16::from_f32(*value).to_bits().to_le_bytes());
                }
            }
        }
        file.write_all(&bytes)?;
    }
    file.flush()
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// A sequence with its own pages.
struct Sequence {
    pages: Vec<PageId>,
    length: usize,
}

/// Wall and processor time since some moment, in seconds.
struct Watch(Instant, f64);

impl Watch {
    fn new() -> Self {
        Self(Instant::now(), processor_seconds())
    }

    fn print(&self, what: &str, tokens: usize) {
        let (wall, processor) = (self.0.elapsed().as_secs_f64(), processor_seconds() - self.1);
        let (by_wall, by_processor) = (tokens as f64 / wall, tokens as f64 / processor);
        println!("{what:<22} {by_wall:>8.2} tokens/s  {by_processor:>8.2} tokens per processor second  ({wall:.2} s)");
    }
}

/// Time all threads have run.
fn processor_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e9
}

fn memory(what: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |key: &str| {
        let line = status.lines().find(|line| line.starts_with(key))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0 / 1e6)
    };
    let [now, own, most] = ["VmRSS:", "RssAnon:", "VmHWM:"].map(|key| megabytes(key).unwrap_or_default());
    println!("{what:<22} {now:.0} MB resident ({own:.0} of its own), at most {most:.0} MB");
}

fn run(path: &Path, threads: usize, context: usize, parts: &str) -> Result<()> {
    let watch = Watch::new();
    let file = files::open(path).map_err(Error::other)?;
    let options = LoadOptions { threads, context, name: file.name, ..LoadOptions::default() };
    let mut model = load(file.config, file.weights, &options).map_err(Error::other)?;
    let info = model.info().clone();
    println!("{} threads, {}, context {}, steps of {} tokens", threads, info.kernels, info.context, info.batch_tokens);
    watch.print("load (1 model)", 1);
    println!(
        "file {:.0} MB, weights {:.0} MB, cache {:.0} MB",
        file.file_bytes as f64 / 1e6,
        info.weight_bytes as f64 / 1e6,
        info.cache_bytes as f64 / 1e6
    );
    memory("after loading");
    for part in parts.split(',') {
        match part {
            "prefill" => {
                let watch = Watch::new();
                let _ = prefill(&mut *model, 0, 512);
                watch.print("prefill 512", 512);
            }
            "128" | "1024" => {
                let length = if part == "128" { 128 } else { 1024 };
                let mut all = [prefill(&mut *model, 0, length)];
                let watch = Watch::new();
                decode(&mut *model, &mut all, 24);
                watch.print(&format!("decode at {length}"), 24);
            }
            "eight" => {
                let mut all: Vec<_> = (0..8).map(|i| prefill(&mut *model, i * 5, 128)).collect();
                let watch = Watch::new();
                decode(&mut *model, &mut all, 12);
                watch.print("eight at once at 128", 8 * 12);
            }
            other => return Err(Error::other(format!("no such part: {other}"))),
        }
        memory(&format!("after {part}"));
    }
    let mut all = Vec::new();
    if context >= 2048 && parts.contains("1024") {
        all.push(prefill(&mut *model, 0, 2040));
        decode(&mut *model, &mut all, 4);
        memory("after context 2044");
    }
    Ok(())
}

fn prefill(model: &mut dyn Model, first_page: u32, length: usize) -> Sequence {
    let info = model.info().clone();
    let pages: Vec<PageId> = (first_page..).take((length + 32).div_ceil(info.page_tokens).min(info.pages)).collect();
    let tokens: Vec<u32> = (0..length as u32).map(|i| i * 37 % 32000).collect();
    let mut logits = Vec::new();
    for (i, some) in tokens.chunks(info.batch_tokens).enumerate() {
        let start = i * info.batch_tokens;
        let last = start + some.len() == length;
        let chunk = Chunk { pages: &pages, start, tokens: some, rope: RopeFactors::Short, logits: last };
        model.forward(&[chunk], &mut logits).unwrap_or_else(|error| println!("{error}"));
    }
    Sequence { pages, length }
}

fn decode(model: &mut dyn Model, all: &mut [Sequence], steps: usize) {
    let mut logits = Vec::new();
    for step in 0..steps {
        let token = [(step as u32 * 91 + 7) % 32000];
        let chunks: Vec<Chunk<'_>> = all
            .iter()
            .map(|one| Chunk {
                pages: &one.pages,
                start: one.length,
                tokens: &token,
                rope: RopeFactors::Short,
                logits: true,
            })
            .collect();
        model.forward(&chunks, &mut logits).unwrap_or_else(|error| println!("{error}"));
        all.iter_mut().for_each(|one| one.length += 1);
    }
}
