//! Few tokens times four packed tiles, with AVX-512 and VNNI: the quants go from the record into registers, where all tokens meet
//! them, and are never written back. With many tokens unpacking once for all of them costs less ([`super::avx512`]).
//!
//! The float operations and their order are those of `kernels::unpack` followed by `kernels::multiply`. To add a format: a constant, its
//! line in [`packed`], and its part of [`Tile`].

use std::arch::x86_64::{
    __m128i, __m256i, __m512, __m512i, _mm_loadu_si128, _mm256_loadu_si256, _mm512_and_si512, _mm512_cvtepi8_epi32,
    _mm512_cvtepi32_ps, _mm512_cvtepu8_epi32, _mm512_cvtph_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_mul_ps,
    _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_slli_epi16,
    _mm512_srli_epi16,
};

use super::avx512::{add_scaled, load_q};
use super::prefetch;
use crate::engine::tiles::{Activations, COLS, GROUP_ROWS, ROWS, Rule, STEPS, TileKind};

/// The most tokens.
pub const FEW: usize = 8;

/// Bytes of a register, and of four columns of sixteen rows.
const LINE: usize = 64;

const Q4K: u8 = 0;
const Q5K: u8 = 1;
const Q6K: u8 = 2;
const Q4_0: u8 = 3;
const Q8_0: u8 = 4;

