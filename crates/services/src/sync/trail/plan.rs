//! What is asked of CloudTrail: which stretches are not known, in which pieces they are read, and what may be said to be
//! known after each. Pure.
//!
//! CloudTrail keeps 90 days for LookupEvents and delivers an event within about 15 minutes of the call (CloudTrail user
//! guide, "Working with CloudTrail event history", "How CloudTrail works").

use chrono::{DateTime, Duration, DurationRound as _, Utc};
use domain::sync::Gap;
use serde::{Deserialize, Serialize};
use store::repo::data_sets::DataSetRecord;

use super::super::coverage::{Span, Spans};
use super::super::planned::Planned;
use super::super::run::Covered;

/// How far back events can be had.
const KEPT: Duration = Duration::days(90);
/// What was read last may have had events under way still: so much before a stretch is read once more. Twice what CloudTrail
/// takes, so that two workers' clocks may differ by the other half.
const OVERLAP: Duration = Duration::minutes(30);
/// What is known of a later moment than this was written by a clock that was ahead.
const SKEW: Duration = Duration::minutes(15);
/// The first piece of a read, and the limits between which its length follows what comes.
const FIRST_PIECE_SECS: i64 = 7 * 86_400;
const LONGEST_PIECE_SECS: i64 = 30 * 86_400;
const SHORTEST_PIECE_SECS: i64 = 3600;
/// A source with so few events in a piece (two pages) is quiet, one with so many (40 pages) is busy.
const QUIET_EVENTS: u64 = 100;
const BUSY_EVENTS: u64 = 2000;

const LOST: &str = "nothing was read for so long that CloudTrail has forgotten it: it keeps 90 days";
const NOT_YET: &str = "not read yet";

/// A piece that is being read, source after source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) span: Span,
    /// Position of the source in [`super::SOURCES`].
    pub(super) source: usize,
    /// Where that source goes on.
    pub(super) next_token: Option<String>,
    /// Events of that source so far.
    pub(super) events: u64,
    /// The most events that a source had.
    pub(super) most_events: u64,
    /// Attempts that broke off here.
    pub(super) tries: u32,
}

/// What a run reads, and what it has read of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The end of what this run reads.
    to: DateTime<Utc>,
    /// What is not read yet.
    work: Spans,
    /// What is known.
    known: Spans,
    /// Why what is missing is missing, as earlier runs found.
    told: Vec<Gap>,
    /// Why what this run did not get is missing.
    failed: Vec<Gap>,
    /// How long the next piece is.
    piece_secs: i64,
    /// Whether anything was known that no longer counts.
    took_back: bool,
    /// What is being read; `None` before the next piece.
    pub(super) piece: Option<Piece>,
}

impl Plan {
    /// What to read now that so much is known: everything within CloudTrail's 90 days that is not, and the last half hour
    /// of what is.
    pub(super) fn new(record: &DataSetRecord, now: DateTime<Utc>) -> Self {
        let to = now.duration_trunc(Duration::seconds(1)).unwrap_or(now);
        let whole = Span::new(to - KEPT, to);
        let mut known = Spans::known(record);
        let took_back = known.hull().is_some_and(|hull| hull.to > to + SKEW);
        // When the clock began to be ahead nobody knows, so what 90 days can give is read again.
        known.remove(Span::new(if took_back { whole.from } else { to }, DateTime::<Utc>::MAX_UTC));
        let last = known.hull().map_or(whole.from, |hull| hull.to);
        let fresh = Span::new(last - OVERLAP, to);
        let missing = known.missing(whole);
        let work: Spans = missing.iter().map(|span| Span::new(span.from - OVERLAP, span.to)).chain([fresh]).collect();
        let work = work.clip(whole);
        let told = record.gaps.clone();
        Self { to, work, known, told, failed: Vec::new(), piece_secs: FIRST_PIECE_SECS, took_back, piece: None }
    }

    /// Whether more was said to be known than can be: a clock was ahead.
    pub(super) fn took_back(&self) -> bool {
        self.took_back
    }

    /// What of the past can't be had any more and was not known to be lost.
    pub(super) fn newly_lost(&self) -> Option<Span> {
        let hull = self.known.hull()?;
        let lost = self.known.missing(Span::new(hull.from, self.to - KEPT)).hull()?;
        let told = self.told.iter().any(|gap| gap.reason == LOST && gap.from <= lost.from && gap.to >= lost.to);
        (!told).then_some(lost)
    }

    /// The next piece, the newest that is left: what happened today is what people look for. `None` at the end.
    pub(super) fn next(&mut self) -> Option<&Piece> {
        if self.piece.is_none() {
            let span = self.work.newest(Duration::seconds(self.piece_secs))?;
            self.piece = Some(Piece { span, source: 0, next_token: None, events: 0, most_events: 0, tries: 0 });
        }
        self.piece.as_ref()
    }

