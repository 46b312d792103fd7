//! Settings of what is done in the background: the worker, the syncs, and how AWS is asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[worker]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Jobs at the same time per process.
    pub concurrency: usize,
    /// Seconds between signs of life.
    pub heartbeat_seconds: u64,
    /// Seconds of silence after which a job is an orphan.
    pub orphan_after_seconds: u64,
    /// Seconds to finish after SIGTERM.
    pub drain_seconds: u64,
    /// Milliseconds between looks for due jobs.
    pub poll_milliseconds: u64,
}

impl WorkerConfig {
    /// `heartbeat_seconds` as a duration.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds)
    }

    /// `orphan_after_seconds` as a duration.
    pub fn orphan_after(&self) -> Duration {
        Duration::from_secs(self.orphan_after_seconds)
    }

    /// `drain_seconds` as a duration.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// `poll_milliseconds` as a duration.
    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_milliseconds)
    }
}

/// `[sync]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// Whether syncs run on their schedules.
    pub enabled: bool,
    /// Seconds between whole reads of a fleet.
    pub workspaces_period_seconds: u64,
    /// Seconds between reads of directories.
    pub directories_period_seconds: u64,
    /// Seconds between reads of who is connected.
    pub connection_status_period_seconds: u64,
    /// Seconds between reads of connected hours and daily measures.
    pub usage_period_seconds: u64,
    /// Seconds between reads of who did what.
    pub cloudtrail_period_seconds: u64,
    /// Seconds between reads of what was billed.
    pub billing_period_seconds: u64,
    /// Seconds between reads of prices.
    pub prices_period_seconds: u64,
    /// Seconds between reads of images.
    pub images_period_seconds: u64,
    /// Seconds between reads of quotas.
    pub quotas_period_seconds: u64,
    /// Seconds between runs of the housekeeping.
    pub prune_period_seconds: u64,
    /// Seconds between checkpoints of the audit log.
    pub audit_checkpoint_period_seconds: u64,
    /// Seconds between verifications of the whole audit log.
    pub audit_verify_period_seconds: u64,
    /// Seconds between backups.
    pub backup_period_seconds: u64,
    /// Seconds between reads of WorkSpaces in a passing state.
    pub fast_period_seconds: u64,
    /// Days of usage that are read of a WorkSpace seen for the first time.
    pub usage_backfill_days: u32,
    /// Whole months of costs that are read, beside the current one.
    pub billing_months: u32,
    /// Cost allocation tags by which costs are read.
    pub billing_tag_keys: Vec<String>,
    /// Whether CPU, memory, disks and latency are read for each day.
    pub usage_daily_measures: bool,
    /// WorkSpaces whose tags are read per run.
    pub tags_per_run: u32,
}

impl SyncConfig {
    /// `workspaces_period_seconds` as a duration.
    pub fn workspaces_period(&self) -> Duration {
        Duration::from_secs(self.workspaces_period_seconds)
    }

    /// `fast_period_seconds` as a duration.
    pub fn fast_period(&self) -> Duration {
        Duration::from_secs(self.fast_period_seconds)
    }
}

/// `[aws]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsConfig {
    /// Requests per second to each account, region and API.
    pub requests_per_second: f64,
    /// Requests that may be sent at once.
    pub burst: u32,
    /// Seconds one call may take with all its attempts.
    pub deadline_seconds: u64,
    /// Attempts per call, the first included.
    pub max_attempts: u32,
    /// Processes that are assumed at least while Redis is away.
    pub replicas_without_redis: u32,
}

impl AwsConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }
}
