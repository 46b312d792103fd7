//! Weights as the kernels read them: tiles of 16 rows by 256 columns, packed once when a model is loaded.
//!
//! A packed tile is one record that keeps the quants and scales of the file's format (about 3 % larger at most); rows lie
//! in the 16 lanes of a register, so no kernel ever adds across lanes. [`Unpacked`] is the same tile with a byte for each
//! quant and float scales: it lives in the first-level cache while a block of tokens is multiplied with it. The formulas
//! are in `kernels`. To add a format: a [`TileKind`] here, its record in `pack` and its unpacking in `kernels::unpack`.

use half::f16;

use super::quants::{self, Block, SUPER, Small};
use crate::files::TensorType;

/// Rows of a tile: the 32-bit lanes of the widest register.
pub const ROWS: usize = 16;
/// Columns of a tile.
pub const COLS: usize = SUPER;
/// Tiles that one job takes together.
pub const GROUP_TILES: usize = 4;
/// Rows of a group of tiles.
pub const GROUP_ROWS: usize = ROWS * GROUP_TILES;
/// Steps of four columns in a tile.
pub const STEPS: usize = COLS / 4;

/// What a tile was packed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Scale and minimum of 32 columns, 4 bits.
    Q4K,
    /// Scale and minimum of 32 columns, 5 bits.
    Q5K,
    /// Scale of 16 columns, 6 bits less 32.
    Q6K,
    /// Scale of 32 columns, 4 bits less 8.
    Q4_0,
    /// Scale of 32 columns, 8 bits less 128.
    Q8_0,
}

/// How a tile's quants become values, for the multiplication: one kernel each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// `scale * q - min`, both of 32 columns.
    Minimum,
    /// `scale * (q - offset)`, scale of 32 columns.
    Offset32(i32),
    /// `scale * (q - offset)`, scale of 16 columns.
    Offset16(i32),
}

impl TileKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Q4K, Self::Q5K, Self::Q6K, Self::Q4_0, Self::Q8_0];

    /// The kind a tensor type is packed as; `None`: it is not, its rows are used as they are.
    #[must_use]
    pub const fn of(kind: TensorType) -> Option<Self> {
        match kind {
            TensorType::Q4K => Some(Self::Q4K),
            TensorType::Q5K => Some(Self::Q5K),
            TensorType::Q6K => Some(Self::Q6K),
            TensorType::Q4_0 => Some(Self::Q4_0),
            TensorType::Q8_0 => Some(Self::Q8_0),
            _ => None,
        }
    }

    /// The type it is packed from.
    #[must_use]
    pub const fn tensor_type(self) -> TensorType {
        match self {
            Self::Q4K => TensorType::Q4K,
            Self::Q5K => TensorType::Q5K,
            Self::Q6K => TensorType::Q6K,
            Self::Q4_0 => TensorType::Q4_0,
            Self::Q8_0 => TensorType::Q8_0,
        }
    }

    /// Bytes of a record before its quants: scales.
    #[must_use]
    pub const fn header_bytes(self) -> usize {
        match self {
            Self::Q4K | Self::Q5K => 8 * ROWS * 2 + ROWS * 4,
            Self::Q6K => 16 * ROWS + ROWS * 2,
            Self::Q4_0 | Self::Q8_0 => 8 * ROWS * 2,
        }
    }

    /// Bytes of a record.
    #[must_use]
    pub const fn record_bytes(self) -> usize {
        const NIBBLES: usize = ROWS * COLS / 2;
        self.header_bytes()
            + match self {
                Self::Q4K | Self::Q4_0 => NIBBLES,
                Self::Q5K => NIBBLES + ROWS * COLS / 8,
                Self::Q6K => NIBBLES + ROWS * COLS / 4,
                Self::Q8_0 => ROWS * COLS,
            }
    }

    /// How its quants become values.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::Q4K | Self::Q5K => Rule::Minimum,
            Self::Q6K => Rule::Offset16(32),
            Self::Q4_0 => Rule::Offset32(8),
            Self::Q8_0 => Rule::Offset32(128),
        }
    }

    /// Bytes of a packed matrix.
    #[must_use]
    pub const fn matrix_bytes(self, rows: usize, cols: usize) -> usize {
        rows.div_ceil(GROUP_ROWS) * GROUP_TILES * cols.div_ceil(COLS) * self.record_bytes()
    }
}

