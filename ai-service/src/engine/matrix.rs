//! A matrix of weights, and its product with a block of tokens.
//!
//! Matrices of a format the kernels know are packed into tiles once, when they are loaded; the others (floats of any
//! width, rarer quantisations) are used row by row where they lie in the mapped file. Which of the two it is, only this
//! file knows. Rows are handed out in groups of 64: a group is one piece of work, and its results lie together
//! ([`Panels`]), so that threads never write to the same line.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap2::MmapMut;

use super::kernels::Isa;
use super::quants::dequantise_row;
use super::raw;
use super::threads::Pool;
use super::tiles::{Activations, COLS, GROUP_ROWS, GROUP_TILES, ROWS, TileKind, Unpacked, pack_tile};
use crate::files::{FileError, TensorType, TensorView, WeightSource};

/// What every stage of a step needs.
pub struct Hands {
    /// Which instructions.
    pub isa: Isa,
    /// Who works.
    pub pool: Pool,
    /// The same for stages too small to share.
    pub alone: Pool,
    /// The mapped file.
    pub source: WeightSource,
    scratch: Vec<Mutex<Scratch>>,
}

/// What a worker needs for itself.
pub struct Scratch {
    tiles: Box<[Unpacked; GROUP_TILES]>,
    row: Vec<f32>,
    /// For whoever needs a second result beside the first.
    pub second: Vec<f32>,
    /// Free for a stage's own use.
    pub own: [Vec<f32>; 4],
}

impl Hands {
    /// With so many threads.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(isa: Isa, threads: usize, source: WeightSource) -> std::io::Result<Self> {
        let scratch = || {
            let tiles = Box::new(std::array::from_fn(|_| Unpacked::zeroed()));
            Mutex::new(Scratch { tiles, row: Vec::new(), second: Vec::new(), own: Default::default() })
        };
        let (pool, alone) = (Pool::new(threads)?, Pool::new(1)?);
        let scratch = (0..pool.threads()).map(|_| scratch()).collect();
        Ok(Self { isa, pool, alone, source, scratch })
    }

    /// A worker's own space; what it holds is left over from any earlier use.
    pub fn scratch(&self, worker: usize) -> MutexGuard<'_, Scratch> {
        self.scratch[worker].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who should do a stage that touches so many values: sharing costs more than a few of them.
    #[must_use]
    pub fn pool_for(&self, values: usize) -> &Pool {
        const WORTH: usize = 50_000;
        if values < WORTH { &self.alone } else { &self.pool }
    }
}

/// Rows of results for each token, in panels of `width` columns: `data[(panel * tokens + token) * width + column]`.
#[derive(Debug, Default)]
pub struct Panels {
    /// Columns of a panel.
    pub width: usize,
    /// Tokens.
    pub tokens: usize,
    /// The values.
    pub data: Vec<f32>,
}

impl Panels {
    /// Makes room for results, all zero.
    pub fn reset(&mut self, columns: usize, width: usize, tokens: usize) {
        (self.width, self.tokens) = (width, tokens);
        self.data.clear();
        self.data.resize(columns.div_ceil(width) * width * tokens, 0.0);
    }

    /// Copies some columns of a token.
    pub fn read(&self, token: usize, columns: Range<usize>, out: &mut [f32]) {
        let mut out = out;
        let mut column = columns.start;
        while column < columns.end {
            let (panel, first) = (column / self.width, column % self.width);
            let length = (self.width - first).min(columns.end - column);
            let at = (panel * self.tokens + token) * self.width + first;
            let (here, rest) = out.split_at_mut(length);
            here.copy_from_slice(&self.data[at..at + length]);
            out = rest;
            column += length;
        }
    }

    /// The panels, one after another, to be filled by different threads.
    pub fn panels(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.data.chunks_mut((self.width * self.tokens).max(1))
    }
}

