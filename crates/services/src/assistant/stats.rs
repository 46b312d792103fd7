//! How often each level spoke, failed and was refused, for those who run the installation. Counted by day; nobody's name and
//! nothing that was asked is in it.

use chrono::{Days, NaiveDate};
use domain::access::{Actor, Permission};
use domain::assistant::{Level, LevelFailure};
use store::repo::assistant::{LevelCount, assistant_level_add, assistant_level_counts};
use store::{StoreError, Tx};

use super::AssistantError;
use crate::Context;

/// The level phrased an answer.
const ANSWERED: &str = "answered";
/// A sentence of the level was refused.
const SENTENCE_REFUSED: &str = "sentence_refused";

/// How often each level spoke or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssistantStats {
    /// Days counted, today included.
    pub days: u32,
    /// By level, best first.
    pub levels: Vec<LevelStats>,
}

impl AssistantStats {
    /// Answers in all.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.levels.iter().map(|level| level.answers).sum()
    }
}

/// How often a level spoke or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelStats {
    /// The level.
    pub level: Level,
    /// Answers it phrased.
    pub answers: u64,
    /// Its sentences that were refused.
    pub refused_sentences: u64,
    /// How often it failed, by reason.
    pub failures: Vec<(LevelFailure, u64)>,
}

/// What to count of one answer.
#[derive(Debug, Default)]
pub(super) struct Tally(Vec<LevelCount>);

impl Tally {
    pub(super) fn answered(&mut self, level: Level) {
        self.add(level, ANSWERED, 1);
    }

    /// A level that is not there did not fail.
    pub(super) fn failed(&mut self, level: Level, reason: LevelFailure) {
        if reason != LevelFailure::NotConfigured {
            self.add(level, reason.as_str(), 1);
        }
    }

    pub(super) fn refused(&mut self, level: Level, sentences: u64) {
        if sentences > 0 {
            self.add(level, SENTENCE_REFUSED, sentences);
        }
    }

    fn add(&mut self, level: Level, outcome: &str, count: u64) {
        self.0.push(LevelCount { level, outcome: outcome.to_owned(), count });
    }

    /// Adds it to the day. In one order for everybody, so that nobody waits in a circle.
    pub(super) async fn write(mut self, tx: &Tx, day: NaiveDate) -> Result<(), StoreError> {
        self.0.sort_by(|one, other| (one.level, &one.outcome).cmp(&(other.level, &other.outcome)));
        for counted in &self.0 {
            assistant_level_add(tx, day, counted).await?;
        }
        Ok(())
    }
}

/// How often each level spoke or failed in the last `days` days, today included.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::Store`].
pub async fn fetch_stats(ctx: &Context, actor: &Actor, days: u32) -> Result<AssistantStats, AssistantError> {
    actor.require_everywhere(Permission::SystemRead)?;
    let today = ctx.env.now().date_naive();
    let from = today.checked_sub_days(Days::new(days.saturating_sub(1).into())).unwrap_or(NaiveDate::MIN);
    let counts = assistant_level_counts(&ctx.db, from).await?;
    let levels = Level::ALL.iter().map(|level| {
        let of = |outcome: &str| {
            counts.iter().find(|one| one.level == *level && one.outcome == outcome).map_or(0, |one| one.count)
        };
        let failures = LevelFailure::ALL.iter().map(|reason| (*reason, of(reason.as_str())));
        LevelStats {
            level: *level,
            answers: of(ANSWERED),
            refused_sentences: of(SENTENCE_REFUSED),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
        }
    });
    Ok(AssistantStats { days, levels: levels.collect() })
}
