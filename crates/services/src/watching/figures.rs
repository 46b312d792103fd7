//! Gauges made of what was read: pure.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::breaker::Standing;
use domain::cloud::CloudBreaker;
use store::repo::backups::ArchiveBackup;
use store::repo::jobs::QueueDepth;

use crate::backups::Newest;
use crate::data_sets::DataSets;

/// A data set, or a backup, is fresh while it is at most two periods old, and this.
const GRACE: Duration = Duration::from_secs(600);
/// How often the archived log gets a backup to begin with: full or differential, by `deploy/pgbackrest/entry`.
const DAY: Duration = Duration::from_secs(86_400);
/// What it can be.
const FRESHNESS: [&str; 3] = ["fresh", "stale", "never"];

/// A gauge with its labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Figure {
    name: &'static str,
    labels: Vec<(&'static str, String)>,
}

impl Figure {
    pub(super) fn new<const N: usize>(name: &'static str, labels: [(&'static str, &str); N]) -> Self {
        Self { name, labels: labels.map(|(label, value)| (label, value.to_owned())).to_vec() }
    }

    pub(super) fn set(&self, value: f64) {
        metrics::gauge!(self.name, &self.labels).set(value);
    }
}

/// Depth and age of the queue.
pub(super) fn queue(depths: &[QueueDepth], now: DateTime<Utc>) -> Vec<(Figure, f64)> {
    let both = |depth: &QueueDepth| {
        let labels = [("kind", depth.kind.as_str()), ("state", depth.state.as_str())];
        let age = depth.since.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
        [
            (Figure::new("wheelhouse_jobs", labels), depth.count as f64),
            (Figure::new("wheelhouse_job_age_seconds", labels), age),
        ]
    };
    depths.iter().flat_map(both).collect()
}

/// How many data sets of each kind are fresh, stale or never read, and the age of the oldest; what paid requests cost. Those
/// that nobody reads on a schedule do not count.
pub(super) fn data_sets(sets: &DataSets) -> Vec<(Figure, f64)> {
    let mut told = BTreeMap::new();
    for set in sets.items.iter().filter(|set| set.next_due.is_some()) {
        let kind = set.record.kind.as_str();
        let is = freshness(set.age_secs.map(Duration::from_secs), set.period);
        for state in FRESHNESS {
            let count =
                told.entry(Figure::new("wheelhouse_data_sets", [("kind", kind), ("state", state)])).or_default();
            *count += if state == is { 1.0 } else { 0.0 };
        }
        if let Some(age) = set.age_secs {
            let oldest: &mut f64 =
                told.entry(Figure::new("wheelhouse_data_set_age_seconds", [("kind", kind)])).or_default();
            *oldest = oldest.max(age as f64);
        }
    }
    for cost in &sets.spend {
        let service = [("rpc_service", cost.service.as_str())];
        *told.entry(Figure::new("wheelhouse_aws_paid_requests", service)).or_default() += cost.requests as f64;
        *told.entry(Figure::new("wheelhouse_aws_paid_usd", service)).or_default() += cost.amount_e10 as f64 / 1e10;
    }
    told.into_iter().collect()
}

/// How the newest backup stands, its age and its size.
pub(super) fn backup(newest: Option<Newest>, period: Duration, now: DateTime<Utc>) -> Vec<(Figure, f64)> {
    let age = newest.map(|newest| (now - newest.at).to_std().unwrap_or_default());
    let mut told = standing("wheelhouse_backup_state", freshness(age, period));
    told.extend(age.map(|age| (Figure::new("wheelhouse_backup_age_seconds", []), age.as_secs_f64())));
    told.extend(newest.map(|newest| (Figure::new("wheelhouse_backup_size_bytes", []), newest.bytes as f64)));
    told
}

/// Whether the database's log is not archived.
pub(super) fn archive(failing: bool) -> (Figure, f64) {
    (Figure::new("wheelhouse_archive_failing", []), if failing { 1.0 } else { 0.0 })
}

/// How the newest backup stands that the archived log continues, and its age.
pub(super) fn archive_backup(newest: ArchiveBackup, now: DateTime<Utc>) -> Vec<(Figure, f64)> {
    let age = newest.ended.map(|ended| (now - ended).to_std().unwrap_or_default());
    let mut told = standing("wheelhouse_archive_backup_state", freshness(age, DAY));
    told.extend(age.map(|age| (Figure::new("wheelhouse_archive_backup_age_seconds", []), age.as_secs_f64())));
    told
}

/// 1 for what it is, 0 for what else it could be.
fn standing(name: &'static str, is: &str) -> Vec<(Figure, f64)> {
    let told = FRESHNESS.map(|state| (Figure::new(name, [("state", state)]), if state == is { 1.0 } else { 0.0 }));
    told.to_vec()
}

fn freshness(age: Option<Duration>, period: Duration) -> &'static str {
    match age {
        None => "never",
        Some(age) if age <= period * 2 + GRACE => "fresh",
        Some(_) => "stale",
    }
}

/// How many breakers stand how: those before AWS by service and region, and that of the assistant's remote model where there is one.
pub(super) fn breakers(cloud: &[CloudBreaker], assistant: Option<Standing>) -> Vec<(Figure, f64)> {
    let mut groups: BTreeMap<(&str, &str), [f64; 3]> = BTreeMap::new();
    for breaker in cloud {
        let (service, _) = breaker.operation.split_once(':').unwrap_or((breaker.operation, ""));
        let counts = groups.entry((service, breaker.region.as_str())).or_default();
        for (count, one) in counts.iter_mut().zip(standings(breaker.standing)) {
            *count += one;
        }
    }
    let mut told = Vec::new();
    for ((service, region), counts) in groups {
        told.extend(Standing::ALL.iter().zip(counts).map(|(state, count)| {
            let labels =
                [("breaker", "aws"), ("state", state.as_str()), ("rpc_service", service), ("cloud_region", region)];
            (Figure::new("wheelhouse_breakers", labels), count)
        }));
    }
    if let Some(counts) = assistant.map(standings) {
        told.extend(Standing::ALL.iter().zip(counts).map(|(state, count)| {
            (Figure::new("wheelhouse_breakers", [("breaker", "assistant"), ("state", state.as_str())]), count)
        }));
    }
    told
}

/// One breaker, by how it stands.
fn standings(is: Standing) -> [f64; 3] {
    Standing::ALL.map(|state| if state == is { 1.0 } else { 0.0 })
}
