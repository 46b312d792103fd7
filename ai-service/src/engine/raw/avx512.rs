//! AVX-512 with VNNI: sixteen rows in a register, four products and their sum in an instruction.

use std::arch::x86_64::{
    __m256i, __m512, __m512i, _mm256_loadu_si256, _mm512_cvtepi32_ps, _mm512_cvtph_ps, _mm512_dpbusd_epi32,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_storeu_ps,
};

use super::prefetch;
use crate::engine::kernels::lanes;
use crate::engine::tiles::{Activations, GROUP_ROWS, GROUP_TILES, ROWS, Rule, Unpacked};

/// Tokens whose sums fit the registers beside two tiles.
const TOKENS: usize = 6;

pub(super) const MINIMUM: u8 = 0;
pub(super) const OFFSET32: u8 = 1;
pub(super) const OFFSET16: u8 = 2;

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
pub(super) fn multiply(
    rule: Rule,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [f32],
) {
    match rule {
        Rule::Minimum => all::<MINIMUM>(0, tiles, tokens, ahead, out),
        Rule::Offset32(offset) => all::<OFFSET32>(offset, tiles, tokens, ahead, out),
        Rule::Offset16(offset) => all::<OFFSET16>(offset, tiles, tokens, ahead, out),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn all<const RULE: u8>(
    offset: i32,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [f32],
) {
    let (mut tokens, mut ahead, mut out) = (tokens, ahead, out.as_chunks_mut::<GROUP_ROWS>().0);
    // Even shares: eight are four and four, not six and two.
    let mut shares = tokens.len().div_ceil(TOKENS);
    while shares > 0 {
        let share = tokens.len().div_ceil(shares);
        let (some_tokens, other_tokens) = tokens.split_at(share);
        let (some_out, other_out) = out.split_at_mut(share);
        match share {
            1 => fixed::<RULE, 1>(offset, tiles, some_tokens, ahead, some_out),
            2 => fixed::<RULE, 2>(offset, tiles, some_tokens, ahead, some_out),
            3 => fixed::<RULE, 3>(offset, tiles, some_tokens, ahead, some_out),
            4 => fixed::<RULE, 4>(offset, tiles, some_tokens, ahead, some_out),
            5 => fixed::<RULE, 5>(offset, tiles, some_tokens, ahead, some_out),
            _ => fixed::<RULE, TOKENS>(offset, tiles, some_tokens, ahead, some_out),
        }
        (tokens, out, ahead) = (other_tokens, other_out, &[]);
        shares -= 1;
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn fixed<const RULE: u8, const T: usize>(
    offset: i32,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [[f32; GROUP_ROWS]],
) {
    if let (Some(tokens), Some(out)) = (tokens.first_chunk::<T>(), out.first_chunk_mut::<T>()) {
        some::<RULE, T>(offset, tiles, tokens, ahead, out);
    }
}

/// `T` tokens with all tiles, two tiles at a time.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn some<const RULE: u8, const T: usize>(
    offset: i32,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations; T],
    ahead: &[u8],
    out: &mut [[f32; GROUP_ROWS]; T],
) {
    let (first_half, second_half) = ahead.split_at(ahead.len() / 2);
    for (pair, [a, b]) in tiles.as_chunks::<2>().0.iter().enumerate() {
        let ahead = if pair == 0 { first_half } else { second_half };
        let (low, high) = two::<RULE, T>(offset, a, b, tokens, ahead);
        for t in 0..T {
            add_scaled(&mut out[t], pair, [low[t], high[t]], tokens[t].scale);
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn two<const RULE: u8, const T: usize>(
    offset: i32,
    a: &Unpacked,
    b: &Unpacked,
    tokens: &[Activations; T],
    ahead: &[u8],
) -> ([__m512; T], [__m512; T]) {
    let parts = if RULE == OFFSET16 { 16 } else { 8 };
    let steps = a.q.len() / parts;
    let mut low = [_mm512_setzero_ps(); T];
    let mut high = [_mm512_setzero_ps(); T];
    for part in 0..parts {
        let mut first = [_mm512_set1_epi32(0); T];
        if RULE != MINIMUM {
            for t in 0..T {
                let sums = &tokens[t].sums16;
                let sum = if RULE == OFFSET16 { sums[part] } else { sums[2 * part] + sums[2 * part + 1] };
                first[t] = _mm512_set1_epi32(-offset * sum);
            }
        }
        let mut second = first;
        // A little at each part, so that memory is never asked for more at once than it remembers.
        let share = ahead.len().div_ceil(parts);
        prefetch(&ahead[(part * share).min(ahead.len())..((part + 1) * share).min(ahead.len())]);
        for step in part * steps..(part + 1) * steps {
            let (q, p) = (load_q(&a.q[step]), load_q(&b.q[step]));
            for t in 0..T {
                let activations = _mm512_set1_epi32(tokens[t].q[step]);
                first[t] = _mm512_dpbusd_epi32(first[t], q, activations);
                second[t] = _mm512_dpbusd_epi32(second[t], p, activations);
            }
        }
        let (s, r) = (load_ps(&a.scale[part]), load_ps(&b.scale[part]));
        for t in 0..T {
            low[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(first[t]), s, low[t]);
            high[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(second[t]), r, high[t]);
        }
        if RULE == MINIMUM {
            let (s, r) = (load_ps(&a.less[part]), load_ps(&b.less[part]));
            for t in 0..T {
                let sum = _mm512_set1_ps(tokens[t].sums32[part]);
                low[t] = _mm512_fmadd_ps(s, sum, low[t]);
                high[t] = _mm512_fmadd_ps(r, sum, high[t]);
            }
        }
    }
    (low, high)
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
pub(super) fn widen_f16(from: &[u16], out: &mut [f32]) {
    let (from, from_rest) = from.as_chunks::<ROWS>();
    let (out, out_rest) = out.as_chunks_mut::<ROWS>();
    for (from, out) in from.iter().zip(out) {
        store_ps(out, _mm512_cvtph_ps(load_halves(from)));
    }
    lanes::widen_f16(from_rest, out_rest);
}

/// Adds a token's sums over a pair of tiles, scaled, to its results.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn add_scaled(out: &mut [f32; GROUP_ROWS], pair: usize, sums: [__m512; 2], scale: f32) {
    let scale = _mm512_set1_ps(scale);
    let (lanes, _) = out.as_chunks_mut::<ROWS>();
    for (lane, sum) in lanes[2 * pair..][..2].iter_mut().zip(sums) {
        store_ps(lane, _mm512_fmadd_ps(sum, scale, load_ps(lane)));
    }
}

/// Four columns of sixteen rows.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_q(from: &[u8; 4 * ROWS]) -> __m512i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm512_loadu_si512(from.as_ptr().cast::<__m512i>()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_halves(from: &[u16; ROWS]) -> __m256i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast::<__m256i>()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_ps(from: &[f32; ROWS]) -> __m512 {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm512_loadu_ps(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store_ps(to: &mut [f32; ROWS], value: __m512) {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm512_storeu_ps(to.as_mut_ptr(), value) }
}
