//! From a question to a [`Plan`] by rules: words of the trade, names that this installation has, dates as people say them.
//!
//! The rules come first: what they understand no model is asked about. What they don't understand is `None`, never a guess:
//! every word of a question must say something, and every tool must have a use for all that is said ([`plan_fits`]).
//!
//! A question is split into words (`text`), letters are mended (`spelling`), each clause is read (`reading`, by the words of
//! `vocabulary`, the names of `names` and `regions`, the dates of `dates`), and what it says is given to a tool (`decide`) or
//! goes on from the question before (`follow`). To teach a question: its words in `vocabulary`, a line in `tests`.

mod dates;
mod decide;
mod fits;
mod follow;
mod names;
mod phrases;
mod reading;
mod regions;
mod spelling;
#[cfg(test)]
mod tests;
mod text;
mod vocabulary;

use chrono::NaiveDate;

pub use self::fits::plan_fits;
use self::names::{Names, add};
use self::reading::{phrase, read};
use self::text::Word;
use self::vocabulary::Sign;
use super::plan::MOST_CALLS;
use super::{Call, Plan, Tool};

/// The names that a question may mention, as this installation has them and the asker may see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexicon {
    /// Names of accounts.
    pub accounts: Vec<String>,
    /// Region codes.
    pub regions: Vec<String>,
    /// Bundles: id and name.
    pub bundles: Vec<(String, String)>,
    /// Directories: id and name.
    pub directories: Vec<(String, String)>,
    /// States, running modes, compute types, as AWS names them.
    pub states: Vec<String>,
    /// Running modes.
    pub running_modes: Vec<String>,
    /// Compute types.
    pub compute_types: Vec<String>,
    /// Tags: key and value.
    pub tags: Vec<(String, String)>,
}

/// The plan for a question; `previous` is the plan of the question before, for such as "and in us-west-2?". `today` is the UTC day.
#[must_use]
pub fn plan(question: &str, lexicon: &Lexicon, today: NaiveDate, previous: Option<&Plan>) -> Option<Plan> {
    let names = Names::new(lexicon);
    let mut words = text::words(question)?;
    spelling::mend(&mut words, &names);
    let before: Vec<Call> = previous
        .map_or_else(Vec::new, |plan| plan.calls.iter().filter(|call| call.tool != Tool::Help).cloned().collect());
    let mut calls: Vec<Call> = Vec::new();
    for clause in clauses(&words) {
        let reading = read(clause, &names, today);
        if reading.is_empty() {
            continue;
        }
        // A second clause goes on from the first, not from the question before.
        let from = if calls.is_empty() { &before } else { &calls };
        for call in decide::calls(&reading, from, today)? {
            add(&mut calls, call);
        }
    }
    (1..=MOST_CALLS).contains(&calls.len()).then_some(Plan { calls })
}

/// The clauses: parted where a sentence ends, and at an "and" behind which something is asked or demanded anew.
fn clauses(words: &[Word]) -> Vec<&[Word]> {
    let asks = |at: usize| {
        phrase(words, at).is_some_and(|(signs, _)| {
            matches!(
                signs,
                [Sign::Count | Sign::Which | Sign::Show | Sign::Who | Sign::HowMuch | Sign::HowTo | Sign::HowIs, ..]
                    | [Sign::Demand, ..]
            )
        })
    };
    let mut clauses = Vec::new();
    let mut start = 0;
    for at in 0..words.len() {
        let ends = words[at].ends || words[at].text == "and" && at > start && asks(at + 1);
        if ends {
            let end = if words[at].ends { at + 1 } else { at };
            clauses.push(&words[start..end]);
            start = at + 1;
        }
    }
    if start < words.len() {
        clauses.push(&words[start..]);
    }
    clauses
}
