//! The rows of a long list as far as they were read: in blocks of [`BLOCK`], few of which are kept. Pure.
//!
//! A block is read by the cursor of the block before it, so that scrolling costs what a page costs and nothing is missed or met
//! twice on the way. Where no cursor leads, because somebody leapt there, it is read by its offset, which the API finds by counting.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::api::ApiError;

/// Rows of a block.
pub const BLOCK: u32 = 100;
/// Blocks kept.
const KEPT: usize = 30;
/// Questions open at once.
const AT_ONCE: usize = 2;
/// How near the edge of a block what is in sight may come, rows, before the next one is read.
const AHEAD: u64 = 60;

/// Where a block begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// At the beginning of the list.
    First,
    /// Where the block before it ended.
    Cursor(String),
    /// After so many rows.
    Offset(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Read,
    /// Being read; `again` when something happened meanwhile, so that the answer may be of before.
    Reading {
        again: bool,
    },
    Stale,
    Failed(ApiError),
}

#[derive(Debug, Clone)]
struct Block<T> {
    rows: Vec<T>,
    next: Option<String>,
    state: State,
}

/// The blocks by their number.
#[derive(Debug, Clone)]
pub struct Blocks<T>(BTreeMap<u64, Block<T>>);

/// The block that a row lies in.
pub fn block_of(row: u64) -> u64 {
    row / u64::from(BLOCK)
}

/// How a block begins that no cursor leads to.
pub fn leap(block: u64) -> Begin {
    match u32::try_from(block.saturating_mul(u64::from(BLOCK))) {
        Ok(0) => Begin::First,
        Ok(rows) => Begin::Offset(rows),
        Err(_) => Begin::Offset(u32::MAX),
    }
}

impl<T> Blocks<T> {
    /// Nothing was read.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The row of that number, if it was read.
    pub fn row(&self, at: u64) -> Option<&T> {
        let within = usize::try_from(at % u64::from(BLOCK)).ok()?;
        self.0.get(&block_of(at))?.rows.get(within)
    }

