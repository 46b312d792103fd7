//! Packed weights times tokens: which kernel does it, by the instructions there are and by how many tokens meet a weight.

use super::{Isa, Level, prefetch, unpack};
#[cfg(target_arch = "x86_64")]
use super::{amx, avx2, avx512, packed};
use crate::engine::kernels::multiply as products;
use crate::engine::tiles::{Activations, GROUP_TILES, Rule, TileKind, Unpacked};

/// Adds the products of 64 rows of weights and every token to the tokens' results in `out`. For each 256 columns there are four of
/// `records`, and `count` of `tokens`; what is behind these records will be needed soon. `room` is for the unpacked tiles.
pub fn multiply_packed(
    isa: Isa,
    kind: TileKind,
    records: &[u8],
    room: &mut [Unpacked; GROUP_TILES],
    tokens: &[Activations],
    count: usize,
    out: &mut [f32],
) {
    let four = kind.record_bytes() * GROUP_TILES;
    let work = Work::begin(isa, kind.rule(), count);
    let mut rest = records;
    for tokens in tokens.chunks_exact(count) {
        let (records, after) = rest.split_at(four);
        // Memory works all the time: the next four are on their way, it is asked for those behind them.
        let soon = &after[four.min(after.len())..(2 * four).min(after.len())];
        work.multiply_packed(kind, records, room, tokens, soon, out);
        rest = after;
    }
}

/// Products of one rule on one thread.
pub(super) struct Work {
    isa: Isa,
    rule: Rule,
    #[cfg(target_arch = "x86_64")]
    amx: Option<amx::Tiles>,
}

impl Work {
    /// With so many tokens at a time.
    pub(super) fn begin(isa: Isa, rule: Rule, tokens: usize) -> Self {
        Self {
            isa,
            rule,
            // SAFETY: invariants 1 and 4.
            #[cfg(target_arch = "x86_64")]
            amx: (isa.0 == Level::Amx && tokens > packed::FEW).then(|| unsafe { amx::Tiles::configure(rule) }),
        }
    }

    /// [`unpack`] of four records and [`Self::multiply`] in one, straight from the records where that is faster.
    fn multiply_packed(
        &self,
        kind: TileKind,
        records: &[u8],
        room: &mut [Unpacked; GROUP_TILES],
        tokens: &[Activations],
        ahead: &[u8],
        out: &mut [f32],
    ) {
        #[cfg(target_arch = "x86_64")]
        if matches!(self.isa.0, Level::Avx512 | Level::Amx) && tokens.len() <= packed::FEW {
            // SAFETY: invariant 1.
            unsafe { packed::packed(kind, records, tokens, ahead, out) };
            return;
        }
        // Half of it while tiles are unpacked, and half while they are multiplied.
        let (first, second) = ahead.split_at(ahead.len() / 2);
        let soon = first.chunks(first.len().div_ceil(GROUP_TILES).max(1)).chain(std::iter::repeat(&[][..]));
        for ((record, tile), ahead) in records.chunks_exact(kind.record_bytes()).zip(room.iter_mut()).zip(soon) {
            prefetch(ahead);
            unpack(self.isa, kind, record, tile);
        }
        self.multiply(room, tokens, second, out);
    }

    /// See [`products::multiply`]. `ahead` is what will be read next: memory is asked for it meanwhile.
    pub(super) fn multiply(
        &self,
        tiles: &[Unpacked; GROUP_TILES],
        tokens: &[Activations],
        ahead: &[u8],
        out: &mut [f32],
    ) {
        #[cfg(target_arch = "x86_64")]
        if let Some(amx) = &self.amx {
            // SAFETY: invariant 1.
            unsafe { amx::multiply(amx, tiles, tokens, ahead, out) };
            return;
        }
        match self.isa.0 {
            // SAFETY: invariant 1.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 | Level::Amx => unsafe { avx512::multiply(self.rule, tiles, tokens, ahead, out) },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => {
                prefetch(ahead);
                // SAFETY: invariant 1.
                unsafe { avx2::multiply(self.rule, tiles, tokens, out) }
            }
            Level::Scalar => products::multiply(self.rule, tiles, tokens, out),
        }
    }
}
