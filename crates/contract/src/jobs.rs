//! Jobs: list, detail, and the queue in numbers.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, JobId, WorkspaceId};
use domain::jobs::{AttemptOutcome, ItemOutcome, JobProgress, JobState, LogLevel};
use domain::workspace::WorkspaceOrder;
use serde::{Deserialize, Serialize};

/// Which jobs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct JobQuery {
    /// States, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Names, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: JobId,
    /// Its name, such as `sync-workspaces`.
    pub kind: String,
    /// What it is about, in words, such as `Demo · eu-central-1`.
    pub subject: String,
    /// Where it stands.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: JobState,
    /// How far it is.
    #[cfg_attr(feature = "openapi", schema(value_type = JobProgressSchema))]
    pub progress: JobProgress,
    /// Whether somebody asked to cancel it.
    pub cancel_requested: bool,
    /// How often it was begun.
    pub attempts: i32,
    /// How often it may fail before it is dead.
    pub max_attempts: i32,
    /// The account it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub account_id: Option<AccountId>,
    /// Who asked for it: an e-mail address or `system`.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Not before this moment.
    pub run_at: DateTime<Utc>,
    /// When its newest attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why its newest attempt failed, in words.
    pub error: Option<String>,
}

/// The queue in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobSummaryView {
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that failed for good and wait for a person's decision.
    pub dead: u64,
    /// Since when the job has been due that has waited longest for its turn; absent when none is due.
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// How long that is, seconds.
    pub oldest_due_secs: Option<u64>,
    /// The same by kind, by name; kinds without any such job are left out.
    pub kinds: Vec<JobKindCountsView>,
}

/// How many jobs of a kind stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobKindCountsView {
    /// The kind's name.
    pub kind: String,
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that failed for good.
    pub dead: u64,
}

/// The schema of a job's progress in the OpenAPI document; the shape is `domain::jobs::JobProgress`.
#[cfg(feature = "openapi")]
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = JobProgress)]
pub struct JobProgressSchema {
    /// Units done.
    pub done: i64,
    /// Units in all, when known.
    pub total: Option<i64>,
    /// What is going on, in words.
    pub note: String,
}

/// The furthest that [`JobItemQuery::offset`] leaps, items.
pub const MAX_ITEM_OFFSET: u32 = 1_000_000;

/// Which of an action's items to read with its job. With any of these they come a page at a time, in `items`, instead of all at once
/// in `result` or `so_far`; of jobs of other kinds nothing changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct JobItemQuery {
    /// What became of them, separated by commas: `failed`, `skipped`, `done`, `waiting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Items of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// How many items come before the page.
    #[cfg_attr(feature = "openapi", param(minimum = 0, maximum = 1_000_000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
}

/// One job in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobDetailView {
    /// The row of the list.
    pub job: JobView,
    /// What it reported, by kind: a sync's report, an action's items.
    pub result: Option<serde_json::Value>,
    /// What an action without a result did so far, in the shape of its result: the items whose outcome is known.
    pub so_far: Option<serde_json::Value>,
    /// A page of an action's items, where a page was asked for: then they are neither in `result` nor in `so_far`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<JobItemsView>,
    /// Its attempts, newest first.
    pub attempts: Vec<JobAttemptView>,
    /// The end of its log, oldest first, at most 500 lines.
    pub log: Vec<JobLogView>,
}

/// A page of an action's items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobItemsView {
    /// The items: those that failed first, then those that were skipped, done, and those that wait.
    pub rows: Vec<JobItemView>,
    /// How many come before the page.
    pub offset: u32,
    /// How many there are with the outcomes that were asked for.
    pub total: u64,
    /// How many there are of each outcome, whatever was asked for.
    pub counts: JobItemCountsView,
    /// What was to be done to them: `action`, beside its values; absent for who may not do it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<WorkspaceOrder>,
}

/// How many items of an action there are of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobItemCountsView {
    /// Refused, or of unknown end.
    pub failed: u64,
    /// The job ended before them.
    pub skipped: u64,
    /// Done.
    pub done: u64,
    /// Still to come.
    pub waiting: u64,
}

impl JobItemCountsView {
    /// How many of one outcome.
    #[must_use]
    pub fn of(&self, outcome: ItemOutcome) -> u64 {
        match outcome {
            ItemOutcome::Failed => self.failed,
            ItemOutcome::Skipped => self.skipped,
            ItemOutcome::Done => self.done,
            ItemOutcome::Waiting => self.waiting,
        }
    }

    /// How many in all.
    #[must_use]
    pub fn all(&self) -> u64 {
        ItemOutcome::ALL.iter().map(|outcome| self.of(*outcome)).sum()
    }
}

/// One item of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobItemView {
    /// The WorkSpace.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id, `ws-…`.
    pub aws_id: String,
    /// Its user; absent when there is no such WorkSpace, or you may not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// What became of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub outcome: ItemOutcome,
    /// Why it failed: AWS's code, or one of our own.
    pub code: Option<String>,
    /// Why it failed, in words.
    pub message: Option<String>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobAttemptView {
    /// Which one, from 1.
    pub number: i32,
    /// The worker that ran it.
    pub worker: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; absent while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended; absent while it runs.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub outcome: Option<AttemptOutcome>,
    /// Why it failed, in words.
    pub error: Option<String>,
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobLogView {
    /// When.
    pub at: DateTime<Utc>,
    /// How much it matters.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub level: LogLevel,
    /// The words.
    pub message: String,
}