    /// Why the row of that number could not be read.
    pub fn failure(&self, at: u64) -> Option<&ApiError> {
        match &self.0.get(&block_of(at))?.state {
            State::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// All rows that were read, in order; there may be gaps between them.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.0.values().flat_map(|block| &block.rows)
    }

    /// The rows before and after a row, as far as they were read without a gap.
    pub fn run_around(&self, at: u64) -> Vec<&T> {
        let Some(block) = self.0.get(&block_of(at)) else { return Vec::new() };
        let whole = |number: u64| self.0.get(&number).filter(|block| block.rows.len() == BLOCK as usize);
        let mut first = block_of(at);
        while let Some(before) = first.checked_sub(1).filter(|number| whole(*number).is_some()) {
            first = before;
        }
        let mut run: Vec<&T> = (first..block_of(at)).filter_map(whole).flat_map(|block| &block.rows).collect();
        run.extend(&block.rows);
        let mut last = block_of(at);
        while whole(last).is_some() {
            last += 1;
            run.extend(self.0.get(&last).map(|block| block.rows.as_slice()).unwrap_or_default());
        }
        run
    }

    /// What is to be read next for these rows to be seen, and those that may come into sight: the number of a block and where it
    /// begins. `None` while enough is being read or nothing is missing.
    pub fn missing(&self, sight: &Range<u64>, total: u64) -> Option<(u64, Begin)> {
        let reading = self.0.values().filter(|block| matches!(block.state, State::Reading { .. })).count();
        if reading >= AT_ONCE {
            return None;
        }
        let last_row = total.checked_sub(1)?;
        let first = sight.start.min(last_row);
        let last = sight.end.saturating_sub(1).clamp(first, last_row);
        let ahead = block_of((last + AHEAD).min(last_row));
        let behind = block_of(first.saturating_sub(AHEAD));
        let seen = block_of(first)..=block_of(last);
        let around = seen.clone().chain([ahead, behind]);
        around.into_iter().find_map(|number| Some((number, self.begin(number)?)))
    }

    /// How a block is to be read; `None` when it is there, on its way, or has to wait for the one before.
    fn begin(&self, number: u64) -> Option<Begin> {
        if self.0.get(&number).is_some_and(|block| block.state != State::Stale) {
            return None;
        }
        match number.checked_sub(1).and_then(|before| self.0.get(&before)) {
            Some(Block { state: State::Reading { .. }, .. }) => None,
            Some(Block { state: State::Read, next: Some(next), .. }) => Some(Begin::Cursor(next.clone())),
            _ => Some(leap(number)),
        }
    }

    /// Notes that a block is being read; the rows that are known stay.
    pub fn reading(&mut self, number: u64) {
        let state = State::Reading { again: false };
        self.0.entry(number).or_insert(Block { rows: Vec::new(), next: None, state: State::Stale }).state = state;
    }

    /// Brings in what was read, and lets go what lies furthest from what is in sight.
    pub fn read(&mut self, number: u64, rows: Vec<T>, next: Option<String>, sight: &Range<u64>) {
        let again = self.0.get(&number).is_some_and(|block| block.state == State::Reading { again: true });
        let state = if again { State::Stale } else { State::Read };
        self.0.insert(number, Block { rows, next, state });
        while self.0.len() > KEPT {
            let here = block_of(sight.start);
            let idle = self.0.iter().filter(|(_, block)| !matches!(block.state, State::Reading { .. }));
            let Some(far) = idle.map(|(number, _)| *number).max_by_key(|number| number.abs_diff(here)) else { break };
            self.0.remove(&far);
        }
    }

    /// Notes that a block could not be read; the rows that are known stay.
    pub fn failed(&mut self, number: u64, error: ApiError) {
        if let Some(block) = self.0.get_mut(&number) {
            block.state = State::Failed(error);
        }
    }

    /// Notes that rows came, went or moved: what is in sight stays until it is read again, the rest is forgotten.
    pub fn stale(&mut self, sight: &Range<u64>) {
        let seen = block_of(sight.start)..=block_of(sight.end.saturating_sub(1).max(sight.start));
        self.0.retain(|number, block| seen.contains(number) || matches!(block.state, State::Reading { .. }));
        for block in self.0.values_mut() {
            block.state = match &block.state {
                State::Reading { .. } => State::Reading { again: true },
                _ => State::Stale,
            };
        }
    }

    /// Forgets failures, so that what failed is read again.
    pub fn retry(&mut self) {
        for block in self.0.values_mut().filter(|block| matches!(block.state, State::Failed(_))) {
            block.state = State::Stale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOTAL: u64 = 50_000;

    /// What the API answers for a block.
    fn page(number: u64) -> (Vec<u64>, Option<String>) {
        let from = number * u64::from(BLOCK);
        let to = (from + u64::from(BLOCK)).min(TOTAL);
        ((from..to).collect(), (to < TOTAL).then(|| format!("after {}", to - 1)))
    }

    /// Reads all that is missing; how each block was asked for.
    fn settle(blocks: &mut Blocks<u64>, sight: &Range<u64>) -> Vec<(u64, Begin)> {
        let mut asked = Vec::new();
        while let Some((number, begin)) = blocks.missing(sight, TOTAL) {
            blocks.reading(number);
            let (rows, next) = page(number);
            blocks.read(number, rows, next, sight);
            asked.push((number, begin));
        }
        asked
    }

    fn shown(blocks: &Blocks<u64>, sight: &Range<u64>) -> bool {
        sight.clone().all(|row| blocks.row(row) == Some(&row))
    }

    #[test]
    fn scrolling_goes_by_cursors_and_keeps_little() {
        let mut blocks = Blocks::new();
        let mut asked = Vec::new();
        for first in (0..TOTAL - 15).step_by(7) {
            let sight = first..first + 15;
            asked.extend(settle(&mut blocks, &sight));
            assert!(shown(&blocks, &sight), "{sight:?}");
            assert!(blocks.0.len() <= KEPT);
        }
        assert_eq!(asked.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (0..500).collect::<Vec<_>>());
        assert!(asked[1..].iter().all(|(_, begin)| matches!(begin, Begin::Cursor(_))));
    }

    #[test]
    fn a_leap_goes_by_offset_and_on_from_there_by_cursor() {
        let mut blocks = Blocks::new();
        assert_eq!(settle(&mut blocks, &(0..15)), [(0, Begin::First)]);
        assert_eq!(
            settle(&mut blocks, &(25_010..25_025)),
            [(250, Begin::Offset(25_000)), (249, Begin::Offset(24_900))]
        );
        assert_eq!(settle(&mut blocks, &(25_050..25_065)), [(251, Begin::Cursor("after 25099".to_owned()))]);
        assert_eq!(settle(&mut blocks, &(49_990..60_000)), [(499, Begin::Offset(49_900))], "no further than its end");
        assert_eq!(settle(&mut blocks, &(0..15)), [], "what was read stays");
        assert_eq!(Blocks::<u64>::new().missing(&(0..15), 0), None);
    }

    #[test]
    fn two_questions_at_once_and_none_for_what_waits() {
        let mut blocks = Blocks::<u64>::new();
        let sight = 190..210;
        let (number, _) = blocks.missing(&sight, TOTAL).unwrap();
        blocks.reading(number);
        assert_eq!(number, 1);
        assert_eq!(blocks.missing(&sight, TOTAL), None, "the second begins where the first ends");
        let far = 40_000..40_015;
        blocks.reading(blocks.missing(&far, TOTAL).unwrap().0);
        assert_eq!(blocks.missing(&(9_000..9_015), TOTAL), None, "two are open");
    }

    #[test]
    fn what_happens_while_a_block_is_read_has_it_read_again() {
        let (mut blocks, sight) = (Blocks::new(), 0..15);
        settle(&mut blocks, &(500..515));
        settle(&mut blocks, &sight);
        blocks.stale(&sight);
        assert_eq!(blocks.row(500), None, "what is out of sight is forgotten");
        assert!(shown(&blocks, &sight), "what is in sight stays until the answer");
        blocks.reading(0);
        blocks.stale(&sight);
        let (rows, next) = page(0);
        blocks.read(0, rows, next, &sight);
        assert_eq!(settle(&mut blocks, &sight), [(0, Begin::First)]);
        assert_eq!(settle(&mut blocks, &sight), []);
    }

    #[test]
    fn what_failed_waits_for_another_try() {
        let (mut blocks, sight) = (Blocks::<u64>::new(), 0..15);
        blocks.reading(0);
        blocks.failed(0, ApiError::Unreachable);
        assert_eq!(blocks.missing(&sight, TOTAL), None);
        assert_eq!((blocks.failure(7), blocks.failure(100)), (Some(&ApiError::Unreachable), None));
        blocks.retry();
        assert_eq!(settle(&mut blocks, &sight), [(0, Begin::First)]);
    }

    #[test]
    fn a_run_ends_where_something_is_missing() {
        let mut blocks = Blocks::new();
        for number in [1, 2, 3, 5] {
            let (rows, next) = page(number);
            blocks.read(number, rows, next, &(100..115));
        }
        let run: Vec<u64> = blocks.run_around(250).into_iter().copied().collect();
        assert_eq!(run, (100..400).collect::<Vec<_>>());
        assert!(blocks.run_around(450).is_empty());
    }
}
