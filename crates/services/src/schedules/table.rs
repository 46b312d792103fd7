//! The only table of schedules: what runs by itself, how often unless somebody says otherwise, and what one tick starts.
//! To add one: a variant of [`SyncKind`] (or of [`Schedule`], when it is no sync), its key in `[sync]` of the configuration,
//! its line in [`Schedule::configured_period`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::sync::SyncKind;
use platform::config::SyncConfig;
use store::queue::NewJob;
use store::repo::accounts::AccountRecord;
use store::repo::schedules::ScheduleRecord;

use super::ticks;
use crate::audit::{AuditCheckpointJob, AuditVerifyJob};
use crate::backups::BackupJob;
use crate::context::Policy;
use crate::jobs::PruneJob;
use crate::sync::sync_jobs;

/// The longest period that can be set, seconds: 31 days.
const LONGEST: u64 = 31 * 24 * 3600;
/// The longest period between checkpoints of the audit log, seconds: a day.
const LONGEST_CHECKPOINT: u64 = 24 * 3600;
/// The least period that can be set, seconds.
const LEAST: u64 = 60;
/// The least period of reading the fleet, seconds, as in the configuration.
const LEAST_FLEET: u64 = 5;
/// The housekeeping waits for everything that somebody waits for.
const PRUNE_PRIORITY: i16 = -10;
/// A checkpoint, or a backup, is worth the more the sooner it is made.
const CHECKPOINT_PRIORITY: i16 = 5;

/// A schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// A sync, of each place of each enabled account.
    Sync(SyncKind),
    /// The housekeeping.
    Prune,
    /// The signed checkpoint of the audit log.
    AuditCheckpoint,
    /// The verification of the whole audit log.
    AuditVerify,
    /// The backup; only where a folder is configured for it.
    Backup,
}

impl Schedule {
    /// Every schedule. The fleet comes first: a new account's other syncs ask about what it brings in.
    pub fn all() -> impl Iterator<Item = Self> {
        SyncKind::ALL.iter().copied().map(Self::Sync).chain([
            Self::Prune,
            Self::AuditCheckpoint,
            Self::AuditVerify,
            Self::Backup,
        ])
    }

