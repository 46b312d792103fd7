//! The golden cases: their weights made again from the seed, and the engine run on them. As files they are in `files`.

pub mod files;

use std::path::PathBuf;

use ai_service::engine::quants::dequantise_row;
use ai_service::engine::{Chunk, LoadOptions, Model, PageId, RopeFactors, load};
use ai_service::files::{LongRope, Phi3Config, TensorType, WeightSource, config::attention_factor};
use half::{bf16, f16};
use serde_json::Value;

/// A model and what it should say.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub config: Phi3Config,
    pub prompts: Vec<Prompt>,
    types: Option<Value>,
    seed: u64,
    scales: Value,
    as_floats: bool,
    rounded: Option<TensorType>,
}

/// Tokens, and the logits of some of their positions.
#[derive(Clone)]
pub struct Prompt {
    pub ids: Vec<u32>,
    pub positions: Vec<usize>,
    pub logits: Vec<Vec<f32>>,
}

/// From the package's folder, where cargo runs tests.
fn folder() -> PathBuf {
    PathBuf::from("tests/golden")
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a whole number")).expect("a small number")
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().into_iter().flatten().map(|x| x.as_f64().expect("a number") as f32).collect()
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("cases.json")).expect("the cases");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    let all = index["cases"].as_object().expect("cases by name");
    all.iter().map(|(name, case)| read(name, case, &index)).collect()
}

fn read(name: &str, case: &Value, index: &Value) -> Case {
    let c = &case["config"];
    let (hidden, heads, context, original) =
        (number(&c["hidden"]), number(&c["heads"]), number(&c["ctx"]), number(&c["orig_ctx"]));
    let head_dim = hidden / heads;
    let partial = c["partial"].as_f64().unwrap_or(1.0);
    let config = Phi3Config {
        layers: number(&c["layers"]),
        hidden,
        ffn: number(&c["ffn"]),
        heads,
        kv_heads: number(&c["kv_heads"]),
        head_dim,
        rope_dim: (head_dim as f64 * partial) as usize,
        rope_theta: c["rope_theta"].as_f64().expect("a base"),
        rms_eps: 1e-5,
        context,
        original_context: original,
        window: c.get("window").map(number),
        longrope: c.get("long_factor").map(|long| LongRope {
            short: floats(&c["short_factor"]),
            long: floats(long),
            attention_factor: attention_factor(context, original),
        }),
        tied: c.get("tied").is_some(),
        vocabulary: number(&c["vocab"]),
    };
    let blob = std::fs::read(folder().join(format!("{name}.logits.f32"))).expect("logits");
    let row = 4 * config.vocabulary;
    let prompts = case["prompts"].as_array().expect("prompts").iter().map(|prompt| {
        let positions: Vec<usize> = prompt["positions"].as_array().into_iter().flatten().map(number).collect();
        let at = number(&prompt["offset"]);
        let rows = blob[at..at + positions.len() * row].chunks_exact(row);
        let logits = rows.map(|row| row.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x)).collect()).collect();
        let ids = prompt["ids"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|id| u32::try_from(number(id)).expect("a token"))
            .collect();
        Prompt { ids, positions, logits }
    });
    let prompts = prompts.collect();
    let (types, scales) = (c.get("types").cloned(), index["scales"].clone());
    let seed = index["seed"].as_u64().expect("a seed");
    Case { name: name.to_owned(), config, prompts, types, seed, scales, as_floats: false, rounded: None }
}

/// Numbers of 24 bits from the seed and a name.
fn splitmix(seed: u64, name: &str) -> impl Iterator<Item = u32> {
    let hash =
        name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let start = hash ^ seed;
    (1_u64..).map(move |i| {
        let z = start.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as u32
    })
}

/// 32-bit floats as floats of this type, to nearest.
fn narrowed(kind: TensorType, bytes: &[u8]) -> Vec<u8> {
    let values = bytes.as_chunks::<4>().0.iter().map(|x| f32::from_le_bytes(*x));
    match kind {
        TensorType::F16 => values.flat_map(|x| f16::from_f32(x).to_le_bytes()).collect(),
        TensorType::BF16 => values.flat_map(|x| bf16::from_f32(x).to_le_bytes()).collect(),
        TensorType::F32 => bytes.to_vec(),
        other => panic!("{other} is no type of floats"),
    }
}

