//! AMX: the whole-number products of sixteen tokens and sixteen rows in an instruction.
//!
//! Tokens are its first operand as they lie, and unpacked tiles its second: four columns of sixteen rows together is the order it
//! wants. A product ends where scales change, at 32 columns (16 in Q6_K); its sums go through memory into the wide registers,
//! where the float operations and their order are those of `kernels::multiply`. Stable Rust has no intrinsics for AMX, but its
//! inline assembly knows the instructions. Whether they are there, and allowed, [`super::amx_found`] says.

use std::arch::asm;
use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_epi32, _mm512_cvtepi32_ps, _mm512_fmadd_ps, _mm512_loadu_si512, _mm512_set1_epi32,
    _mm512_set1_ps, _mm512_setzero_ps,
};
use std::marker::PhantomData;

use super::avx512::{self, MINIMUM, OFFSET16, OFFSET32, load_ps, store_ps};
use super::prefetch;
use crate::engine::tiles::{Activations, GROUP_ROWS, GROUP_TILES, ROWS, Rule, Unpacked};

/// Tokens of a product.
pub(super) const TOKENS: usize = 16;
/// So many tokens that are left over are worth a product of their own, with nothing in the places of those that lack. Fewer are one
/// share of [`avx512`], which by count of instructions costs about the same; this was reasoned, not measured.
const LEAST: usize = 7;

/// Steps of four columns between two scales, where a scale is of 32 columns, and where it is of 16.
const EIGHT: usize = 8;
const FOUR: usize = 4;

/// The sums of two parts, one behind the other: for each token a line of sixteen rows.
#[repr(C, align(64))]
pub(super) struct Sums(pub(super) [[[i32; ROWS]; TOKENS]; 2]);

/// What makes the sums. There is [`Tiles`], and for tests, where there is no AMX, plain Rust.
pub(super) trait Products {
    /// How the quants that it multiplies become values.
    fn rule(&self) -> Rule;

    /// The sums of parts `2 * pair` and the next. A part is `STEPS` steps, as [`Products::rule`] has it.
    fn pair<const STEPS: usize>(&self, tokens: &[Activations; TOKENS], tile: &Unpacked, pair: usize, sums: &mut Sums);
}

/// The processor's tiles, configured for one rule on this thread for as long as it lives.
///
/// They are numbered: 0 and 1 take the sums, 2 and 4 the tokens of two parts, 3 and 5 the weights of these.
pub(super) struct Tiles {
    rule: Rule,
    /// What it stands for belongs to the thread.
    _here: PhantomData<*const ()>,
}

/// What `ldtilecfg` reads, for tiles of sixteen rows.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start_row: u8,
    _reserved: [u8; 14],
    bytes_of_row: [u16; 16],
    rows: [u8; 16],
}

impl Tiles {
    /// Configures them. They are given back, and cost threads that change places nothing, when it is dropped.
    ///
    /// # Safety
    /// [`super::amx_found::found`] said `true`, and no other lives on this thread.
    #[inline]
    pub(super) unsafe fn configure(rule: Rule) -> Self {
        let steps = if matches!(rule, Rule::Offset16(_)) { FOUR } else { EIGHT };
        let mut shapes = Shapes { palette: 1, start_row: 0, _reserved: [0; 14], bytes_of_row: [0; 16], rows: [0; 16] };
        // Both counts are at most 32.
        let (bytes, rows) = ((4 * steps) as u16, steps as u8);
        shapes.bytes_of_row[..6].copy_from_slice(&[64, 64, bytes, 64, bytes, 64]);
        shapes.rows[..6].copy_from_slice(&[16, 16, 16, rows, 16, rows]);
        // SAFETY: the caller's promise; 64 bytes are read, and `Shapes` has as many.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const shapes, options(nostack, readonly, preserves_flags)) };
        Self { rule, _here: PhantomData }
    }
}

impl Drop for Tiles {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it was made where there is AMX; it touches tiles only.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}

impl Products for Tiles {
    fn rule(&self) -> Rule {
        self.rule
    }

    #[inline(always)]
    fn pair<const STEPS: usize>(&self, tokens: &[Activations; TOKENS], tile: &Unpacked, pair: usize, sums: &mut Sums) {
        let weights = &tile.q[2 * STEPS * pair..][..2 * STEPS];
        // SAFETY: inside the array.
        let first = unsafe { &raw const (*tokens.as_ptr()).q[2 * STEPS * pair] };
        // SAFETY: invariant 4. Of sixteen tokens, each `size_of::<Activations>()` behind the one before, two parts of `STEPS` steps are
        // read, of which there are as many as of `weights`; then all of `weights`, and all of `sums` is written.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tileloadd tmm2, [{tokens} + {token}]",
                "tileloadd tmm3, [{weights} + {line}]",
                "tdpbsud tmm0, tmm2, tmm3",
                "tileloadd tmm4, [{tokens} + {token} + {token_part}]",
                "tileloadd tmm5, [{weights} + {line} + {weights_part}]",
                "tdpbsud tmm1, tmm4, tmm5",
                "tilestored [{sums} + {line}], tmm0",
                "tilestored [{sums} + {line} + {sums_part}], tmm1",
                tokens = in(reg) first,
                token = in(reg) size_of::<Activations>(),
                weights = in(reg) weights.as_ptr(),
                sums = in(reg) &raw mut *sums,
                line = in(reg) 4 * ROWS,
                token_part = const 4 * STEPS,
                weights_part = const 4 * ROWS * STEPS,
                sums_part = const 4 * ROWS * TOKENS,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _, out("tmm4") _, out("tmm5") _,
                options(nostack, preserves_flags),
            );
        }
    }
}

