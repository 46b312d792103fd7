//! Whole models with random weights, for tests and benches: they speak, and mean nothing.
//!
//! The same figures give the same bytes in every run.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use half::f16;

use super::config::Phi3Config;
use super::weights::TensorType;
use super::writer::{Writer, mini};

/// Numbers without a pattern.
struct Noise(u64);

impl Noise {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        self.0 ^ (self.0 >> 29)
    }

    /// From -1 to 1.
    fn number(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 8_388_608.0 - 1.0
    }
}

/// A model of these figures whose weights are 32-bit floats from `-spread` to `spread`, with a vocabulary. Held in memory.
#[must_use]
pub fn model(config: &Phi3Config, spread: f32) -> Writer {
    let mut noise = Noise(1);
    let weight = |name: &str, shape: &[usize]| {
        let mut value = || if name.contains("norm") { 1.0 } else { noise.number() * spread };
        let bytes = (0..shape.iter().product::<usize>()).flat_map(|_| f32::to_le_bytes(value())).collect();
        (TensorType::F32, bytes)
    };
    Writer::phi3_with(config, weight).vocabulary(config.vocabulary)
}

/// Writes a model of Phi-3-mini-4k's true shape, with the types that Q4_K_M has for it: 2.4 GB.
///
/// # Errors
/// The file can't be written.
pub fn write_mini(path: &Path) -> io::Result<()> {
    let config = mini();
    let tensors: Vec<_> =
        config.tensors().into_iter().map(|(name, shape)| (name.clone(), q4_k_m(&name), shape)).collect();
    let header = Writer::phi3(&config).text("general.name", "random").vocabulary(config.vocabulary);
    let mut noise = Noise(1);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    header.write_to(&mut file, &tensors, |number, bytes| fill(tensors[number].1, bytes, &mut noise))
}

fn fill(kind: TensorType, bytes: &mut [u8], noise: &mut Noise) {
    // Scales that keep the values near those of a real model.
    let scales: &[(usize, f32)] = match kind {
        TensorType::Q4K => &[(0, 8e-5), (2, 6e-4)],
        TensorType::Q5K => &[(0, 7e-5), (2, 1.085e-3)],
        TensorType::Q6K => &[(208, 6.2e-5)],
        _ => return bytes.as_chunks_mut().0.fill(1.0_f32.to_le_bytes()),
    };
    for eight in bytes.chunks_mut(8) {
        eight.copy_from_slice(&noise.bits().to_le_bytes()[..eight.len()]);
    }
    for block in bytes.chunks_exact_mut(kind.block_bytes()) {
        for (at, value) in scales {
            block[*at..at + 2].copy_from_slice(&f16::from_f32(*value).to_bits().to_le_bytes());
        }
    }
}

/// The type a tensor of a model of 32 layers has in a file of the kind Q4_K_M.
fn q4_k_m(name: &str) -> TensorType {
    let layer: usize = name.split('.').nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    match name.rsplit('.').nth(1).unwrap_or_default() {
        "attn_norm" | "ffn_norm" | "output_norm" => TensorType::F32,
        "output" => TensorType::Q6K,
        "attn_qkv" => TensorType::Q5K,
        "ffn_down" if !(4..28).contains(&layer) || (layer - 4) % 3 == 2 => TensorType::Q6K,
        _ => TensorType::Q4K,
    }
}