/// Adds the product of four records and each token's 256 activations to its 64 results in `out`. `ahead` is what will be read soon.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
pub(super) fn packed(kind: TileKind, records: &[u8], tokens: &[Activations], ahead: &[u8], out: &mut [f32]) {
    match kind {
        TileKind::Q4K => sized::<Q4K>(kind, records, tokens, ahead, out),
        TileKind::Q5K => sized::<Q5K>(kind, records, tokens, ahead, out),
        TileKind::Q6K => sized::<Q6K>(kind, records, tokens, ahead, out),
        TileKind::Q4_0 => sized::<Q4_0>(kind, records, tokens, ahead, out),
        TileKind::Q8_0 => sized::<Q8_0>(kind, records, tokens, ahead, out),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn sized<const KIND: u8>(kind: TileKind, records: &[u8], tokens: &[Activations], ahead: &[u8], out: &mut [f32]) {
    match tokens.len() {
        1 => fixed::<KIND, 1>(kind, records, tokens, ahead, out),
        2 => fixed::<KIND, 2>(kind, records, tokens, ahead, out),
        3 => fixed::<KIND, 3>(kind, records, tokens, ahead, out),
        4 => fixed::<KIND, 4>(kind, records, tokens, ahead, out),
        5 => fixed::<KIND, 5>(kind, records, tokens, ahead, out),
        6 => fixed::<KIND, 6>(kind, records, tokens, ahead, out),
        7 => fixed::<KIND, 7>(kind, records, tokens, ahead, out),
        _ => fixed::<KIND, FEW>(kind, records, tokens, ahead, out),
    }
}

/// Two tiles at a time.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn fixed<const KIND: u8, const T: usize>(
    kind: TileKind,
    records: &[u8],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [f32],
) {
    let (Some(tokens), Some(out)) =
        (tokens.first_chunk::<T>(), out.as_chunks_mut::<GROUP_ROWS>().0.first_chunk_mut::<T>())
    else {
        return;
    };
    let pairs = records.chunks_exact(2 * kind.record_bytes());
    let soon = ahead.chunks(ahead.len().div_ceil(2).max(1)).chain(std::iter::repeat(&[][..]));
    for (pair, (records, ahead)) in pairs.zip(soon).enumerate() {
        let (a, b) = records.split_at(kind.record_bytes());
        let (low, high) =
            two::<KIND, T>(kind.rule(), &Tile::new::<KIND>(kind, a), &Tile::new::<KIND>(kind, b), tokens, ahead);
        for t in 0..T {
            add_scaled(&mut out[t], pair, [low[t], high[t]], tokens[t].scale);
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn two<const KIND: u8, const T: usize>(
    rule: Rule,
    a: &Tile<'_>,
    b: &Tile<'_>,
    tokens: &[Activations; T],
    ahead: &[u8],
) -> ([__m512; T], [__m512; T]) {
    let parts = if KIND == Q6K { 16 } else { 8 };
    let steps = STEPS / parts;
    let offset = match rule {
        Rule::Minimum => 0,
        Rule::Offset32(offset) | Rule::Offset16(offset) => offset,
    };
    let mut low = [_mm512_setzero_ps(); T];
    let mut high = [_mm512_setzero_ps(); T];
    for part in 0..parts {
        let mut first = [_mm512_set1_epi32(0); T];
        if KIND != Q4K && KIND != Q5K {
            for t in 0..T {
                let sums = &tokens[t].sums16;
                let sum = if KIND == Q6K { sums[part] } else { sums[2 * part] + sums[2 * part + 1] };
                first[t] = _mm512_set1_epi32(-offset * sum);
            }
        }
        let mut second = first;
        let share = ahead.len().div_ceil(parts);
        prefetch(&ahead[(part * share).min(ahead.len())..((part + 1) * share).min(ahead.len())]);
        for pair in part * steps / 2..(part + 1) * steps / 2 {
            let (q, p) = (a.quants::<KIND>(pair), b.quants::<KIND>(pair));
            for i in 0..2 {
                for t in 0..T {
                    let activations = _mm512_set1_epi32(tokens[t].q[2 * pair + i]);
                    first[t] = _mm512_dpbusd_epi32(first[t], q[i], activations);
                    second[t] = _mm512_dpbusd_epi32(second[t], p[i], activations);
                }
            }
        }
        let (s, r) = (a.scale::<KIND>(part), b.scale::<KIND>(part));
        for t in 0..T {
            low[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(first[t]), s, low[t]);
            high[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(second[t]), r, high[t]);
        }
        if KIND == Q4K || KIND == Q5K {
            let (s, r) = (a.less(part), b.less(part));
            for t in 0..T {
                let sum = _mm512_set1_ps(tokens[t].sums32[part]);
                low[t] = _mm512_fmadd_ps(s, sum, low[t]);
                high[t] = _mm512_fmadd_ps(r, sum, high[t]);
            }
        }
    }
    (low, high)
}

/// A record, read piece by piece.
struct Tile<'a> {
    /// Lines of scales, one for each part.
    scales: &'a [u8],
    /// Two steps in a line, or one of [`Q8_0`].
    low: &'a [[u8; LINE]],
    /// The bits above the fourth.
    high: &'a [[u8; LINE]],
    /// What scales are worth.
    d: __m512,
    /// What minimums are worth, negated.
    less: __m512,
}

impl<'a> Tile<'a> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    fn new<const KIND: u8>(kind: TileKind, record: &'a [u8]) -> Self {
        let (scales, quants) = record.split_at(kind.header_bytes());
        let nibbles = if KIND == Q8_0 { ROWS * COLS } else { ROWS * COLS / 2 };
        let (low, high) = quants.split_at(nibbles);
        let half = |at: usize| scales[at..].first_chunk().map_or(_mm512_setzero_ps(), |bytes| load_halves(bytes));
        let d = if KIND == Q4_0 || KIND == Q8_0 { _mm512_setzero_ps() } else { half(16 * ROWS) };
        let less = if KIND == Q4K || KIND == Q5K { half(18 * ROWS) } else { _mm512_setzero_ps() };
        let less = _mm512_mul_ps(less, _mm512_set1_ps(-1.0));
        Self { scales, low: low.as_chunks().0, high: high.as_chunks().0, d, less }
    }

    /// Two steps: four columns of sixteen rows each.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    fn quants<const KIND: u8>(&self, pair: usize) -> [__m512i; 2] {
        if KIND == Q8_0 {
            return [load_q(&self.low[2 * pair]), load_q(&self.low[2 * pair + 1])];
        }
        let nibble = _mm512_set1_epi8(15);
        let line = load_q(&self.low[pair]);
        let low = [_mm512_and_si512(line, nibble), _mm512_and_si512(_mm512_srli_epi16::<4>(line), nibble)];
        match KIND {
            Q5K => {
                let (bit, line) = (_mm512_set1_epi8(16), load_q(&self.high[pair / 4]));
                let [first, second] = match pair % 4 {
                    0 => [_mm512_slli_epi16::<4>(line), _mm512_slli_epi16::<3>(line)],
                    1 => [_mm512_slli_epi16::<2>(line), _mm512_slli_epi16::<1>(line)],
                    2 => [line, _mm512_srli_epi16::<1>(line)],
                    _ => [_mm512_srli_epi16::<2>(line), _mm512_srli_epi16::<3>(line)],
                };
                [
                    _mm512_or_si512(low[0], _mm512_and_si512(first, bit)),
                    _mm512_or_si512(low[1], _mm512_and_si512(second, bit)),
                ]
            }
            Q6K => {
                let (bits, line) = (_mm512_set1_epi8(0x30), load_q(&self.high[pair / 2]));
                let [first, second] = match pair % 2 {
                    0 => [_mm512_slli_epi16::<4>(line), _mm512_slli_epi16::<2>(line)],
                    _ => [line, _mm512_srli_epi16::<2>(line)],
                };
                [
                    _mm512_or_si512(low[0], _mm512_and_si512(first, bits)),
                    _mm512_or_si512(low[1], _mm512_and_si512(second, bits)),
                ]
            }
            _ => low,
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    fn scale<const KIND: u8>(&self, part: usize) -> __m512 {
        let line = &self.scales[..16 * ROWS].as_chunks::<ROWS>().0[if KIND == Q6K { part } else { part % 8 }];
        match KIND {
            Q4_0 | Q8_0 => {
                let halves = self.scales[2 * ROWS * part..].first_chunk();
                halves.map_or(_mm512_setzero_ps(), |bytes| load_halves(bytes))
            }
            Q6K => _mm512_mul_ps(self.d, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load_line(line)))),
            _ => _mm512_mul_ps(self.d, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load_line(line)))),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    fn less(&self, part: usize) -> __m512 {
        let line = &self.scales[..16 * ROWS].as_chunks::<ROWS>().0[part + 8];
        _mm512_mul_ps(self.less, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load_line(line))))
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_line(from: &[u8; ROWS]) -> __m128i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm_loadu_si128(from.as_ptr().cast::<__m128i>()) }
}

/// Sixteen half floats.
#[inline]
#[target_feature(enable = "avx512f")]
fn load_halves(from: &[u8; 2 * ROWS]) -> __m512 {
    // SAFETY: the array is as long as the register, and any address will do.
    _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(from.as_ptr().cast::<__m256i>()) })
}