/// A tile ready to be multiplied. `q[step][4 * row + i]` is the quant of column `4 * step + i`.
#[repr(C, align(64))]
#[derive(Debug, Clone, PartialEq)]
pub struct Unpacked {
    /// Unsigned quants.
    pub q: [[u8; 4 * ROWS]; STEPS],
    /// Scales of each 16 or 32 columns.
    pub scale: [[f32; ROWS]; 16],
    /// Minimums of each 32 columns, negated.
    pub less: [[f32; ROWS]; 8],
}

impl Unpacked {
    /// All zero.
    #[must_use]
    pub fn zeroed() -> Self {
        Self { q: [[0; 4 * ROWS]; STEPS], scale: [[0.0; ROWS]; 16], less: [[0.0; ROWS]; 8] }
    }
}

/// 256 activations of one token as whole numbers: value `i` is about `scale * q[i]`.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activations {
    /// Four signed bytes each, lowest first.
    pub q: [i32; STEPS],
    /// Sums of 32 quants.
    pub sums32: [f32; 8],
    /// Sums of 16 quants.
    pub sums16: [i32; 16],
    /// What a quant is worth.
    pub scale: f32,
}

impl Activations {
    /// All zero.
    pub const ZERO: Self = Self { q: [0; STEPS], sums32: [0.0; 8], sums16: [0; 16], scale: 0.0 };
}

#[cfg(test)]
thread_local! {
    /// Tiles that this thread packed so far: for the test that requests pack none.
    pub static PACKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Packs 16 rows of the columns of one tile. `rows` holds for each row the bytes from this tile's first column to the end
/// of the row, and is shorter than 16 where the matrix ends; what is missing becomes zero.
pub fn pack_tile(kind: TileKind, rows: &[&[u8]], record: &mut [u8]) {
    #[cfg(test)]
    PACKED.set(PACKED.get() + 1);
    let mut q = [[0_u8; COLS]; ROWS];
    let header = kind.header_bytes();
    record[..header].fill(0);
    match kind {
        TileKind::Q4K | TileKind::Q5K | TileKind::Q6K => pack_super(kind, rows, record, &mut q),
        TileKind::Q4_0 | TileKind::Q8_0 => pack_small(kind, rows, record, &mut q),
    }
    let steps = in_steps(&q);
    let quants = &mut record[header..];
    if kind == TileKind::Q8_0 {
        for (out, step) in quants.chunks_exact_mut(4 * ROWS).zip(&steps) {
            out.copy_from_slice(step);
        }
        return;
    }
    let (nibbles, high) = quants.split_at_mut(ROWS * COLS / 2);
    for (out, pair) in nibbles.chunks_exact_mut(4 * ROWS).zip(steps.as_chunks::<2>().0) {
        for ((out, low), high) in out.iter_mut().zip(&pair[0]).zip(&pair[1]) {
            *out = (low & 15) | high << 4;
        }
    }
    // Bits above the fourth: one of eight steps, or two of four, in a byte.
    let bits = if kind == TileKind::Q5K { 1 } else { 2 };
    for (out, some) in high.chunks_exact_mut(4 * ROWS).zip(steps.chunks_exact(8 / bits)) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = some.iter().enumerate().fold(0, |byte, (j, step)| byte | (step[i] >> 4) << (bits * j));
        }
    }
}

/// From rows to the order of the kernels: four columns of 16 rows together.
fn in_steps(q: &[[u8; COLS]; ROWS]) -> [[u8; 4 * ROWS]; STEPS] {
    let mut steps = [[0_u8; 4 * ROWS]; STEPS];
    for (row, values) in q.iter().enumerate() {
        for (step, four) in steps.iter_mut().zip(values.as_chunks::<4>().0) {
            step[4 * row..4 * row + 4].copy_from_slice(four);
        }
    }
    steps
}

