//! What words of the trade say. The longest phrase wins; what is in no phrase is not understood.
//!
//! Phrases are in lower case, a hyphen is a blank. To teach a word: add it to the line of `phrases` whose
//! signs it has, and a question with it to the table of the tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::phrases::TABLE;
use crate::assistant::{Dimension, Help, Measure};
use crate::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};

/// Most words of a phrase.
pub(super) const LONGEST: usize = 7;

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Desktops.
    Workspaces,
    /// People who have one.
    People,
    /// Connected hours.
    Usage,
    /// What was billed.
    Cost,
    /// What will be billed.
    Forecast,
    /// What could be saved.
    Savings,
    /// What happened in AWS.
    Events,
    /// What was done in Wheelhouse.
    Audit,
    /// Jobs.
    Jobs,
    /// How fresh the data is.
    Freshness,
}

/// What a word or phrase says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// How many.
    Count,
    /// Which: a list is wanted, or the winner of an order.
    Which,
    /// Show them.
    Show,
    /// Who, whose.
    Who,
    /// How much: of money, unless something else is named.
    HowMuch,
    /// How it stands: by state.
    Standing,
    /// How is something done.
    HowTo,
    /// How something is.
    HowIs,
    /// By what rule a figure comes to be.
    Reckoned,
    /// What can be asked.
    HelpMe,
    /// What it is about.
    Topic(Topic),
    /// In what state.
    State(&'static [WorkspaceState]),
    /// In which running mode.
    Mode(RunningMode),
    /// With which hardware.
    Compute(ComputeType),
    /// Whether somebody is connected.
    Connection(ConnectionState),
    /// The next word says what figures are told apart by.
    By,
    /// A dimension.
    Dimension(Dimension),
    /// An end of an order.
    Measure(Measure),
    /// One period beside another.
    Compare,
    /// It goes on from the question before.
    Opener,
    /// What the question before was about.
    Pronoun,
    /// Perhaps what the question before was about: "how much did it cost?".
    It,
    /// Not.
    Not,
    /// It lies ahead.
    Ahead,
    /// Something is to be done. Never by the assistant.
    Demand,
    /// Where it is told how that is done.
    Page(Help),
    /// A tag.
    Tag,
    /// The states of a job, which are always told.
    JobState,
    /// Both ends of it hold.
    And,
    /// Being used, or having: "which WorkSpaces use the Linux bundle?".
    Use,
    /// Politeness, articles, prepositions.
    Nothing,
}

/// What a phrase says; `None` for one that is not understood.
pub(super) fn signs(phrase: &str) -> Option<&'static [Sign]> {
    PHRASES.get(phrase).copied()
}

/// Whether a word occurs in a phrase, so that it is spelt as it should be.
pub(super) fn is_word(word: &str) -> bool {
    SPELT.contains_key(word)
}

/// Words long enough that one wrong letter still leaves them plain, in order.
pub(super) fn long_words() -> impl Iterator<Item = &'static str> {
    SPELT.iter().filter(|(word, trade)| **trade && word.len() >= 6).map(|(word, _)| *word)
}

static PHRASES: LazyLock<HashMap<&'static str, &'static [Sign]>> =
    LazyLock::new(|| TABLE.iter().flat_map(|(signs, phrases)| phrases.split('|').map(|p| (p, *signs))).collect());

/// Every word of every phrase, and whether it is of the trade.
static SPELT: LazyLock<BTreeMap<&'static str, bool>> = LazyLock::new(|| {
    let mut spelt = BTreeMap::new();
    for (signs, phrases) in TABLE {
        for word in phrases.split(['|', ' ']) {
            *spelt.entry(word).or_insert(false) |= *signs != [Sign::Nothing];
        }
    }
    spelt
});
