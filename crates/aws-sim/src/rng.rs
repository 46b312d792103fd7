//! The simulator's own pseudo-random numbers: small, fast, the same on every machine and in every release.
//!
//! It is not for secrets. It exists so that a seed names a fleet for ever; a crate's generator may change its stream
//! between versions. To draw something new, derive a fresh stream with [`Rng::from_parts`] instead of taking one more
//! number from an existing one, so that everything drawn after it stays as it was.

/// Scrambles one number (the splitmix64 finaliser).
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Folds text into a seed.
pub(crate) fn hash(seed: u64, text: &str) -> u64 {
    let folded = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |acc, byte| (acc ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mix(seed ^ mix(folded))
}

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// A stream that depends on the seed and on what it is for.
    pub(crate) fn from_parts(seed: u64, purpose: &str) -> Self {
        Self(hash(seed, purpose))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// True `per_mille` times in 1,000.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of the items, each as likely.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let at = self.below(items.len() as u64) as usize;
        &items[at]
    }

    /// One of the items, by weight.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let total: u64 = items.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (item, weight) in items {
            let weight = u64::from(*weight);
            if left < weight {
                return *item;
            }
            left -= weight;
        }
        items[items.len() - 1].0
    }

    /// `length` characters of `alphabet`.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(alphabet))).collect()
    }
}

/// Lower-case letters and digits, as in `ws-…` ids.
pub(crate) const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Hexadecimal digits, as in `d-…` and `subnet-…` ids.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
/// Capitals and digits, as in computer names and registration codes.
pub(crate) const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_purpose() {
        let draw = |seed, purpose| Rng::from_parts(seed, purpose).text(BASE36, 12);
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }

    #[test]
    fn weights_are_kept() {
        let mut rng = Rng::from_parts(1, "weights");
        let ones = (0..10_000).filter(|_| rng.weighted(&[(1, 70), (2, 30)]) == 1).count();
        assert!((6_700..7_300).contains(&ones), "{ones}");
    }
}
