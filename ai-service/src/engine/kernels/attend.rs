//! Attention over one page of the cache, with a running maximum: nothing is kept of a page but its sum.

use std::ops::Range;

use super::lanes::{LANES, exp, fma};

/// Positions in a page.
pub const PAGE: usize = 32;

/// What a query has gathered so far, beside its weighted values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gathered {
    /// The largest score.
    pub largest: f32,
    /// The sum of the exponentials, each less `largest`.
    pub sum: f32,
}

impl Gathered {
    /// Nothing yet.
    pub const NOTHING: Self = Self { largest: f32::NEG_INFINITY, sum: 0.0 };
}

/// Takes in the positions `seen` (at least one) of a page. `keys` has a line of [`PAGE`] positions for each value of
/// the head, `values` a line of the head's values for each position; `query` is scaled already.
#[inline(always)]
pub fn attend(
    query: &[f32],
    keys: &[f32],
    values: &[f32],
    seen: Range<usize>,
    gathered: &mut Gathered,
    weighted: &mut [f32],
) {
    let scores = scores(query, keys);
    let mut largest = gathered.largest;
    for score in &scores[seen.clone()] {
        largest = if *score > largest { *score } else { largest };
    }
    let mut weights = [0.0_f32; PAGE];
    for (i, weight) in weights.iter_mut().enumerate() {
        let some = exp(scores[i] - largest);
        *weight = if seen.contains(&i) { some } else { 0.0 };
    }
    let keep = exp(gathered.largest - largest);
    let mut sums = [0.0_f32; LANES];
    for (i, sum) in sums.iter_mut().enumerate() {
        *sum = weights[i] + weights[i + LANES];
    }
    gathered.sum = gathered.sum.mul_add(keep, super::lanes::sum(sums));
    gathered.largest = largest;
    for x in weighted.iter_mut() {
        *x *= keep;
    }
    add_values(&weights, values, seen, weighted);
}

#[inline(always)]
fn scores(query: &[f32], keys: &[f32]) -> [f32; PAGE] {
    let (lines, _) = keys.as_chunks::<LANES>();
    let mut a = [[0.0_f32; LANES]; 2];
    let mut b = [[0.0_f32; LANES]; 2];
    for (two, lines) in query.as_chunks::<2>().0.iter().zip(lines.as_chunks::<4>().0) {
        fma(&mut a[0], &lines[0], two[0]);
        fma(&mut a[1], &lines[1], two[0]);
        fma(&mut b[0], &lines[2], two[1]);
        fma(&mut b[1], &lines[3], two[1]);
    }
    if let ([last], [.., first, second]) = (query.as_chunks::<2>().1, &lines[..2 * query.len()]) {
        fma(&mut a[0], first, *last);
        fma(&mut a[1], second, *last);
    }
    let mut scores = [0.0; PAGE];
    for i in 0..LANES {
        scores[i] = a[0][i] + b[0][i];
        scores[i + LANES] = a[1][i] + b[1][i];
    }
    scores
}

/// Only the visible positions are read: what lies behind them may be anything.
#[inline(always)]
fn add_values(weights: &[f32; PAGE], values: &[f32], seen: Range<usize>, weighted: &mut [f32]) {
    let width = weighted.len();
    let (blocks, rest) = weighted.as_chunks_mut::<LANES>();
    let done = blocks.len() * LANES;
    for (j, two) in blocks.chunks_mut(2).enumerate() {
        let at = 2 * LANES * j;
        if let [first, second] = two {
            let (mut a, mut b) = (*first, *second);
            for position in seen.clone() {
                let line = &values[position * width + at..position * width + at + 2 * LANES];
                let (line, _) = line.as_chunks::<LANES>();
                fma(&mut a, &line[0], weights[position]);
                fma(&mut b, &line[1], weights[position]);
            }
            (*first, *second) = (a, b);
        } else if let [only] = two {
            for position in seen.clone() {
                let line = values[position * width + at..position * width + at + LANES].as_chunks::<LANES>().0;
                fma(only, &line[0], weights[position]);
            }
        }
    }
    for position in seen.clone() {
        for (x, value) in rest.iter_mut().zip(&values[position * width + done..(position + 1) * width]) {
            *x = value.mul_add(weights[position], *x);
        }
    }
}
