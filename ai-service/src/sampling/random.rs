//! A small generator of random numbers (xoshiro256++), the same for the same seed on every machine.
//!
//! Not for secrets.

/// The generator.
#[derive(Debug, Clone)]
pub struct Generator([u64; 4]);

impl Generator {
    /// The one of this seed.
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Self([(); 4].map(|()| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }))
    }

    /// The next number of `0 ..= u64::MAX`.
    pub fn draw(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// The next number of `0.0 .. 1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_they_are_spread() {
        let (mut one, mut same, mut other) = (Generator::new(7), Generator::new(7), Generator::new(8));
        let draws: Vec<f64> = (0..10_000).map(|_| one.unit()).collect();
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw) && *draw == same.unit()));
        assert!(draws.iter().any(|draw| *draw != other.unit()));
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }
}
