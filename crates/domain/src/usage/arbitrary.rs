//! Random input for the property tests of usage and cost.

use proptest::prelude::*;

use super::ConnectedInterval;

/// 2024-02-20 00:00 UTC: a leap day and two month ends are near.
pub(crate) const BASE: i64 = 1_708_387_200;

/// Intervals on CloudWatch's grid of `step` seconds, in any order, overlapping or not, over some five weeks.
pub(crate) fn intervals(step: i64, most: usize) -> impl Strategy<Value = Vec<ConnectedInterval>> {
    let slots = 35 * 86_400 / step;
    proptest::collection::vec((0..slots, 1i64..200), 0..most).prop_map(move |parts| {
        parts
            .into_iter()
            .map(|(at, long)| ConnectedInterval { start: BASE + at * step, end: BASE + (at + long) * step })
            .collect()
    })
}