/// The tokens a matrix is multiplied with, in the form it wants them.
#[derive(Debug, Default)]
pub struct Input {
    tokens: usize,
    /// Of tiles: for each 256 columns all tokens.
    blocks: Vec<Activations>,
    /// Of rows: each token's values.
    rows: Vec<f32>,
}

impl Input {
    /// Takes in the tokens for `matrix` (and others of its form and width); `read` copies some columns of a token.
    pub fn take(
        &mut self,
        hands: &Hands,
        matrix: &Matrix,
        tokens: usize,
        read: impl Fn(usize, Range<usize>, &mut [f32]) + Sync,
    ) {
        self.tokens = tokens;
        let (isa, cols) = (hands.isa, matrix.cols);
        let pool = hands.pool_for(tokens * cols);
        if matrix.is_tiles() {
            self.blocks.resize(cols.div_ceil(COLS) * tokens, Activations::ZERO);
            pool.each(self.blocks.chunks_mut(tokens), |_, block, all| {
                let columns = block * COLS..cols.min((block + 1) * COLS);
                let mut values = [0.0; COLS];
                let values = &mut values[..columns.len()];
                for (token, out) in all.iter_mut().enumerate() {
                    read(token, columns.clone(), values);
                    raw::quantise(isa, values, out);
                }
            });
        } else {
            self.rows.resize(tokens * cols, 0.0);
            pool.each(self.rows.chunks_mut(cols), |_, token, row| read(token, 0..cols, row));
        }
    }
}

/// See the module's documentation.
pub struct Matrix {
    rows: usize,
    cols: usize,
    store: Store,
}

enum Store {
    Tiles {
        kind: TileKind,
        bytes: MmapMut,
    },
    /// Rows of the named tensor, from this one on.
    Rows {
        name: String,
        first: usize,
    },
}

impl Matrix {
    /// Some rows of a tensor. What is packed is not read from the file again; the caller releases its pages.
    ///
    /// # Errors
    /// [`FileError::MissingTensor`]; [`FileError::WrongShape`] where it has fewer rows or other columns.
    ///
    /// # Panics
    /// The system has no memory left for the packed form; what it takes was to be computed before.
    pub fn load(hands: &Hands, name: &str, rows: Range<usize>, cols: usize) -> Result<Self, FileError> {
        let view = hands.source.tensor(name)?;
        if !matches!(view.shape, [all, width] if *all >= rows.end && *width == cols) {
            let (found, wanted) = (view.shape.to_vec(), vec![rows.end, cols]);
            return Err(FileError::WrongShape { name: name.to_owned(), found, wanted });
        }
        let store = match TileKind::of(view.dtype) {
            Some(kind) => Store::Tiles { kind, bytes: pack(hands, &view, rows.clone(), cols, kind) },
            None => Store::Rows { name: name.to_owned(), first: rows.start },
        };
        Ok(Self { rows: rows.len(), cols, store })
    }

    /// Whether it wants its tokens quantised.
    #[must_use]
    pub const fn is_tiles(&self) -> bool {
        matches!(self.store, Store::Tiles { .. })
    }

