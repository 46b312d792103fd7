//! AVX2: a tile's sixteen rows in two registers.
//!
//! The product of unsigned and signed bytes saturates at 16 bits here: with quants of up to six bits it can't reach that,
//! and eight bits are multiplied as seven and one.

use std::arch::x86_64::{
    __m128i, __m256, __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_and_si256, _mm256_cvtepi32_ps, _mm256_cvtph_ps,
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_set1_epi8,
    _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_srli_epi16, _mm256_storeu_ps,
};

use crate::engine::kernels::lanes;
use crate::engine::tiles::{Activations, GROUP_ROWS, GROUP_TILES, ROWS, Rule, Unpacked};

/// Rows in a register.
const HALF: usize = ROWS / 2;

const MINIMUM: u8 = 0;
const OFFSET32: u8 = 1;
const OFFSET16: u8 = 2;
const BYTES: u8 = 3;

#[target_feature(enable = "avx2,fma,f16c")]
pub(super) fn multiply(rule: Rule, tiles: &[Unpacked; GROUP_TILES], tokens: &[Activations], out: &mut [f32]) {
    match rule {
        Rule::Minimum => all::<MINIMUM>(0, tiles, tokens, out),
        Rule::Offset32(offset @ ..128) => all::<OFFSET32>(offset, tiles, tokens, out),
        Rule::Offset32(offset) => all::<BYTES>(offset, tiles, tokens, out),
        Rule::Offset16(offset) => all::<OFFSET16>(offset, tiles, tokens, out),
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn all<const RULE: u8>(offset: i32, tiles: &[Unpacked; GROUP_TILES], tokens: &[Activations], out: &mut [f32]) {
    let (pairs, rest) = tokens.as_chunks::<2>();
    let (results, _) = out.as_chunks_mut::<GROUP_ROWS>();
    let (first, last) = results.split_at_mut(2 * pairs.len());
    for (tokens, out) in pairs.iter().zip(first.as_chunks_mut::<2>().0) {
        some::<RULE, 2>(offset, tiles, tokens, out);
    }
    if let ([token], [out]) = (rest, last) {
        some::<RULE, 1>(offset, tiles, std::array::from_ref(token), std::array::from_mut(out));
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn some<const RULE: u8, const T: usize>(
    offset: i32,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations; T],
    out: &mut [[f32; GROUP_ROWS]; T],
) {
    for (i, tile) in tiles.iter().enumerate() {
        let sums = one::<RULE, T>(offset, tile, tokens);
        for t in 0..T {
            let (halves, _) = out[t].as_chunks_mut::<HALF>();
            let scale = _mm256_set1_ps(tokens[t].scale);
            for (half, sum) in sums[t].into_iter().enumerate() {
                let lane = &mut halves[2 * i + half];
                let sum = _mm256_fmadd_ps(sum, scale, load_ps(lane));
                store_ps(lane, sum);
            }
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn one<const RULE: u8, const T: usize>(offset: i32, tile: &Unpacked, tokens: &[Activations; T]) -> [[__m256; 2]; T] {
    let parts = if RULE == OFFSET16 { 16 } else { 8 };
    let steps = tile.q.len() / parts;
    let mut totals = [[_mm256_setzero_ps(); 2]; T];
    for part in 0..parts {
        let mut sums = [[_mm256_set1_epi32(0); 2]; T];
        if RULE != MINIMUM {
            for t in 0..T {
                let of = &tokens[t].sums16;
                let sum = if RULE == OFFSET16 { of[part] } else { of[2 * part] + of[2 * part + 1] };
                sums[t] = [_mm256_set1_epi32(-offset * sum); 2];
            }
        }
        for step in part * steps..(part + 1) * steps {
            let (q, _) = tile.q[step].as_chunks::<{ 4 * HALF }>();
            for t in 0..T {
                let activations = _mm256_set1_epi32(tokens[t].q[step]);
                for half in 0..2 {
                    let products = if RULE == BYTES {
                        products_of_bytes(load_q(&q[half]), activations)
                    } else {
                        products(load_q(&q[half]), activations)
                    };
                    sums[t][half] = _mm256_add_epi32(sums[t][half], products);
                }
            }
        }
        let (scales, _) = tile.scale[part].as_chunks::<HALF>();
        for t in 0..T {
            for half in 0..2 {
                let sum = _mm256_cvtepi32_ps(sums[t][half]);
                totals[t][half] = _mm256_fmadd_ps(sum, load_ps(&scales[half]), totals[t][half]);
            }
        }
        if RULE == MINIMUM {
            let (less, _) = tile.less[part].as_chunks::<HALF>();
            for t in 0..T {
                let sum = _mm256_set1_ps(tokens[t].sums32[part]);
                for half in 0..2 {
                    totals[t][half] = _mm256_fmadd_ps(load_ps(&less[half]), sum, totals[t][half]);
                }
            }
        }
    }
    totals
}

/// Sums of four products; exact while quants have at most seven bits.
#[inline]
#[target_feature(enable = "avx2")]
fn products(q: __m256i, activations: __m256i) -> __m256i {
    _mm256_madd_epi16(_mm256_maddubs_epi16(q, activations), _mm256_set1_epi16(1))
}

/// Sums of four products of eight bits: twice that of the upper seven, plus that of the last.
#[inline]
#[target_feature(enable = "avx2")]
fn products_of_bytes(q: __m256i, activations: __m256i) -> __m256i {
    let seven = _mm256_and_si256(_mm256_srli_epi16::<1>(q), _mm256_set1_epi8(0x7f));
    let one = _mm256_and_si256(q, _mm256_set1_epi8(1));
    let upper = products(seven, activations);
    _mm256_add_epi32(_mm256_add_epi32(upper, upper), products(one, activations))
}

#[target_feature(enable = "avx2,fma,f16c")]
pub(super) fn widen_f16(from: &[u16], out: &mut [f32]) {
    let (from, from_rest) = from.as_chunks::<HALF>();
    let (out, out_rest) = out.as_chunks_mut::<HALF>();
    for (from, out) in from.iter().zip(out) {
        store_ps(out, _mm256_cvtph_ps(load_halves(from)));
    }
    lanes::widen_f16(from_rest, out_rest);
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_q(from: &[u8; 4 * HALF]) -> __m256i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast::<__m256i>()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_halves(from: &[u16; HALF]) -> __m128i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm_loadu_si128(from.as_ptr().cast::<__m128i>()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_ps(from: &[f32; HALF]) -> __m256 {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm256_loadu_ps(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_ps(to: &mut [f32; HALF], value: __m256) {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), value) }
}
