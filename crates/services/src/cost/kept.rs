//! Estimates of whole accounts that are kept by the process that reckoned them: half a second of work for ten thousand WorkSpaces,
//! which pages, groups and the comparison with the bill then share.
//!
//! What is kept is only given out while the account is in the very state it was reckoned of ([`EstimateVersion`], read at each
//! question), so it is never older than the question. It is reckoned once however many ask: the others wait, and take what was begun
//! after they had asked, or holds still. It is kept for ten minutes at most, for those who write without a mark: an older release while
//! one is rolled out, a backup that was brought back. And it is bounded: what nobody asked for longest goes first.
//!
//! The key is an account and the days, never who asks: scopes are applied to what comes out (`reckoned`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ids::AccountId;
use store::repo::estimate_marks::EstimateVersion;
use tokio::sync::Mutex as Turn;

use super::error::CostError;
use super::estimate::Frame;
use super::reckoned::Rows;

/// How long an estimate is kept.
const LASTS: Duration = Duration::from_secs(600);
/// WorkSpaces in all that is kept, of some 250 bytes each: about 75 MB. Three estimates of a large fleet are wanted at once: the
/// month's, that of as many days of the month before, and the one beside the bill.
const MOST: usize = 300_000;
/// What an estimate counts for beside its WorkSpaces.
const ITSELF: usize = 100;

/// Of what: an account, and the days.
type Key = (AccountId, Frame);

/// The estimates. Cloning is cheap; all clones are one.
#[derive(Clone, Default)]
pub struct KeptEstimates(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Counts questions and beginnings, in their order.
    count: u64,
    by_key: HashMap<Key, Entry>,
}

struct Entry {
    /// When it was last asked for.
    asked: u64,
    weight: usize,
    /// Whoever reckons it has the turn.
    estimate: Arc<Turn<Option<Kept>>>,
}

struct Kept {
    /// The state it was reckoned of; `None` when that changed meanwhile.
    version: Option<EstimateVersion>,
    began: u64,
    made_at: Instant,
    rows: Rows,
}

impl Kept {
    /// Whether it answers a question that was put then, of an account in that state.
    fn answers(&self, asked: u64, version: EstimateVersion, now: Instant) -> bool {
        self.began > asked || (self.version == Some(version) && now.duration_since(self.made_at) < LASTS)
    }
}

impl KeptEstimates {
    /// What is kept of an account in that state, or what `make` reckons now: with whether the account stayed in it meanwhile.
    pub(super) async fn get(
        &self,
        key: Key,
        version: EstimateVersion,
        make: impl Future<Output = Result<(Rows, bool), CostError>>,
    ) -> Result<Rows, CostError> {
        let (asked, estimate) = self.entries().ask(key);
        let mut kept = estimate.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.answers(asked, version, Instant::now())) {
            return Ok(Arc::clone(&kept.rows));
        }
        let (began, made_at) = (self.entries().number(), Instant::now());
        let (rows, stayed) = make.await?;
        *kept = Some(Kept { version: stayed.then_some(version), began, made_at, rows: Arc::clone(&rows) });
        drop(kept);
        self.entries().weigh(&key, rows.len());
        Ok(rows)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Notes a question: its number, and where the answer is.
    fn ask(&mut self, key: Key) -> (u64, Arc<Turn<Option<Kept>>>) {
        let asked = self.number();
        let entry = self.by_key.entry(key).or_insert_with(|| Entry {
            asked,
            weight: ITSELF,
            estimate: Arc::new(Turn::new(None)),
        });
        entry.asked = asked;
        let estimate = Arc::clone(&entry.estimate);
        self.make_room();
        (asked, estimate)
    }

    /// Notes of how many WorkSpaces an estimate is. One that has no room by itself is not kept.
    fn weigh(&mut self, key: &Key, rows: usize) {
        let weight = ITSELF + rows;
        if weight > MOST {
            self.by_key.remove(key);
        } else if let Some(entry) = self.by_key.get_mut(key) {
            entry.weight = weight;
            self.make_room();
        }
    }

    /// Drops what nobody asked for longest until the rest has room.
    fn make_room(&mut self) {
        while self.by_key.values().map(|entry| entry.weight).sum::<usize>() > MOST {
            let Some(oldest) = self.by_key.iter().min_by_key(|(_, entry)| entry.asked).map(|(key, _)| *key) else {
                return;
            };
            self.by_key.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests;
