//! Norms, activations, quantising, dot products: the small kernels.

use crate::engine::tiles::{Activations, COLS};

/// Lanes of the widest register.
pub const LANES: usize = 16;

/// Adding it to a small number leaves that number, rounded to a whole one, in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// `acc += a * b`, lane by lane, rounded once.
#[inline(always)]
pub fn fma(acc: &mut [f32; LANES], a: &[f32; LANES], b: f32) {
    for (acc, a) in acc.iter_mut().zip(a) {
        *acc = a.mul_add(b, *acc);
    }
}

/// Adds the lanes in halves.
#[inline(always)]
#[must_use]
pub fn sum(lanes: [f32; LANES]) -> f32 {
    let mut lanes = lanes;
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The dot product of two rows of the same length.
#[inline(always)]
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a16, a_rest) = a.as_chunks::<LANES>();
    let (b16, b_rest) = b.as_chunks::<LANES>();
    let mut acc = [[0.0_f32; LANES]; 4];
    let (a64, a_last) = a16.as_chunks::<4>();
    let (b64, b_last) = b16.as_chunks::<4>();
    for (a, b) in a64.iter().zip(b64) {
        for ((acc, a), b) in acc.iter_mut().zip(a).zip(b) {
            for ((acc, a), b) in acc.iter_mut().zip(a).zip(b) {
                *acc = a.mul_add(*b, *acc);
            }
        }
    }
    for (a, b) in a_last.iter().zip(b_last) {
        for ((acc, a), b) in acc[0].iter_mut().zip(a).zip(b) {
            *acc = a.mul_add(*b, *acc);
        }
    }
    let [mut total, second, third, fourth] = acc;
    for (((total, second), third), fourth) in total.iter_mut().zip(second).zip(third).zip(fourth) {
        *total = (*total + second) + (third + fourth);
    }
    let tail = a_rest.iter().zip(b_rest).fold(0.0_f32, |tail, (a, b)| a.mul_add(*b, tail));
    sum(total) + tail
}

/// Divides a row by the root of its mean square (plus `eps`) and multiplies it by the weights.
#[inline(always)]
pub fn norm(x: &[f32], weight: &[f32], eps: f32, out: &mut [f32]) {
    let scale = 1.0 / (dot(x, x) / x.len() as f32 + eps).sqrt();
    for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
        *out = x * scale * weight;
    }
}

/// `x += y`.
#[inline(always)]
pub fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

/// e to the `x`, within two units of the last place; below -87 the smallest it knows.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let p = r.mul_add(1.0 / 5040.0, 1.0 / 720.0);
    let p = p.mul_add(r, 1.0 / 120.0);
    let p = p.mul_add(r, 1.0 / 24.0);
    let p = p.mul_add(r, 1.0 / 6.0);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r, 1.0);
    let p = p.mul_add(r, 1.0);
    p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
}

/// `gate = gate * sigmoid(gate) * up`.
#[inline(always)]
pub fn gated(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + exp(-*gate)) * up;
    }
}

/// Quantises up to 256 values to whole numbers of -127 to 127; what is missing counts as zero. Where one of them is no
/// number, or infinite, the scale is no number, and so is whatever they are multiplied with.
#[inline(always)]
pub fn quantise(values: &[f32], out: &mut Activations) {
    let mut x = [0.0_f32; COLS];
    x[..values.len()].copy_from_slice(values);
    // The bits of floats without a sign are in the order of the floats, and above them all is what is no number.
    let mut largest = [0_u32; LANES];
    for some in x.as_chunks::<LANES>().0 {
        for (largest, x) in largest.iter_mut().zip(some) {
            *largest = (*largest).max(x.abs().to_bits());
        }
    }
    let largest = f32::from_bits(largest.into_iter().fold(0, u32::max));
    if !largest.is_finite() {
        *out = Activations { scale: f32::NAN, ..Activations::ZERO };
        return;
    }
    out.scale = largest / 127.0;
    // Of zero, and of numbers so small that their inverse is infinite, nothing is left.
    let inverse = 127.0 / largest;
    let inverse = if inverse.is_finite() { inverse } else { 0.0 };
    let mut q = [0_i32; COLS];
    for (q, x) in q.iter_mut().zip(&x) {
        *q = (x * inverse + ROUND).to_bits().wrapping_sub(ROUND.to_bits()).cast_signed();
    }
    for (packed, four) in out.q.iter_mut().zip(q.as_chunks::<4>().0) {
        *packed = (four[0] & 255) | (four[1] & 255) << 8 | (four[2] & 255) << 16 | four[3] << 24;
    }
    for (sum, some) in out.sums16.iter_mut().zip(q.as_chunks::<16>().0) {
        *sum = some.iter().sum();
    }
    for (sum, pair) in out.sums32.iter_mut().zip(out.sums16.as_chunks::<2>().0) {
        *sum = (pair[0] + pair[1]) as f32;
    }
}

