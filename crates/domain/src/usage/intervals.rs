//! Intervals of connected time: sets of seconds, kept as sorted, disjoint, half-open pieces.
//!
//! Functions that take a slice of "known" or "fresh" intervals bring it in order first, so that no caller's mistake
//! makes time count twice. It is not the place for hours or sessions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Contiguous connected time, half-open, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectedInterval {
    /// The first second.
    pub start: i64,
    /// The first second after it.
    pub end: i64,
}

impl ConnectedInterval {
    /// From `start` to `end`; `None` when that is no time at all.
    #[must_use]
    pub fn new(start: i64, end: i64) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// How long, seconds. Zero for one that ends before it starts.
    #[must_use]
    pub fn secs(&self) -> i64 {
        self.end.saturating_sub(self.start).max(0)
    }

    /// When it starts; `None` beyond the times that can be written.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.start, 0)
    }

    /// When it ends; `None` beyond the times that can be written.
    #[must_use]
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.end, 0)
    }
}

/// What to write so that what is kept becomes what is now known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntervalChanges {
    /// To delete.
    pub removed: Vec<ConnectedInterval>,
    /// To insert, after the deletions.
    pub added: Vec<ConnectedInterval>,
}

/// Sorted, with overlapping and touching pieces joined and empty ones dropped.
#[must_use]
pub fn normalise(mut pieces: Vec<ConnectedInterval>) -> Vec<ConnectedInterval> {
    pieces.retain(|piece| piece.start < piece.end);
    if !pieces.is_sorted() {
        pieces.sort_unstable();
    }
    pieces.dedup_by(|next, last| {
        let joins = next.start <= last.end;
        if joins {
            last.end = last.end.max(next.end);
        }
        joins
    });
    pieces
}

/// Whether the pieces are sorted, disjoint, apart and none is empty.
#[must_use]
pub fn is_normal(pieces: &[ConnectedInterval]) -> bool {
    pieces.iter().all(|piece| piece.start < piece.end) && pieces.windows(2).all(|pair| pair[0].end < pair[1].start)
}

/// The time in either.
#[must_use]
pub fn union(left: &[ConnectedInterval], right: &[ConnectedInterval]) -> Vec<ConnectedInterval> {
    normalise([left, right].concat())
}

/// The time outside `[from, to)`.
#[must_use]
pub fn subtract(pieces: &[ConnectedInterval], from: i64, to: i64) -> Vec<ConnectedInterval> {
    if from >= to {
        return normalise(pieces.to_vec());
    }
    let parts = pieces.iter().flat_map(|piece| {
        [
            ConnectedInterval { start: piece.start, end: piece.end.min(from) },
            ConnectedInterval { start: piece.start.max(to), end: piece.end },
        ]
    });
    normalise(parts.collect())
}

/// The time inside `[from, to)`.
#[must_use]
pub fn clip(pieces: &[ConnectedInterval], from: i64, to: i64) -> Vec<ConnectedInterval> {
    let parts = pieces.iter().map(|piece| ConnectedInterval { start: piece.start.max(from), end: piece.end.min(to) });
    normalise(parts.collect())
}

/// What was known, with everything inside `[from, to)` replaced by what has been read of that window: time that AWS no
/// longer shows is taken out, time it shows now goes in, and an interval that crosses an edge stays one.
#[must_use]
pub fn replace_window(
    known: &[ConnectedInterval],
    fresh: &[ConnectedInterval],
    from: i64,
    to: i64,
) -> Vec<ConnectedInterval> {
    if from >= to {
        return normalise(known.to_vec());
    }
    union(&subtract(known, from, to), &clip(fresh, from, to))
}

/// The rows to delete and to insert to get from `known` to `merged`.
#[must_use]
pub fn changes(known: &[ConnectedInterval], merged: &[ConnectedInterval]) -> IntervalChanges {
    let (mut old, mut new) = (known.to_vec(), merged.to_vec());
    old.sort_unstable();
    new.sort_unstable();
    IntervalChanges {
        removed: old.iter().filter(|piece| new.binary_search(piece).is_err()).copied().collect(),
        added: new.iter().filter(|piece| old.binary_search(piece).is_err()).copied().collect(),
    }
}

