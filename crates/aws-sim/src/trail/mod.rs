//! CloudTrail's memory: who did what, newest first, ninety days back.
//!
//! Two sources, told as one. What the simulator itself answered is written down request by request (`live.rs`). What
//! happened without it is drawn day by day from the seed (`drawn.rs`): creations, terminations and changes of shape of
//! the drawn fleet at their true times, and administrators' everyday work. Days are made when somebody asks for them
//! and those that are over are kept, so that a page costs a page. `LookupEvents` itself is in `ops/trail.rs`. A new kind
//! of drawn event gets a variant of [`drawn::Kind`] and its words in `record.rs`.

pub(crate) mod drawn;
pub(crate) mod live;
pub(crate) mod people;
pub(crate) mod record;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::simulator::Simulator;
use drawn::{Drawn, Subjects};
use live::Live;

const DAY_MS: i64 = 86_400_000;

/// An event of either kind.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Drawn(Drawn),
    Live(Arc<Live>),
}

impl Entry {
    /// Unix milliseconds.
    pub(crate) fn at_ms(&self) -> i64 {
        match self {
            Self::Drawn(drawn) => drawn.at_ms,
            Self::Live(live) => live.at_ms,
        }
    }
}

#[derive(Debug, Default)]
struct Place {
    live: Vec<Arc<Live>>,
    subjects: Option<Arc<Subjects>>,
    /// Days that are over, by days since 1970.
    days: HashMap<i64, Arc<Vec<Entry>>>,
}

/// The events of all accounts and regions.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<HashMap<(String, String), Place>>);

impl Trail {
    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a request down.
    pub(crate) fn note(&self, account: &str, region: &str, live: Live) {
        let mut places = self.lock();
        let place = places.entry((account.to_owned(), region.to_owned())).or_default();
        // A day that was thought to be over gets one more, when the clock was put back.
        place.days.remove(&live.at_ms.div_euclid(DAY_MS));
        place.live.push(Arc::new(live));
    }

    /// What the drawn events of a place are about.
    pub(crate) fn subjects(&self, simulator: &Simulator, account: &str, region: &str) -> Arc<Subjects> {
        let key = (account.to_owned(), region.to_owned());
        if let Some(known) = self.lock().get(&key).and_then(|place| place.subjects.clone()) {
            return known;
        }
        let made = Arc::new(Subjects::of(simulator, account, region));
        self.lock().entry(key).or_default().subjects = Some(Arc::clone(&made));
        made
    }

    /// All events of a UTC day (days since 1970) that have happened by now, the oldest first.
    pub(crate) fn day(&self, simulator: &Simulator, account: &str, region: &str, day: i64) -> Arc<Vec<Entry>> {
        let key = (account.to_owned(), region.to_owned());
        if let Some(known) = self.lock().get(&key).and_then(|place| place.days.get(&day).cloned()) {
            return known;
        }
        let now_ms = simulator.now().timestamp_millis();
        let subjects = self.subjects(simulator, account, region);
        let mut entries: Vec<Entry> = drawn::day(simulator, &subjects, account, region, day)
            .into_iter()
            .filter(|drawn| drawn.at_ms <= now_ms)
            .map(Entry::Drawn)
            .collect();
        let mut places = self.lock();
        let place = places.entry(key).or_default();
        let (from, to) = (day * DAY_MS, (day + 1) * DAY_MS);
        let live = place.live.iter().filter(|live| (from..to).contains(&live.at_ms));
        entries.extend(live.cloned().map(Entry::Live));
        // Stable: of the same moment, what was written down first is first.
        entries.sort_by_key(Entry::at_ms);
        let entries = Arc::new(entries);
        if to <= now_ms {
            place.days.insert(day, Arc::clone(&entries));
        }
        entries
    }
}