fn pack_super(kind: TileKind, rows: &[&[u8]], record: &mut [u8], q: &mut [[u8; COLS]; ROWS]) {
    let (read, length): (fn(&[u8], &mut Block), _) = match kind {
        TileKind::Q4K => (quants::q4k, 144),
        TileKind::Q5K => (quants::q5k, 176),
        _ => (quants::q6k, 210),
    };
    let mut block = Block::default();
    for (row, bytes) in rows.iter().enumerate() {
        read(&bytes[..length], &mut block);
        q[row] = block.q;
        let scales = if kind == TileKind::Q6K { 16 } else { 8 };
        for (j, scale) in block.scales[..scales].iter().enumerate() {
            record[j * ROWS + row] = *scale;
        }
        let mut at = scales * ROWS;
        if kind != TileKind::Q6K {
            for (j, min) in block.mins.iter().enumerate() {
                record[at + j * ROWS + row] = *min;
            }
            at += 8 * ROWS;
            record[at + 2 * ROWS + 2 * row..at + 2 * ROWS + 2 * row + 2].copy_from_slice(&block.dmin.to_le_bytes());
        }
        record[at + 2 * row..at + 2 * row + 2].copy_from_slice(&block.d.to_le_bytes());
    }
}

fn pack_small(kind: TileKind, rows: &[&[u8]], record: &mut [u8], q: &mut [[u8; COLS]; ROWS]) {
    let (read, length): (fn(&[u8], &mut Small), _) = match kind {
        TileKind::Q4_0 => (quants::q4_0, 18),
        _ => (quants::q8_0, 34),
    };
    let mut block = Small::default();
    for (row, bytes) in rows.iter().enumerate() {
        for (j, bytes) in bytes.chunks_exact(length).take(COLS / 32).enumerate() {
            read(bytes, &mut block);
            q[row][32 * j..32 * j + 32].copy_from_slice(&block.q);
            let at = 2 * (j * ROWS + row);
            record[at..at + 2].copy_from_slice(&block.d.to_le_bytes());
        }
    }
}

/// The value of one quant of a record, slowly: for tests.
#[must_use]
pub fn value(tile: &Unpacked, kind: TileKind, row: usize, col: usize) -> f32 {
    let q = i32::from(tile.q[col / 4][4 * row + col % 4]);
    match kind.rule() {
        Rule::Minimum => tile.scale[col / 32][row] * q as f32 + tile.less[col / 32][row],
        Rule::Offset32(offset) => tile.scale[col / 32][row] * (q - offset) as f32,
        Rule::Offset16(offset) => tile.scale[col / 16][row] * (q - offset) as f32,
    }
}

/// Half floats at `at` of a record, one for each row.
#[inline(always)]
pub fn halves(record: &[u8], at: usize) -> [f32; ROWS] {
    let mut out = [0.0; ROWS];
    // One check for all of them, so that compilers make one load of it.
    for (out, bytes) in out.iter_mut().zip(record[at..at + 2 * ROWS].as_chunks::<2>().0) {
        *out = widen(u16::from_le_bytes(*bytes));
    }
    out
}

/// A half float as a float, without a branch, so that compilers make it one instruction for many. Exact.
#[inline(always)]
pub fn widen(bits: u16) -> f32 {
    /// 2 to the 112th: what the exponents of the two formats differ by.
    const SHIFTED: f32 = f32::from_bits(0x7780_0000);
    let magnitude = u32::from(bits & 0x7fff) << 13;
    let infinite = if bits & 0x7c00 == 0x7c00 { 0x7f80_0000 } else { 0 };
    let value = (f32::from_bits(magnitude) * SHIFTED).to_bits();
    f32::from_bits(value | infinite | u32::from(bits & 0x8000) << 16)
}

/// Narrows to a half float, to nearest, ties to even.
#[must_use]
pub fn narrow(value: f32) -> u16 {
    f16::from_f32(value).to_bits()
}
