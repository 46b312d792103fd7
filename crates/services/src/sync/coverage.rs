//! What a data set knows of a stretch of time, as pieces: those that were read, and what is missing between them with the
//! reason. Pure. How it is kept is `store::repo::data_sets`; what is read next is each data set's.

use chrono::{DateTime, Utc};
use domain::sync::Gap;
use serde::{Deserialize, Serialize};
use store::repo::data_sets::DataSetRecord;

use super::run::Covered;

/// A piece of time; its end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Span {
    pub(super) const fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to }
    }

    fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// What both have.
    fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        !self.within(other).is_empty()
    }
}

/// Pieces of time in order, apart from each other, none of them empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spans(Vec<Span>);

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut all: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        all.sort_by_key(|span| (span.from, span.to));
        let mut joined: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match joined.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => joined.push(span),
            }
        }
        Self(joined)
    }
}

impl Spans {
    /// What is known of a data set by its row.
    pub(super) fn known(record: &DataSetRecord) -> Self {
        let (Some(from), Some(to)) = (record.covered_from, record.covered_to) else { return Self::default() };
        let mut known = Self::from_iter([Span::new(from, to)]);
        for gap in &record.gaps {
            known.remove(Span::new(gap.from, gap.to));
        }
        known
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Span> {
        self.0.iter().copied()
    }

    /// From the beginning of the first to the end of the last.
    pub(super) fn hull(&self) -> Option<Span> {
        Some(Span::new(self.0.first()?.from, self.0.last()?.to))
    }

    pub(super) fn add(&mut self, span: Span) {
        *self = self.iter().chain([span]).collect();
    }

    pub(super) fn remove(&mut self, span: Span) {
        if !span.is_empty() {
            let left =
                |one: Span| [Span::new(one.from, one.to.min(span.from)), Span::new(one.from.max(span.to), one.to)];
            *self = self.iter().flat_map(left).collect();
        }
    }

    /// What is not in it of `whole`.
    pub(super) fn missing(&self, whole: Span) -> Self {
        let mut missing = Self::from_iter([whole]);
        for span in self.iter() {
            missing.remove(span);
        }
        missing
    }

    /// What of it lies within `whole`.
    pub(super) fn clip(&self, whole: Span) -> Self {
        self.iter().map(|span| span.within(whole)).collect()
    }

    /// The newest `length` of it, within one piece.
    pub(super) fn newest(&self, length: chrono::Duration) -> Option<Span> {
        let last = self.0.last()?;
        Some(Span::new(last.from.max(last.to - length), last.to))
    }

    /// As it is kept: each piece that is missing has the reason of the first of `told` that speaks of it, or else
    /// `otherwise`. `None` when nothing is known.
    pub(super) fn covered(&self, told: &[Gap], otherwise: &str) -> Option<Covered> {
        let hull = self.hull()?;
        let mut missing = self.missing(hull);
        let mut gaps: Vec<Gap> = Vec::new();
        for gap in told {
            let span = Span::new(gap.from, gap.to);
            let reasoned = |piece: Span| Gap { from: piece.from, to: piece.to, reason: gap.reason.clone() };
            gaps.extend(missing.clip(span).iter().map(reasoned));
            missing.remove(span);
        }
        gaps.extend(missing.iter().map(|piece| Gap { from: piece.from, to: piece.to, reason: otherwise.to_owned() }));
        gaps.sort_by_key(|gap| gap.from);
        gaps.dedup_by(|next, gap| {
            let joined = gap.to == next.from && gap.reason == next.reason;
            if joined {
                gap.to = next.to;
            }
            joined
        });
        Some(Covered { from: hull.from, to: hull.to, gaps })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3600, 0).unwrap()
    }

    fn span(from: i64, to: i64) -> Span {
        Span::new(at(from), at(to))
    }

    fn gap(from: i64, to: i64, reason: &str) -> Gap {
        Gap { from: at(from), to: at(to), reason: reason.to_owned() }
    }

    #[test]
    fn what_is_missing_has_the_first_reason_that_was_told() {
        let known: Spans = [span(0, 10), span(20, 30), span(40, 50)].into_iter().collect();
        let told = [gap(-100, 12, "lost"), gap(5, 25, "denied"), gap(45, 60, "beside it")];
        let covered = known.covered(&told, "not read yet").unwrap();
        assert_eq!((covered.from, covered.to), (at(0), at(50)));
        assert_eq!(covered.gaps, [gap(10, 12, "lost"), gap(12, 20, "denied"), gap(30, 40, "not read yet")]);
        assert_eq!(Spans::default().covered(&told, ""), None);
    }

    proptest! {
        #[test]
        fn pieces_are_as_a_set_of_hours(
            ops in proptest::collection::vec((any::<bool>(), 0i64..60, -3i64..20), 0..30),
            whole in (0i64..60, 0i64..60),
        ) {
            let (mut spans, mut hours) = (Spans::default(), std::collections::BTreeSet::new());
            for (add, from, length) in ops {
                if add {
                    spans.add(span(from, from + length));
                    hours.extend(from..from + length);
                } else {
                    spans.remove(span(from, from + length));
                    hours.retain(|hour| !(from..from + length).contains(hour));
                }
            }
            let of = |spans: &Spans| spans.iter().flat_map(|s| s.from.timestamp() / 3600..s.to.timestamp() / 3600).collect::<Vec<_>>();
            prop_assert_eq!(of(&spans), hours.iter().copied().collect::<Vec<_>>());
            prop_assert!(spans.0.windows(2).all(|pair| pair[0].to < pair[1].from));
            let within = |hour: &i64| (whole.0..whole.1).contains(hour);
            prop_assert_eq!(of(&spans.clip(span(whole.0, whole.1))), hours.iter().copied().filter(within).collect::<Vec<_>>());
            let missing: Vec<i64> = (whole.0..whole.1).filter(|hour| !hours.contains(hour)).collect();
            prop_assert_eq!(of(&spans.missing(span(whole.0, whole.1))), missing);
        }
    }
}
