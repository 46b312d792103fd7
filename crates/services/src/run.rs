//! What a running job may do and say: the handle through which a reconciler reports ([`RunHandle`]) and how it ends badly
//! ([`JobError`]). The worker implements the handle over the queue, tests over a list. Not the queue itself (`store::queue`).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::cloud::CloudError;
use domain::ids::JobId;
use domain::jobs::LogLevel;
use platform::mail::MailError;
use platform::vault::VaultError;
use serde_json::Value;
use store::{StoreError, Tx};

/// How a job's attempt ends when it does not end well. The one who knows the error decides what becomes of the job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Try again after the queue's back-off, as long as attempts are left.
    #[error("{message}")]
    Retry {
        /// Why, for people.
        message: String,
        /// The cause, for the log.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Try again at a moment that is known to be right.
    #[error("{message}")]
    RetryAt {
        /// Not before this moment.
        at: DateTime<Utc>,
        /// Why, for people.
        message: String,
    },
    /// Trying again won't help.
    #[error("{message}")]
    Fail {
        /// Why, for people.
        message: String,
    },
    /// It saw that it should stop, and stopped.
    #[error("cancelled")]
    Cancelled,
}

impl JobError {
    /// Trying again won't help, because of this.
    pub fn fail(message: impl Into<String>) -> Self {
        Self::Fail { message: message.into() }
    }

    /// Try again later, because of this.
    pub fn retry(message: impl Into<String>) -> Self {
        Self::Retry { message: message.into(), source: None }
    }

    /// What kind of error it is: one of few words.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::RetryAt { .. } => "retry_at",
            Self::Fail { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Retry { message: "the database failed".to_owned(), source: Some(Box::new(error)) }
    }
}

impl From<VaultError> for JobError {
    fn from(error: VaultError) -> Self {
        // Whoever runs the installation mends it; until then trying again changes nothing.
        Self::fail(error.to_string())
    }
}

impl From<MailError> for JobError {
    fn from(error: MailError) -> Self {
        let message = error.to_string();
        if error.retryable() { Self::Retry { message, source: Some(Box::new(error)) } } else { Self::Fail { message } }
    }
}

impl From<CloudError> for JobError {
    fn from(error: CloudError) -> Self {
        let message = error.to_string();
        if error.is_transient() { Self::Retry { message, source: None } } else { Self::Fail { message } }
    }
}

/// A running job, as the code it runs sees it.
#[async_trait]
pub trait RunHandle: Send + Sync {
    /// The job: effects are keyed by it.
    fn job_id(&self) -> JobId;

    /// Whether it should stop: somebody asked to cancel it, its worker shuts down or no longer holds it. Seen within two
    /// seconds.
    fn cancelled(&self) -> bool;

    /// When it should stop: whether it will be taken up again elsewhere, so that nothing must be closed.
    fn handed_back(&self) -> bool;

    /// Says how far it is. Cheap to call often: it is written at most four times a second, the last one always.
    async fn progress(&self, done: u64, total: Option<u64>, note: &str);

    /// Adds a line to the job's log.
    async fn log(&self, level: LogLevel, message: &str);

    /// What an earlier attempt saved last.
    fn checkpoint(&self) -> Option<Value>;

    /// Saves where a next attempt goes on, in the transaction of what it has just done.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] when the job is no longer this worker's: drop the transaction then.
    async fn save_checkpoint(&self, tx: &Tx, checkpoint: &Value) -> Result<(), JobError>;

    /// Ok while nobody asked to cancel it.
    ///
    /// # Errors
    /// [`JobError::Cancelled`].
    fn check(&self) -> Result<(), JobError> {
        if self.cancelled() { Err(JobError::Cancelled) } else { Ok(()) }
    }
}