/// All the time there is, seconds; overlapping pieces count once.
#[must_use]
pub fn total_secs(pieces: &[ConnectedInterval]) -> i64 {
    if is_normal(pieces) {
        pieces.iter().map(ConnectedInterval::secs).sum()
    } else {
        normalise(pieces.to_vec()).iter().map(ConnectedInterval::secs).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::usage::arbitrary::{BASE, intervals};

    fn piece(start: i64, end: i64) -> ConnectedInterval {
        ConnectedInterval { start, end }
    }

    #[test]
    fn a_window_read_again_replaces_what_it_said_and_nothing_else() {
        let known = [piece(0, 600), piece(900, 2100)];
        let fresh = [piece(1200, 1500)];
        assert_eq!(
            replace_window(&known, &fresh, 600, 1800),
            vec![piece(0, 600), piece(1200, 1500), piece(1800, 2100)]
        );
        assert_eq!(replace_window(&known, &[], 0, 3000), vec![]);
        assert_eq!(replace_window(&known, &[piece(600, 900)], 600, 900), vec![piece(0, 2100)], "joined at both edges");
        assert_eq!(replace_window(&known, &[piece(0, 9000)], 700, 700), known.to_vec(), "an empty window says nothing");
        assert_eq!(replace_window(&[], &[piece(0, 9000)], 300, 600), vec![piece(300, 600)], "more than was asked");
    }

    #[test]
    fn changes_name_only_the_rows_that_differ() {
        let found = changes(&[piece(0, 300), piece(600, 900)], &[piece(0, 300), piece(600, 1200)]);
        assert_eq!(found, IntervalChanges { removed: vec![piece(600, 900)], added: vec![piece(600, 1200)] });
        assert_eq!(changes(&[piece(0, 300)], &[piece(0, 300)]), IntervalChanges::default());
    }

    #[test]
    fn odd_pieces_do_no_harm() {
        assert_eq!(piece(5, 3).secs(), 0);
        assert_eq!(piece(i64::MIN, i64::MAX).secs(), i64::MAX);
        assert_eq!(ConnectedInterval::new(5, 5), None);
        assert_eq!(normalise(vec![piece(9, 3), piece(4, 4)]), vec![]);
        assert_eq!(piece(i64::MAX, i64::MAX).started_at(), None);
    }

    proptest! {
        #[test]
        fn order_and_repetition_change_nothing(a in intervals(300, 12), b in intervals(300, 12)) {
            let both = union(&a, &b);
            prop_assert!(is_normal(&both));
            prop_assert_eq!(&both, &union(&b, &a));
            prop_assert_eq!(&both, &union(&both, &a));
            prop_assert_eq!(&both, &union(&both, &both));
        }

        #[test]
        fn a_cut_keeps_all_time(a in intervals(300, 12), from in 0i64..10_000, long in 0i64..3_000) {
            let (from, to) = (BASE + from * 300, BASE + (from + long) * 300);
            let (inside, outside) = (clip(&a, from, to), subtract(&a, from, to));
            prop_assert_eq!(total_secs(&inside) + total_secs(&outside), total_secs(&a));
            prop_assert_eq!(union(&inside, &outside), normalise(a));
        }

        #[test]
        fn reading_a_window_twice_is_reading_it_once(
            known in intervals(300, 12), fresh in intervals(300, 12), from in 0i64..10_000, long in 0i64..3_000,
        ) {
            let (from, to) = (BASE + from * 300, BASE + (from + long) * 300);
            let once = replace_window(&known, &fresh, from, to);
            prop_assert!(is_normal(&once));
            prop_assert_eq!(&replace_window(&once, &fresh, from, to), &once);
            prop_assert_eq!(clip(&once, from, to), clip(&fresh, from, to));
            prop_assert_eq!(subtract(&once, from, to), subtract(&known, from, to));
        }

        #[test]
        fn windows_in_any_order_and_overlapping_give_the_whole(
            truth in intervals(300, 12), cuts in proptest::collection::vec((0i64..10_000, 0i64..4_000), 0..6),
        ) {
            // Each window shows its part of the truth; the last covers all: what was known before must not matter.
            let mut known = vec![piece(BASE - 900, BASE - 600)];
            for (at, long) in cuts {
                let (from, to) = (BASE + at * 300, BASE + (at + long) * 300);
                known = replace_window(&known, &clip(&truth, from, to), from, to);
            }
            let merged = replace_window(&known, &truth, BASE, BASE + 20_000 * 300);
            prop_assert_eq!(clip(&merged, BASE, i64::MAX), normalise(truth));
        }

        #[test]
        fn changes_lead_from_the_old_rows_to_the_new(a in intervals(300, 12), b in intervals(300, 12)) {
            let (old, new) = (normalise(a), normalise(b));
            let found = changes(&old, &new);
            let mut rows: Vec<_> = old.into_iter().filter(|row| !found.removed.contains(row)).collect();
            for row in found.added {
                prop_assert!(!rows.iter().any(|kept| kept.start == row.start), "the key is the start");
                rows.push(row);
            }
            rows.sort_unstable();
            prop_assert_eq!(rows, new);
        }
    }
}
