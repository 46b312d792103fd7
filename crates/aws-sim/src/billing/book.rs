//! The bills of whole regions, by month, kept once they are computed.
//!
//! A month's bill depends on nothing after its horizon, so it stays right until the horizon moves; bills of past months
//! stay for good. By tags, a bill is also computed again when somebody changes tags: tags count as they are now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Clock, Month,
    charges::{Account, Days, MOST_DAYS, Sum, Usage},
    explore::{Period, Question},
};
use crate::{
    fleet::{Fleet, model::Desktop, view::Watch},
    pricing::tariff::Edition,
    rng::hash,
    simulator::Simulator,
};

/// A bill with more lines is not kept.
const MOST_KEPT: usize = 20_000;
/// From how many desktops on it pays to share the work.
const MANY: usize = 2_000;

/// One usage (with one combination of tags) and its days.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) usage: Usage,
    /// Values of the tag keys asked for, in their order.
    pub(crate) tags: Vec<Option<String>>,
    pub(crate) days: Days,
}

/// A month of a region.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    account: String,
    region: String,
    month: Month,
    tag_keys: Vec<String>,
}

/// A bill and what it was computed for.
#[derive(Debug)]
struct Kept {
    horizon: i64,
    /// The tags' fingerprint.
    tags: u64,
    bill: Arc<Bill>,
}

/// So many answers of Cost Explorer are kept for their next pages.
const ANSWERS: usize = 3;

/// All bills computed so far.
#[derive(Debug, Default)]
pub(crate) struct Books {
    bills: Mutex<HashMap<Key, Kept>>,
    /// The last answers by question, the newest first.
    answers: Mutex<Vec<(String, Arc<Vec<Period>>)>>,
}

impl Books {
    /// The answer to a question, computed once for all its pages.
    pub(crate) fn answer(&self, simulator: &Simulator, question: &Question<'_>) -> Arc<Vec<Period>> {
        let clock = Clock { now: simulator.now().timestamp() };
        let tags = if question.tag_keys().is_empty() {
            0
        } else {
            let regions = simulator.0.options.regions.iter();
            regions
                .fold(0_u64, |sum, region| sum.rotate_left(9) ^ fingerprint(&simulator.fleet(question.account, region)))
        };
        // What is booked and what is final changes with the horizon alone.
        let key = format!("{question:?}|{}|{tags}", clock.horizon());
        let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = answers().iter().find(|(asked, _)| *asked == key) {
            return Arc::clone(known);
        }
        let made = Arc::new(question.answer(simulator));
        let mut answers = answers();
        answers.insert(0, (key, Arc::clone(&made)));
        answers.truncate(ANSWERS);
        made
    }

    /// The bill of a month; `tag_keys` split it further.
    pub(crate) fn month(
        &self,
        simulator: &Simulator,
        account: &str,
        region: &str,
        month: Month,
        tag_keys: &[String],
    ) -> Arc<Bill> {
        let watch = simulator.watch(region);
        let clock = Clock { now: watch.now_ms.div_euclid(1_000) };
        let horizon = clock.horizon().min(month.end());
        let fleet = simulator.fleet(account, region);
        let tags_now = if tag_keys.is_empty() { 0 } else { fingerprint(&fleet) };
        let key = Key { account: account.to_owned(), region: region.to_owned(), month, tag_keys: tag_keys.to_vec() };
        if let Some(kept) = self.lock().get(&key)
            && (kept.horizon, kept.tags) == (horizon, tags_now)
        {
            return Arc::clone(&kept.bill);
        }
        let bill = Arc::new(Bill { lines: compute(&fleet, &watch, month, horizon, tag_keys) });
        if bill.lines.len() <= MOST_KEPT {
            self.lock().insert(key, Kept { horizon, tags: tags_now, bill: Arc::clone(&bill) });
        }
        bill
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Kept>> {
        self.bills.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Differs when somebody has changed tags.
fn fingerprint(fleet: &Fleet) -> u64 {
    let changed = fleet.changed_tags.iter();
    changed.fold(1, |sum: u64, (id, tags)| sum.wrapping_add(hash(0, &format!("{id}{tags:?}"))))
}

/// What a desktop pays in a month.
pub(crate) fn charges_of(
    fleet: &Fleet,
    desktop: &Desktop,
    watch: &Watch,
    month: Month,
    horizon: i64,
) -> Vec<(Usage, Days)> {
    let edition = Edition::of(fleet.bundle_of(desktop).kind.operating_system);
    let account = Account { region: &fleet.region, month, horizon, edition };
    account.of(&fleet.history(desktop, watch))
}

fn compute(fleet: &Fleet, watch: &Watch, month: Month, horizon: i64, tag_keys: &[String]) -> Vec<Line> {
    let desktops: Vec<&Desktop> = fleet.everyone().collect();
    let part = |desktops: &[&Desktop]| {
        let mut sums: HashMap<(Usage, Vec<Option<String>>), Days> = HashMap::new();
        for desktop in desktops {
            let charges = charges_of(fleet, desktop, watch, month, horizon);
            if charges.is_empty() {
                continue;
            }
            let mut tags = if tag_keys.is_empty() { Default::default() } else { fleet.tags_of_desktop(desktop) };
            let values: Vec<Option<String>> = tag_keys.iter().map(|key| tags.remove(key)).collect();
            for (usage, days) in charges {
                add(sums.entry((usage, values.clone())).or_insert([Sum::default(); MOST_DAYS]), &days);
            }
        }
        sums
    };
    let mut sums = if desktops.len() < MANY {
        part(&desktops)
    } else {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let parts: Vec<_> = std::thread::scope(|scope| {
            let share = desktops.len().div_ceil(threads);
            let running: Vec<_> = desktops.chunks(share).map(|chunk| scope.spawn(|| part(chunk))).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let mut sums = HashMap::new();
        for (key, days) in parts.into_iter().flatten() {
            add(sums.entry(key).or_insert([Sum::default(); MOST_DAYS]), &days);
        }
        sums
    };
    let mut lines: Vec<Line> = sums.drain().map(|((usage, tags), days)| Line { usage, tags, days }).collect();
    lines.sort_by(|a, b| (a.usage, &a.tags).cmp(&(b.usage, &b.tags)));
    lines
}

fn add(to: &mut Days, more: &Days) {
    for (to, more) in to.iter_mut().zip(more) {
        *to += *more;
    }
}
