//! How a run hears that it should stop, and why. Who tells it is [`super::JobQueue`]; what the run does about it is the
//! worker's business. To add a reason: a variant in [`StopReason`], and what the worker ends such a run with.

use tokio::sync::watch;

/// Why a run should stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled the job: end it with [`super::Finish::Cancelled`].
    Cancelled,
    /// The job is no longer this worker's, or may not be.
    Lost,
    /// The worker is shutting down: end it with [`super::Finish::HandBack`].
    Shutdown,
}

/// Tells a run that it should stop.
#[derive(Debug, Clone)]
pub struct StopSignal(pub(super) watch::Receiver<Option<StopReason>>);

impl StopSignal {
    /// Why the run should stop, if it should.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        *self.0.borrow()
    }

    /// Waits until it should.
    pub async fn stopped(&mut self) -> StopReason {
        match self.0.wait_for(Option::is_some).await.map(|reason| *reason) {
            Ok(Some(reason)) => reason,
            // The job has left this process's hands.
            Ok(None) | Err(_) => StopReason::Lost,
        }
    }
}