    /// The last page of a source is in. With that of the last source the piece is known.
    pub(super) fn source_done(&mut self, sources: usize) {
        let Some(mut piece) = self.piece.take() else { return };
        piece.most_events = piece.most_events.max(piece.events);
        if piece.source + 1 < sources {
            self.piece = Some(Piece { source: piece.source + 1, next_token: None, events: 0, tries: 0, ..piece });
            return;
        }
        self.known.add(piece.span);
        self.work.remove(piece.span);
        if piece.most_events <= QUIET_EVENTS {
            self.piece_secs = (self.piece_secs * 2).min(LONGEST_PIECE_SECS);
        } else if piece.most_events > BUSY_EVENTS {
            self.piece_secs = (self.piece_secs / 2).max(SHORTEST_PIECE_SECS);
        }
    }

    /// The piece can't be had in this run.
    pub(super) fn piece_failed(&mut self, reason: &str) {
        if let Some(piece) = self.piece.take() {
            self.work.remove(piece.span);
            self.failed.push(Gap { from: piece.span.from, to: piece.span.to, reason: reason.to_owned() });
        }
    }

    /// Nothing more can be had in this run.
    pub(super) fn all_failed(&mut self, reason: &str) {
        self.piece = None;
        let failed = self.work.iter().map(|span| Gap { from: span.from, to: span.to, reason: reason.to_owned() });
        self.failed.extend(failed);
        self.work = Spans::default();
    }
}

impl Planned for Plan {
    fn ahead_of(&self, now: DateTime<Utc>) -> bool {
        self.to > now + SKEW
    }

