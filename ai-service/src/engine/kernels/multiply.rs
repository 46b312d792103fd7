//! A group of tiles times a block of tokens: the heart of every step.
//!
//! For each token and row: whole-number products of 32 (or 16) columns, exact; then scale and minimum in floats, columns
//! in ascending order; at the end the token's own scale. Each instruction set does exactly these float operations.

use crate::engine::tiles::{Activations, GROUP_ROWS, GROUP_TILES, ROWS, Rule, Unpacked};

/// Adds the product of the tiles and each token's 256 activations to its 64 results in `out`.
pub fn multiply(rule: Rule, tiles: &[Unpacked; GROUP_TILES], tokens: &[Activations], out: &mut [f32]) {
    for (token, out) in tokens.iter().zip(out.chunks_exact_mut(GROUP_ROWS)) {
        for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(ROWS)) {
            for (row, out) in out.iter_mut().enumerate() {
                *out = one_row(rule, tile, token, row).mul_add(token.scale, *out);
            }
        }
    }
}

fn one_row(rule: Rule, tile: &Unpacked, token: &Activations, row: usize) -> f32 {
    let mut total = 0.0_f32;
    let (parts, offset) = match rule {
        Rule::Minimum => (8, 0),
        Rule::Offset32(offset) => (8, offset),
        Rule::Offset16(offset) => (16, offset),
    };
    let steps = tile.q.len() / parts;
    for part in 0..parts {
        let sum = if parts == 16 { token.sums16[part] } else { token.sums16[2 * part] + token.sums16[2 * part + 1] };
        let mut acc = -offset * sum;
        for step in part * steps..(part + 1) * steps {
            for (i, activation) in token.q[step].to_le_bytes().into_iter().enumerate() {
                acc += i32::from(tile.q[step][4 * row + i]) * i32::from(activation.cast_signed());
            }
        }
        total = (acc as f32).mul_add(tile.scale[part][row], total);
        if rule == Rule::Minimum {
            total = tile.less[part][row].mul_add(token.sums32[part], total);
        }
    }
    total
}