/// As [`avx512::multiply`].
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
pub(super) fn multiply(
    products: &impl Products,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [f32],
) {
    match products.rule() {
        Rule::Minimum => all::<MINIMUM, EIGHT>(0, products, tiles, tokens, ahead, out),
        Rule::Offset32(offset) => all::<OFFSET32, EIGHT>(offset, products, tiles, tokens, ahead, out),
        Rule::Offset16(offset) => all::<OFFSET16, FOUR>(offset, products, tiles, tokens, ahead, out),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn all<const RULE: u8, const STEPS: usize>(
    offset: i32,
    products: &impl Products,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations],
    ahead: &[u8],
    out: &mut [f32],
) {
    let (blocks, rest) = tokens.as_chunks::<TOKENS>();
    let (out, _) = out.as_chunks_mut::<GROUP_ROWS>();
    let (first, last) = out.split_at_mut(TOKENS * blocks.len());
    let (mut ahead, mut room) = (ahead, [const { Sums([[[0; ROWS]; TOKENS]; 2]) }; 2]);
    for (tokens, out) in blocks.iter().zip(first.chunks_exact_mut(TOKENS)) {
        block::<RULE, STEPS>(offset, products, tiles, tokens, &mut room, ahead, out);
        ahead = &[];
    }
    if rest.len() < LEAST {
        avx512::multiply(products.rule(), tiles, rest, ahead, last.as_flattened_mut());
    } else {
        let mut tokens = [Activations::ZERO; TOKENS];
        tokens[..rest.len()].copy_from_slice(rest);
        block::<RULE, STEPS>(offset, products, tiles, &tokens, &mut room, ahead, last);
    }
}

/// Sixteen tokens with all tiles; `out` is of the first of them, or of all.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn block<const RULE: u8, const STEPS: usize>(
    offset: i32,
    products: &impl Products,
    tiles: &[Unpacked; GROUP_TILES],
    tokens: &[Activations; TOKENS],
    room: &mut [Sums; 2],
    ahead: &[u8],
    out: &mut [[f32; GROUP_ROWS]],
) {
    // What the sums of each part begin with.
    let mut starts = [[0; 16]; TOKENS];
    for (starts, token) in starts.iter_mut().zip(tokens) {
        if RULE == OFFSET16 {
            *starts = token.sums16.map(|sum| -offset * sum);
        } else if RULE == OFFSET32 {
            for (start, pair) in starts.iter_mut().zip(token.sums16.as_chunks::<2>().0) {
                *start = -offset * (pair[0] + pair[1]);
            }
        }
    }
    let mut soon = ahead.chunks(ahead.len().div_ceil(GROUP_TILES).max(1));
    for (i, tile) in tiles.iter().enumerate() {
        let totals = one::<RULE, STEPS>(products, tile, tokens, &starts, room, soon.next().unwrap_or_default());
        for ((out, total), token) in out.iter_mut().zip(totals).zip(tokens) {
            let lane = &mut out.as_chunks_mut::<ROWS>().0[i];
            store_ps(lane, _mm512_fmadd_ps(total, _mm512_set1_ps(token.scale), load_ps(lane)));
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
fn one<const RULE: u8, const STEPS: usize>(
    products: &impl Products,
    tile: &Unpacked,
    tokens: &[Activations; TOKENS],
    starts: &[[i32; 16]; TOKENS],
    room: &mut [Sums; 2],
    ahead: &[u8],
) -> [__m512; TOKENS] {
    let pairs = tile.q.len() / (2 * STEPS);
    let mut soon = ahead.chunks(ahead.len().div_ceil(pairs).max(1));
    let mut totals = [_mm512_setzero_ps(); TOKENS];
    // The next sums are under way while these are scaled.
    products.pair::<STEPS>(tokens, tile, 0, &mut room[0]);
    for pair in 0..pairs {
        if pair + 1 < pairs {
            products.pair::<STEPS>(tokens, tile, pair + 1, &mut room[(pair + 1) % 2]);
        }
        prefetch(soon.next().unwrap_or_default());
        for (half, sums) in room[pair % 2].0.iter().enumerate() {
            let part = 2 * pair + half;
            let scale = load_ps(&tile.scale[part]);
            for t in 0..TOKENS {
                let mut sum = load_sums(&sums[t]);
                if RULE != MINIMUM {
                    sum = _mm512_add_epi32(sum, _mm512_set1_epi32(starts[t][part]));
                }
                totals[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, totals[t]);
            }
            if RULE == MINIMUM {
                let less = load_ps(&tile.less[part]);
                for t in 0..TOKENS {
                    totals[t] = _mm512_fmadd_ps(less, _mm512_set1_ps(tokens[t].sums32[part]), totals[t]);
                }
            }
        }
    }
    totals
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_sums(from: &[i32; ROWS]) -> __m512i {
    // SAFETY: the array is as long as the register, and any address will do.
    unsafe { _mm512_loadu_si512(from.as_ptr().cast::<__m512i>()) }
}