    fn covered(&self) -> Option<Covered> {
        let kept_from = self.to - KEPT;
        let lost = Gap { from: DateTime::<Utc>::MIN_UTC, to: kept_from, reason: LOST.to_owned() };
        let told: Vec<Gap> = [lost].into_iter().chain(self.failed.iter().chain(&self.told).cloned()).collect();
        let covered = self.known.covered(&told, NOT_YET);
        // What was said to be known of the future must not stay, even before anything was read again.
        covered.or_else(|| self.took_back.then(|| Covered { from: kept_from, to: kept_from, gaps: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use domain::sync::{DataSetStatus, SyncKind};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn record(covered: Option<Covered>) -> DataSetRecord {
        DataSetRecord {
            account_id: domain::ids::AccountId(uuid::Uuid::from_u128(1)),
            region: "eu-central-1".parse().unwrap(),
            kind: SyncKind::CloudTrail,
            status: DataSetStatus::Ok,
            fresh_at: None,
            covered_from: covered.as_ref().map(|c| c.from),
            covered_to: covered.as_ref().map(|c| c.to),
            gaps: covered.map(|c| c.gaps).unwrap_or_default(),
            last_run_id: None,
            last_error: None,
            missing_permission: None,
            updated_at: None,
        }
    }

    /// The pieces of a plan whose every source has so many pages.
    fn pieces(plan: &mut Plan, pages: u64) -> Vec<(String, String)> {
        let mut pieces = Vec::new();
        while let Some(piece) = plan.next() {
            let text = |at: DateTime<Utc>| at.format("%m-%d %H:%M").to_string();
            pieces.push((text(piece.span.from), text(piece.span.to)));
            plan.piece.as_mut().unwrap().events = 50 * pages;
            plan.source_done(1);
        }
        pieces
    }

    fn piece(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn a_quiet_past_takes_few_pieces_and_a_busy_one_short_ones() {
        let now = at("2026-06-30T12:00:00Z");
        let mut plan = Plan::new(&record(None), now);
        assert_eq!(
            pieces(&mut plan, 1),
            [
                piece("06-23 12:00", "06-30 12:00"),
                piece("06-09 12:00", "06-23 12:00"),
                piece("05-12 12:00", "06-09 12:00"),
                piece("04-12 12:00", "05-12 12:00"),
                piece("04-01 12:00", "04-12 12:00"),
            ]
        );
        let covered = plan.covered().unwrap();
        assert_eq!((covered.from, covered.to, covered.gaps), (now - KEPT, now, Vec::new()));
        let busy = pieces(&mut Plan::new(&record(None), now), 1000);
        assert_eq!(busy[1], piece("06-20 00:00", "06-23 12:00"));
        assert!(busy.len() > 100);
    }

    #[test]
    fn a_later_read_overlaps_and_tries_the_gaps_again() {
        let gaps =
            vec![Gap { from: at("2026-05-01T00:00:00Z"), to: at("2026-05-02T00:00:00Z"), reason: "denied".into() }];
        let known = Covered { from: at("2026-03-01T00:00:00Z"), to: at("2026-06-30T12:00:00Z"), gaps };
        let mut plan = Plan::new(&record(Some(known.clone())), at("2026-06-30T12:05:00Z"));
        assert_eq!(pieces(&mut plan, 1), [piece("06-30 11:30", "06-30 12:05"), piece("04-30 23:30", "05-02 00:00")]);
        assert_eq!(plan.covered().unwrap().gaps, []);
        let mut plan = Plan::new(&record(Some(known.clone())), at("2026-06-30T12:05:00Z"));
        plan.next();
        plan.source_done(1);
        plan.next();
        plan.piece_failed("a page could not be read");
        let covered = plan.covered().unwrap();
        assert_eq!(covered.to, at("2026-06-30T12:05:00Z"));
        assert_eq!((covered.gaps.len(), covered.gaps[0].reason.as_str()), (1, "a page could not be read"));
        assert_eq!((covered.gaps[0].from, covered.gaps[0].to), (known.gaps[0].from, known.gaps[0].to));
    }

    #[test]
    fn what_is_older_than_90_days_is_lost_and_said_so() {
        let known = Covered { from: at("2026-01-01T00:00:00Z"), to: at("2026-02-01T00:00:00Z"), gaps: Vec::new() };
        let now = at("2026-06-30T00:00:00Z");
        let mut plan = Plan::new(&record(Some(known)), now);
        assert_eq!(plan.newly_lost(), Some(Span::new(at("2026-02-01T00:00:00Z"), at("2026-04-01T00:00:00Z"))));
        pieces(&mut plan, 1);
        let covered = plan.covered().unwrap();
        let lost = Gap { from: at("2026-02-01T00:00:00Z"), to: at("2026-04-01T00:00:00Z"), reason: LOST.to_owned() };
        assert_eq!(covered.gaps, [lost]);
        let next = Plan::new(&record(Some(covered.clone())), now + Duration::minutes(5));
        assert_eq!((next.newly_lost(), next.covered()), (None, Some(covered)), "it is told once and stays");
    }

    #[test]
    fn nothing_of_the_future_is_known_after_a_clock_was_put_right() {
        let known = Covered { from: at("2026-01-01T00:00:00Z"), to: at("2026-09-01T00:00:00Z"), gaps: Vec::new() };
        let now = at("2026-06-30T00:00:00Z");
        let plan = Plan::new(&record(Some(known)), now);
        let covered = plan.covered().unwrap();
        assert_eq!((covered.from, covered.to), (at("2026-01-01T00:00:00Z"), now - KEPT));
        assert_eq!(plan.work, [Span::new(now - KEPT, now)].into_iter().collect());
        // All that was known was the future: the row must not stay as it is.
        let ahead = Covered { from: at("2026-08-01T00:00:00Z"), to: at("2026-09-01T00:00:00Z"), gaps: Vec::new() };
        let covered = Plan::new(&record(Some(ahead)), now).covered().unwrap();
        assert_eq!((covered.from, covered.to), (now - KEPT, now - KEPT));
        assert!(Plan::new(&record(Some(covered)), now + Duration::days(1)).newly_lost().is_none());
        // A little ahead is another worker's clock.
        let near = Covered { from: at("2026-01-01T00:00:00Z"), to: now + Duration::minutes(10), gaps: Vec::new() };
        let plan = Plan::new(&record(Some(near)), now);
        assert_eq!(plan.work, [Span::new(now - OVERLAP, now)].into_iter().collect());
        assert_eq!(plan.covered().unwrap().to, now);
    }

    proptest! {
        /// Runs at any times, each piece of them failing or not, and CloudTrail as a set of minutes: what is said to be known
        /// was read, and what is not said to be known and can be had is read next.
        #[test]
        fn nothing_is_called_known_that_was_not_read(
            runs in proptest::collection::vec((1i64..100_000, proptest::collection::vec((0u8..4, 0u64..80), 1..60)), 1..12),
        ) {
            let mut now = at("2026-01-01T00:00:00Z");
            let (mut row, mut read) = (record(None), Spans::default());
            for (minutes, outcomes) in runs {
                now += Duration::minutes(minutes);
                let mut plan = Plan::new(&row, now);
                let whole = Span::new(now - KEPT, now);
                let expected = Spans::known(&row).missing(whole);
                prop_assert!(expected.iter().all(|span| plan.work.missing(span).hull().is_none()), "all that lacks is read");
                for (outcome, pages) in outcomes {
                    let Some(piece) = plan.next() else { break };
                    let span = piece.span;
                    prop_assert!(whole.from <= span.from && span.to <= whole.to);
                    if outcome == 0 {
                        plan.piece_failed("it failed");
                    } else {
                        plan.piece.as_mut().unwrap().events = 50 * pages;
                        plan.source_done(1);
                        read.add(span);
                    }
                    if let Some(covered) = plan.covered() {
                        let known = Spans::known(&record(Some(covered)));
                        prop_assert!(known.iter().all(|span| read.missing(span).hull().is_none()), "{known:?} {read:?}");
                    }
                }
                row = record(plan.covered());
                prop_assert!(row.covered_to.is_none_or(|to| to <= now));
                prop_assert_eq!(Spans::known(&row), read.clone(), "and nothing that was read is forgotten");
            }
        }
    }
}
