//! From a packed tile to one that can be multiplied.

use crate::engine::tiles::{COLS, ROWS, STEPS, TileKind, Unpacked, halves};

/// Bytes of four columns of sixteen rows.
const STEP: usize = 4 * ROWS;

/// Unpacks a record of [`TileKind::record_bytes`].
#[inline(always)]
pub fn unpack(kind: TileKind, record: &[u8], out: &mut Unpacked) {
    let (header, quants) = record.split_at(kind.header_bytes());
    match kind {
        TileKind::Q4K => {
            minimums(header, out);
            nibbles(quants, out);
        }
        TileKind::Q5K => {
            minimums(header, out);
            let (low, high) = quants.split_at(ROWS * COLS / 2);
            nibbles(low, out);
            fifth_bits(high, out);
        }
        TileKind::Q6K => {
            signed_scales(header, out);
            let (low, high) = quants.split_at(ROWS * COLS / 2);
            nibbles(low, out);
            upper_pairs(high, out);
        }
        TileKind::Q4_0 => {
            half_scales(header, out);
            nibbles(quants, out);
        }
        TileKind::Q8_0 => {
            half_scales(header, out);
            for (out, step) in out.q.iter_mut().zip(quants.as_chunks::<STEP>().0) {
                *out = *step;
            }
        }
    }
}

/// Eight scales and eight minimums of a byte, then `d` and `dmin`.
#[inline(always)]
fn minimums(header: &[u8], out: &mut Unpacked) {
    let lines = header.as_chunks::<ROWS>().0;
    let (d, dmin) = (halves(header, 16 * ROWS), halves(header, 18 * ROWS));
    for j in 0..8 {
        for row in 0..ROWS {
            out.scale[j][row] = d[row] * f32::from(lines[j][row]);
            out.less[j][row] = -(dmin[row] * f32::from(lines[j + 8][row]));
        }
    }
}

/// Sixteen signed scales, then `d`.
#[inline(always)]
fn signed_scales(header: &[u8], out: &mut Unpacked) {
    let d = halves(header, 16 * ROWS);
    for (scale, line) in out.scale.iter_mut().zip(header.as_chunks::<ROWS>().0) {
        for row in 0..ROWS {
            scale[row] = d[row] * f32::from(line[row].cast_signed());
        }
    }
}

/// Eight scales that are half floats.
#[inline(always)]
fn half_scales(header: &[u8], out: &mut Unpacked) {
    for (j, scale) in out.scale.iter_mut().take(8).enumerate() {
        *scale = halves(header, 2 * ROWS * j);
    }
}

/// Two steps in a line: low halves, then high halves.
#[inline(always)]
fn nibbles(packed: &[u8], out: &mut Unpacked) {
    for (pair, line) in out.q.as_chunks_mut::<2>().0.iter_mut().zip(packed.as_chunks::<STEP>().0) {
        for i in 0..STEP {
            pair[0][i] = line[i] & 15;
            pair[1][i] = line[i] >> 4;
        }
    }
}

/// One bit of eight steps in a line.
#[inline(always)]
fn fifth_bits(packed: &[u8], out: &mut Unpacked) {
    const { assert!(STEPS.is_multiple_of(8)) };
    for (eight, line) in out.q.as_chunks_mut::<8>().0.iter_mut().zip(packed.as_chunks::<STEP>().0) {
        for (j, step) in eight.iter_mut().enumerate() {
            for i in 0..STEP {
                step[i] |= (line[i] >> j & 1) << 4;
            }
        }
    }
}

/// Two bits of four steps in a line.
#[inline(always)]
fn upper_pairs(packed: &[u8], out: &mut Unpacked) {
    for (four, line) in out.q.as_chunks_mut::<4>().0.iter_mut().zip(packed.as_chunks::<STEP>().0) {
        for (j, step) in four.iter_mut().enumerate() {
            for i in 0..STEP {
                step[i] |= (line[i] >> (2 * j) & 3) << 4;
            }
        }
    }
}