    /// Bytes of memory it takes: its own where it is packed, none where rows are used from the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.store {
            Store::Tiles { bytes, .. } => in_pages(bytes.len()),
            Store::Rows { .. } => 0,
        }
    }

    /// What [`Self::bytes`] will say of so many rows and columns of this type.
    #[must_use]
    pub fn bytes_of(dtype: TensorType, rows: usize, cols: usize) -> u64 {
        TileKind::of(dtype).map_or(0, |kind| in_pages(kind.matrix_bytes(rows, cols)))
    }

    /// Multiplies with all tokens.
    pub fn product(&self, hands: &Hands, input: &Input, out: &mut Panels) {
        out.reset(self.rows, GROUP_ROWS, input.tokens);
        hands.pool.each(out.panels(), |worker, group, out| {
            self.group(hands, &mut hands.scratch(worker), group, input, out);
        });
    }

    /// Multiplies this and `up` with all tokens, and gates the one with the other.
    pub fn gated_product(&self, up: &Self, hands: &Hands, input: &Input, out: &mut Panels) {
        out.reset(self.rows, GROUP_ROWS, input.tokens);
        hands.pool.each(out.panels(), |worker, group, out| {
            let scratch = &mut *hands.scratch(worker);
            let mut second = std::mem::take(&mut scratch.second);
            second.clear();
            second.resize(out.len(), 0.0);
            self.group(hands, scratch, group, input, out);
            up.group(hands, scratch, group, input, &mut second);
            raw::gated(hands.isa, out, &second);
            scratch.second = second;
        });
    }

    /// One group of 64 rows; `out` is zero.
    fn group(&self, hands: &Hands, scratch: &mut Scratch, group: usize, input: &Input, out: &mut [f32]) {
        let isa = hands.isa;
        match &self.store {
            Store::Tiles { kind, bytes } => {
                let length = kind.record_bytes() * GROUP_TILES * self.cols.div_ceil(COLS);
                let records = &bytes[group * length..];
                raw::multiply_packed(isa, *kind, records, &mut scratch.tiles, &input.blocks, input.tokens, out);
            }
            Store::Rows { name, first } => {
                // It was there when the matrix was loaded, and nothing is ever taken out of a source.
                let Some(view) = hands.source.find(name) else { return };
                let rows = group * GROUP_ROWS..self.rows.min((group + 1) * GROUP_ROWS);
                scratch.row.resize(self.cols, 0.0);
                for (i, row) in rows.enumerate() {
                    let Some(bytes) = view.row(first + row) else { return };
                    match view.dtype {
                        TensorType::F16 => raw::widen_f16_bytes(isa, bytes, &mut scratch.row),
                        TensorType::BF16 => raw::widen_bf16_bytes(isa, bytes, &mut scratch.row),
                        kind => dequantise_row(kind, bytes, &mut scratch.row),
                    }
                    for (token, values) in input.rows.chunks_exact(self.cols).enumerate() {
                        out[token * GROUP_ROWS + i] = raw::dot(isa, &scratch.row, values);
                    }
                }
            }
        }
    }
}

/// Asks for large pages, which processors find sooner and read ahead across; where there are none it stays as it is.
fn in_large_pages(memory: &MmapMut) {
    #[cfg(target_os = "linux")]
    if let Err(error) = memory.advise(memmap2::Advice::HugePage) {
        tracing::debug!(%error, "no large pages for weights");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}

/// Memory is given in pages.
const fn in_pages(bytes: usize) -> u64 {
    const PAGE_BYTES: usize = 4096;
    bytes.next_multiple_of(PAGE_BYTES) as u64
}

/// Packs all groups: for each its tiles of the first 256 columns, then those of the next.
fn pack(hands: &Hands, view: &TensorView<'_>, rows: Range<usize>, cols: usize, kind: TileKind) -> MmapMut {
    let record = kind.record_bytes();
    let mut packed =
        MmapMut::map_anon(kind.matrix_bytes(rows.len(), cols).max(1)).expect("the system has memory for the weights");
    in_large_pages(&packed);
    let across = cols.div_ceil(COLS);
    // Bytes of 256 columns of a row.
    let step = COLS / kind.tensor_type().block_len() * kind.tensor_type().block_bytes();
    hands.pool.each(packed.chunks_mut(record * GROUP_TILES * across), |_, group, out| {
        let first = rows.start + group * GROUP_ROWS;
        for (i, out) in out.chunks_exact_mut(record).enumerate() {
            let (block, tile) = (i / GROUP_TILES, i % GROUP_TILES);
            let mut sixteen = [&[][..]; ROWS];
            let mut count = 0;
            for row in first + tile * ROWS..rows.end.min(first + (tile + 1) * ROWS) {
                let bytes = view.row(row).unwrap_or_default();
                sixteen[count] = &bytes[(block * step).min(bytes.len())..];
                count += 1;
            }
            pack_tile(kind, &sixteen[..count], out);
        }
    });
    packed
}