/// So many values of any type as 32-bit floats.
fn widened(kind: TensorType, bytes: &[u8], count: usize) -> Vec<u8> {
    let mut values = vec![0.0; count];
    dequantise_row(kind, bytes, &mut values);
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

impl Case {
    pub const fn is_quantised(&self) -> bool {
        self.types.is_some()
    }

    /// The same with the floats its blocks stand for.
    pub fn dequantised(&self) -> Self {
        Self { as_floats: true, ..self.clone() }
    }

    /// The same with its floats rounded to what this narrower type holds.
    pub fn rounded(&self, kind: TensorType) -> Self {
        Self { rounded: Some(kind), ..self.clone() }
    }

    fn kind(&self, name: &str) -> TensorType {
        let Some(types) = self.types.as_ref().filter(|_| !name.contains("norm")) else { return TensorType::F32 };
        let part = name.rsplit('.').nth(1).expect("a name of parts");
        let kind = types.get(part).unwrap_or(&types["rest"]).as_str().expect("a type").to_uppercase();
        TensorType::ALL.into_iter().find(|candidate| candidate.to_string() == kind).expect("a known type")
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> (TensorType, Vec<u8>) {
        let kind = self.kind(name);
        let mut noise = splitmix(self.seed, name);
        let count: usize = shape.iter().product();
        if kind == TensorType::F32 {
            let value = |u: u32| {
                let u = u as f32 * (1.0 / 8_388_608.0) - 1.0;
                match name {
                    _ if name.contains("norm") => 1.0 + 0.125 * u,
                    _ if name.contains("embd") => u * 0.25,
                    _ => u * 0.1875,
                }
            };
            let bytes: Vec<u8> = noise.take(count).flat_map(|u| value(u).to_le_bytes()).collect();
            let Some(narrow) = self.rounded else { return (kind, bytes) };
            return (kind, widened(narrow, &narrowed(narrow, &bytes), count));
        }
        let length = kind.bytes_of(shape).expect("whole blocks");
        let mut bytes: Vec<u8> = noise.by_ref().take(length).map(|u| u.to_le_bytes()[0]).collect();
        let of_kind = &self.scales[kind.to_string().to_lowercase()];
        for block in bytes.chunks_exact_mut(kind.block_bytes()) {
            for scale in of_kind[2].as_array().expect("scales") {
                let (at, value) = (number(&scale[0]), scale[1].as_f64().expect("a number"));
                block[at..at + 2].copy_from_slice(&f16::from_f64(value).to_bits().to_le_bytes());
            }
        }
        if self.as_floats {
            return (TensorType::F32, widened(kind, &bytes, count));
        }
        (kind, bytes)
    }

    pub fn load(&self, options: &LoadOptions) -> Box<dyn Model> {
        let tensors = self.config.tensors().into_iter().map(|(name, shape)| {
            let (kind, bytes) = self.tensor(&name, &shape);
            (name, kind, shape, bytes)
        });
        let source = WeightSource::from_memory(tensors).expect("whole tensors");
        load(self.config.clone(), source, options).expect("a model")
    }
}

/// The logits of the wanted positions of each prompt, in order; prompts are computed in chunks of at most `piece`.
pub fn run(case: &Case, options: &LoadOptions, piece: usize) -> Vec<Vec<f32>> {
    run_on(&mut *case.load(options), case, piece)
}

/// The same with a model that was loaded from elsewhere.
fn run_on(model: &mut dyn Model, case: &Case, piece: usize) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    for prompt in &case.prompts {
        // Pages from the last to the first: nothing may depend on their order.
        let pages: Vec<PageId> = (0..u32::try_from(model.info().pages).expect("few pages")).rev().collect();
        let rope = match model.info().original_context {
            Some(original) if prompt.ids.len() > original => RopeFactors::Long,
            _ => RopeFactors::Short,
        };
        let mut start = 0;
        let mut logits = Vec::new();
        for position in &prompt.positions {
            while start <= *position {
                let end = prompt.ids.len().min(start.saturating_add(piece)).min(position + 1);
                let chunk =
                    Chunk { pages: &pages, start, tokens: &prompt.ids[start..end], rope, logits: end == position + 1 };
                model.forward(&[chunk], &mut logits).expect("logits");
                start = end;
            }
            all.push(std::mem::take(&mut logits));
        }
    }
    all
}

/// The largest difference to the golden logits.
pub fn worst(case: &Case, found: &[Vec<f32>]) -> f32 {
    let wanted: Vec<&Vec<f32>> = case.prompts.iter().flat_map(|prompt| &prompt.logits).collect();
    assert_eq!(wanted.len(), found.len());
    let rows = wanted.into_iter().zip(found);
    let differences = rows.flat_map(|(wanted, found)| {
        assert_eq!(wanted.len(), found.len());
        wanted.iter().zip(found).map(|(a, b)| (a - b).abs())
    });
    differences.fold(0.0, f32::max)
}

/// The root of the mean square of the differences, as a share of that of the golden logits.
pub fn spread(case: &Case, found: &[Vec<f32>]) -> f32 {
    let wanted = case.prompts.iter().flat_map(|prompt| &prompt.logits).flatten();
    let (off, all) =
        wanted.zip(found.iter().flatten()).fold((0.0, 0.0), |(off, all), (a, b)| (off + (a - b).powi(2), all + a * a));
    (off / all).sqrt()
}
