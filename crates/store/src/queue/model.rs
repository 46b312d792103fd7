//! What goes into the queue, what comes out of it, and how it goes back.

use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::ids::{AccountId, JobId, Region, UserId};
use serde_json::Value;

use crate::entity::job;

/// A job to enqueue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its name, such as `sync-workspaces`.
    pub kind: String,
    /// What it is about, in words.
    pub subject: String,
    /// What it needs to know.
    pub payload: Value,
    /// Of jobs with the same key one waits or runs at a time.
    pub unique_key: Option<String>,
    /// Not before this moment; `None` for at once.
    pub run_at: Option<DateTime<Utc>>,
    /// The higher the sooner; 0 is usual.
    pub priority: i16,
    /// Failed attempts after which it is dead.
    pub max_attempts: i32,
    /// The account it works on.
    pub account_id: Option<AccountId>,
    /// The region of that account, when it works on one only: who may see that region may see it.
    pub region: Option<Region>,
    /// Who asks for it; `None` for the system.
    pub created_by: Option<UserId>,
    /// Who asks for it, as a name.
    pub created_by_name: String,
    /// The request that asks for it.
    pub request_id: Option<String>,
    /// The trace of that request, as in the header `traceparent`.
    pub trace: Option<String>,
}

impl NewJob {
    /// A job for at once, asked for by the system, with five attempts.
    #[must_use]
    pub fn new(kind: impl Into<String>, subject: impl Into<String>, payload: Value) -> Self {
        Self {
            kind: kind.into(),
            subject: subject.into(),
            payload,
            unique_key: None,
            run_at: None,
            priority: 0,
            max_attempts: 5,
            account_id: None,
            region: None,
            created_by: None,
            created_by_name: "system".to_owned(),
            request_id: None,
            trace: None,
        }
    }

    /// Somebody asks for it, in a request.
    pub fn asked_by(&mut self, actor: &Actor) {
        self.created_by = actor.user_id;
        self.created_by_name.clone_from(&actor.name);
        self.request_id.clone_from(&actor.origin.request_id);
        self.trace.clone_from(&actor.origin.trace);
    }
}

/// What became of a job to enqueue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits.
    New(JobId),
    /// One with its key waits or runs already.
    Existing(JobId),
}

impl Enqueued {
    /// The job that will do it.
    #[must_use]
    pub fn id(self) -> JobId {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }
}

/// The right to run a job: void as soon as another worker has claimed it or it was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub id: JobId,
    /// The worker that holds it.
    pub worker: String,
    /// Which claim this is: 1 is the first.
    pub claim: i32,
    /// Attempts that failed before this one.
    pub(crate) failed_attempts: i32,
    /// Failed attempts after which the job is dead.
    pub(crate) max_attempts: i32,
}

/// A job that was claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    /// The right to run it.
    pub lease: Lease,
    /// Its name, such as `sync-workspaces`.
    pub kind: String,
    /// What it is about, in words.
    pub subject: String,
    /// What it needs to know.
    pub payload: Value,
    /// What an earlier attempt saved.
    pub checkpoint: Option<Value>,
    /// The account it works on.
    pub account_id: Option<AccountId>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// Who asked for it, as a name.
    pub created_by_name: String,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// The trace of that request, as in the header `traceparent`.
    pub trace: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// From when on it could run: the wait of a job is counted from here.
    pub run_at: DateTime<Utc>,
    /// Which attempt this is, 1 the first; attempts that failed and this one.
    pub attempt: i32,
}

impl ClaimedJob {
    /// The job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.lease.id
    }

    pub(crate) fn from_row(row: job::Model, worker: &str) -> Self {
        Self {
            lease: Lease {
                id: JobId(row.id),
                worker: worker.to_owned(),
                claim: row.claim_number,
                failed_attempts: row.failed_attempts,
                max_attempts: row.max_attempts,
            },
            kind: row.kind,
            subject: row.subject,
            payload: row.payload,
            checkpoint: row.checkpoint,
            account_id: row.account_id.map(AccountId),
            created_by: row.created_by.map(UserId),
            created_by_name: row.created_by_name,
            request_id: row.request_id,
            trace: row.trace,
            created_at: row.created_at,
            run_at: row.run_at,
            attempt: row.failed_attempts + 1,
        }
    }
}

/// How a run ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Finish {
    /// Well.
    Done {
        /// What it gives.
        result: Option<Value>,
    },
    /// Badly; again after the back-off, as long as attempts are left.
    Retry {
        /// Why, for people.
        error: String,
    },
    /// Badly; again at a moment that is known to be right, as long as attempts are left.
    RetryAt {
        /// Not before this moment.
        at: DateTime<Utc>,
        /// Why, for people.
        error: String,
    },
    /// Badly, and trying again won't help.
    Fail {
        /// Why, for people.
        error: String,
    },
    /// It saw that somebody cancelled it, and stopped.
    Cancelled,
    /// The worker is shutting down: another one may take it at once. Costs no attempt.
    HandBack,
}

/// Whether the end of a run was taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It was; the job is in this state now.
    Saved(domain::jobs::JobState),
    /// The lease was void: somebody else runs or has ended the job, and nothing was changed.
    LostClaim,
}