    /// Its name: that of the jobs that it starts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync(kind) => kind.as_str(),
            Self::Prune => PruneJob::NAME,
            Self::AuditCheckpoint => AuditCheckpointJob::NAME,
            Self::AuditVerify => AuditVerifyJob::NAME,
            Self::Backup => BackupJob::NAME,
        }
    }

    /// The schedule of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|schedule| schedule.name() == name)
    }

    /// What it brings in, when it is a sync.
    #[must_use]
    pub const fn kind(self) -> Option<SyncKind> {
        match self {
            Self::Sync(kind) => Some(kind),
            Self::Prune | Self::AuditCheckpoint | Self::AuditVerify | Self::Backup => None,
        }
    }

    /// Whether this installation has it.
    #[must_use]
    pub const fn is_here(self, policy: &Policy) -> bool {
        !matches!(self, Self::Backup) || policy.backup.config.dir.is_some()
    }

    /// Whether it keeps watch over the audit log.
    #[must_use]
    pub const fn watches_the_log(self) -> bool {
        matches!(self, Self::AuditCheckpoint | Self::AuditVerify)
    }

    /// The period that the configuration asks for.
    #[must_use]
    pub const fn configured_period(self, config: &SyncConfig) -> Duration {
        Duration::from_secs(match self {
            Self::Sync(SyncKind::Workspaces) => config.workspaces_period_seconds,
            Self::Sync(SyncKind::Directories) => config.directories_period_seconds,
            Self::Sync(SyncKind::Connections) => config.connection_status_period_seconds,
            Self::Sync(SyncKind::Usage) => config.usage_period_seconds,
            Self::Sync(SyncKind::CloudTrail) => config.cloudtrail_period_seconds,
            Self::Sync(SyncKind::Billing) => config.billing_period_seconds,
            Self::Sync(SyncKind::Prices) => config.prices_period_seconds,
            Self::Sync(SyncKind::Images) => config.images_period_seconds,
            Self::Sync(SyncKind::Quotas) => config.quotas_period_seconds,
            Self::Prune => config.prune_period_seconds,
            Self::AuditCheckpoint => config.audit_checkpoint_period_seconds,
            Self::AuditVerify => config.audit_verify_period_seconds,
            Self::Backup => config.backup_period_seconds,
        })
    }

    /// The least and the longest period that somebody can set, seconds.
    #[must_use]
    pub const fn bounds(self) -> (u64, u64) {
        match self {
            Self::Sync(SyncKind::Workspaces) => (LEAST_FLEET, LONGEST),
            Self::AuditCheckpoint => (LEAST, LONGEST_CHECKPOINT),
            _ => (LEAST, LONGEST),
        }
    }

    /// Whether it ticks in this installation. What is no sync does where syncs are switched off too: what people ask for, and
    /// its logs, would be kept for ever, and what they do would be signed by nobody.
    #[must_use]
    pub const fn enabled(self, policy: &Policy) -> bool {
        self.is_here(policy) && (policy.sync.enabled || self.kind().is_none())
    }

    /// What one tick starts, each with the name under which its tick is taken.
    #[must_use]
    pub fn jobs(self, accounts: &[AccountRecord]) -> Vec<(String, NewJob)> {
        match self {
            Self::Sync(kind) => accounts
                .iter()
                .filter(|account| account.enabled)
                .flat_map(|account| sync_jobs(account, &[kind]))
                .map(|job| (job.unique_key.clone().unwrap_or_default(), job))
                .collect(),
            Self::Prune => alone(self, "Housekeeping", PRUNE_PRIORITY),
            Self::AuditCheckpoint => alone(self, "Audit log: signed checkpoint", CHECKPOINT_PRIORITY),
            Self::AuditVerify => alone(self, "Audit log: verification", PRUNE_PRIORITY),
            Self::Backup => alone(self, "Backup", CHECKPOINT_PRIORITY),
        }
    }

    /// Whether a tick of that name is one of this schedule's.
    #[must_use]
    pub fn owns(self, tick: &str) -> bool {
        tick.strip_prefix(self.name()).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

/// The one job of a schedule that belongs to no account.
fn alone(schedule: Schedule, subject: &str, priority: i16) -> Vec<(String, NewJob)> {
    let mut job = NewJob::new(schedule.name(), subject, serde_json::json!({}));
    job.unique_key = Some(schedule.name().to_owned());
    job.priority = priority;
    vec![(schedule.name().to_owned(), job)]
}

/// What holds for a schedule: what the configuration says, and what somebody changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The schedule.
    pub schedule: Schedule,
    /// The period that holds.
    pub period: Duration,
    /// Whether somebody paused it.
    pub paused: bool,
    /// Whether it ticks in this installation.
    pub enabled: bool,
}

impl Setting {
    /// What holds for each schedule.
    #[must_use]
    pub fn all(policy: &Policy, changes: &[ScheduleRecord]) -> Vec<Self> {
        Schedule::all()
            .map(|schedule| Self::of(schedule, policy, changes.iter().find(|change| change.name == schedule.name())))
            .collect()
    }

    /// What holds for one.
    #[must_use]
    pub fn of(schedule: Schedule, policy: &Policy, change: Option<&ScheduleRecord>) -> Self {
        let set = change.and_then(|change| change.period_secs).filter(|secs| *secs > 0);
        Self {
            schedule,
            period: set
                .map_or_else(|| schedule.configured_period(&policy.sync), |secs| Duration::from_secs(secs.into())),
            paused: change.is_some_and(|change| change.paused),
            enabled: schedule.enabled(policy),
        }
    }

    /// Whether it ticks now.
    #[must_use]
    pub fn ticks(&self) -> bool {
        self.enabled && !self.paused
    }

    /// Its next tick; `None` while there is none.
    #[must_use]
    pub fn next_tick(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.ticks().then(|| ticks::next_tick(now, self.period))
    }
}
