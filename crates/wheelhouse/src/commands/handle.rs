//! A run handle for work that no queue knows of: nobody else can take it, and what it says goes to the terminal.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ids::JobId;
use domain::jobs::LogLevel;
use serde_json::Value;
use services::run::{JobError, RunHandle};
use store::Tx;
use tokio_util::sync::CancellationToken;

use crate::output;

/// Progress is said at most this often.
const PROGRESS: Duration = Duration::from_secs(5);

/// The handle of one piece of work, over all its attempts.
pub(super) struct Handle {
    id: JobId,
    stop: CancellationToken,
    what: String,
    said: Mutex<Said>,
}

/// What is being counted, since when, and when it was said last.
struct Said {
    note: String,
    from: (u64, Instant),
    at: Instant,
}

impl Handle {
    pub(super) fn new(id: JobId, stop: CancellationToken, what: String) -> Self {
        let now = Instant::now();
        Self { id, stop, what, said: Mutex::new(Said { note: String::new(), from: (0, now), at: now }) }
    }
}

impl Said {
    /// The line to say now, if it is time.
    fn say(&mut self, done: u64, note: &str, now: Instant) -> Option<String> {
        if self.note != note {
            // Something else is counted now.
            (self.note, self.from) = (note.to_owned(), (0, self.at.max(self.from.1)));
        }
        if now < self.at + PROGRESS {
            return None;
        }
        self.at = now;
        let seconds = (now - self.from.1).as_secs_f64();
        Some(format!("{done} {note} ({:.0}/s)", rate(done - self.from.0.min(done), seconds)))
    }
}

/// How many a second; 0 before any time has passed.
pub(super) fn rate(count: u64, seconds: f64) -> f64 {
    // Counts are far below where a float is no longer exact.
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

#[async_trait]
impl RunHandle for Handle {
    fn job_id(&self) -> JobId {
        self.id
    }

    fn cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn handed_back(&self) -> bool {
        false
    }

    async fn progress(&self, done: u64, _: Option<u64>, note: &str) {
        let line = self.said.lock().unwrap_or_else(PoisonError::into_inner).say(done, note, Instant::now());
        if let Some(line) = line {
            output::note(format_args!("{}: {line}", self.what));
        }
    }

    async fn log(&self, level: LogLevel, message: &str) {
        if level != LogLevel::Info {
            output::note(format_args!("{}: {message}", self.what));
        }
    }

    fn checkpoint(&self) -> Option<Value> {
        None
    }

    /// There is no lease to lose.
    async fn save_checkpoint(&self, _: &Tx, _: &Value) -> Result<(), JobError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_said_now_and_then_with_its_rate() {
        let start = Instant::now();
        let mut said = Said { note: String::new(), from: (0, start), at: start };
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(said.say(100, "rows", at(1)), None);
        assert_eq!(said.say(1000, "rows", at(10)).as_deref(), Some("1000 rows (100/s)"));
        assert_eq!(said.say(1400, "rows", at(14)), None);
        // Another count begins where the last was said.
        assert_eq!(said.say(50, "other rows", at(20)).as_deref(), Some("50 other rows (5/s)"));
    }
}
