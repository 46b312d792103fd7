//! Sines and cosines of positions, with both sets of factors of models of 128k tokens.

use crate::engine::model::RopeFactors;
use crate::files::Phi3Config;

/// Frequencies of the rotated pairs.
pub struct Rope {
    short: Vec<f32>,
    long: Vec<f32>,
    factor: f32,
}

impl Rope {
    /// From the model's figures. Everything is rounded to 32 bits where the reference does it.
    #[must_use]
    pub fn new(config: &Phi3Config) -> Self {
        let pairs = config.rope_dim / 2;
        let base = |i: usize| config.rope_theta.powf(2.0 * i as f64 / config.rope_dim as f64) as f32;
        let with = |factors: Option<&Vec<f32>>| {
            (0..pairs).map(|i| 1.0 / (base(i) * factors.and_then(|all| all.get(i)).copied().unwrap_or(1.0))).collect()
        };
        let longrope = config.longrope.as_ref();
        Self {
            short: with(longrope.map(|rope| &rope.short)),
            long: with(longrope.map(|rope| &rope.long)),
            factor: longrope.map_or(1.0, |rope| rope.attention_factor),
        }
    }

    /// Rotated pairs of a head.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.short.len()
    }

    /// Adds a position's cosines and sines at the ends.
    pub fn push(&self, position: usize, factors: RopeFactors, cos: &mut Vec<f32>, sin: &mut Vec<f32>) {
        let frequencies = match factors {
            RopeFactors::Short => &self.short,
            RopeFactors::Long => &self.long,
        };
        for frequency in frequencies {
            let angle = position as f32 * frequency;
            cos.push(angle.cos() * self.factor);
            sin.push(angle.sin() * self.factor);
        }
    }
}