/// Rotates the pairs `(i, i + half)` of a head's first `2 * half` values, `half` being the length of `cos` and `sin`.
#[inline(always)]
pub fn rotate(head: &mut [f32], cos: &[f32], sin: &[f32]) {
    let half = cos.len();
    let (first, rest) = head.split_at_mut(half);
    for (((a, b), cos), sin) in first.iter_mut().zip(&mut rest[..half]).zip(cos).zip(sin) {
        (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
    }
}

/// Half floats as floats.
#[inline(always)]
pub fn widen_f16(from: &[u16], out: &mut [f32]) {
    for (out, bits) in out.iter_mut().zip(from) {
        *out = crate::engine::tiles::widen(*bits);
    }
}

/// Half floats that lie in a file as floats.
#[inline(always)]
pub fn widen_f16_bytes(from: &[u8], out: &mut [f32]) {
    for (out, bits) in out.iter_mut().zip(from.as_chunks::<2>().0) {
        *out = crate::engine::tiles::widen(u16::from_le_bytes(*bits));
    }
}

/// Upper halves of floats that lie in a file as floats.
#[inline(always)]
pub fn widen_bf16_bytes(from: &[u8], out: &mut [f32]) {
    for (out, bits) in out.iter_mut().zip(from.as_chunks::<2>().0) {
        *out = f32::from_bits(u32::from(u16::from_le_bytes(*bits)) << 16);
    }
}

/// Signed bytes as floats, each line of `scales.len()` times its position's scale.
#[inline(always)]
pub fn widen_i8(from: &[i8], scales: &[f32], out: &mut [f32]) {
    for (line, out) in from.chunks_exact(scales.len()).zip(out.chunks_exact_mut(scales.len())) {
        for ((q, scale), out) in line.iter().zip(scales).zip(out) {
            *out = f32::from(*q) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_close_everywhere() {
        let mut x = -87.0_f32;
        while x < 88.0 {
            let (ours, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!(((ours - exact) / exact).abs() < 3e-7, "{x}: {ours} for {exact}");
            x += 0.0137;
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn quantised_values_are_within_half_a_step_and_their_sums_are_theirs() {
        let values: Vec<f32> = (0_u8..200).map(|i| (f32::from(i) * 0.7).sin() * 3.0).collect();
        let mut out = Activations::ZERO;
        quantise(&values, &mut out);
        let q: Vec<i8> = out.q.iter().flat_map(|four| four.to_le_bytes().map(u8::cast_signed)).collect();
        for (value, q) in values.iter().zip(&q) {
            assert!((value - f32::from(*q) * out.scale).abs() <= out.scale * 0.501, "{value} as {q}");
        }
        assert!(q[200..].iter().all(|q| *q == 0));
        assert!(q.contains(&127) || q.contains(&-127));
        for (j, some) in q.chunks_exact(16).enumerate() {
            assert_eq!(out.sums16[j], some.iter().map(|q| i32::from(*q)).sum::<i32>());
        }
        for j in 0..8 {
            assert_eq!(out.sums32[j], (out.sums16[2 * j] + out.sums16[2 * j + 1]) as f32);
        }
        quantise(&[], &mut out);
        assert_eq!(out, Activations::ZERO);
    }

    #[test]
    fn what_is_no_number_stays_none_and_what_is_tiny_becomes_nothing() {
        let nothing = |out: &Activations| (out.q, out.sums16, out.sums32) == ([0; COLS / 4], [0; 16], [0.0; 8]);
        for wrong in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut out = Activations::ZERO;
            quantise(&[1.0, wrong, 2.0], &mut out);
            assert!(out.scale.is_nan() && nothing(&out), "{wrong}: {out:?}");
        }
        let mut out = Activations::ZERO;
        quantise(&[f32::MIN_POSITIVE / 4.0, -f32::MIN_POSITIVE / 4.0], &mut out);
        assert!(out.scale.is_finite() && nothing(&out), "{out:?}");
    }

    #[test]
    fn every_half_float_widens_as_its_crate_says() {
        for bits in 0..=u16::MAX {
            let (ours, theirs) = (crate::engine::tiles::widen(bits), half::f16::from_bits(bits).to_f32());
            assert!(ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan()), "{bits:#x}");
        }
    }
}
