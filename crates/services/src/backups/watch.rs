//! Work that blocks, on a thread of its own, watched from outside: how far it is, whether it should stop, whether it takes too
//! long. A program that it waits for is ended with it.

use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::BackupError;
use crate::run::RunHandle;

/// How often it is looked whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is looked whether a program has ended.
const ENDED: Duration = Duration::from_millis(10);

const GO_ON: u8 = 0;
const CANCELLED: u8 = 1;
const LATE: u8 = 2;

/// What the work says, and what it is told.
#[derive(Debug, Default)]
pub(super) struct Watch {
    bytes: AtomicU64,
    stop: AtomicU8,
    child: Mutex<Option<Child>>,
    minutes: u64,
}

impl Watch {
    pub(super) fn new(minutes: u64) -> Arc<Self> {
        Arc::new(Self { minutes, ..Self::default() })
    }

    /// So many more bytes went through. Says when to stop.
    pub(super) fn went(&self, bytes: usize) -> Result<(), BackupError> {
        self.bytes.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.check()
    }

    /// Ok while nobody said stop.
    pub(super) fn check(&self) -> Result<(), BackupError> {
        match self.stop.load(Ordering::Relaxed) {
            GO_ON => Ok(()),
            LATE => Err(BackupError::Deadline(self.minutes)),
            _ => Err(BackupError::Cancelled),
        }
    }

    /// A program to be ended when the work is.
    pub(super) fn adopt(&self, child: Child) {
        *self.child() = Some(child);
        if self.check().is_err() {
            self.kill();
        }
    }

    /// Waits for the program's end.
    pub(super) fn ended(&self) -> std::io::Result<ExitStatus> {
        loop {
            let status = self.child().as_mut().map_or(Err(std::io::ErrorKind::NotFound.into()), Child::try_wait)?;
            match status {
                Some(status) => return Ok(status),
                None => std::thread::sleep(ENDED),
            }
        }
    }

    /// Ends the program, if there is one.
    pub(super) fn kill(&self) {
        if let Some(child) = self.child().as_mut() {
            // One that has ended meanwhile is what was wanted.
            drop(child.kill());
            drop(child.wait());
        }
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, stop: u8) {
        if self.stop.compare_exchange(GO_ON, stop, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.kill();
        }
    }

    /// Runs the work to its end.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        handle: &dyn RunHandle,
        note: &'static str,
        work: impl FnOnce(&Self) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, BackupError> {
        let (watch, begun) = (Arc::clone(self), Instant::now());
        let limit = Duration::from_secs(self.minutes.saturating_mul(60));
        // Whoever gives up waiting stops the work too.
        let _stops = StopsWhenDropped(Arc::clone(self));
        let mut work = tokio::task::spawn_blocking(move || work(&watch));
        loop {
            tokio::select! {
                done = &mut work => {
                    let result = done.unwrap_or(Err(BackupError::Cancelled));
                    // What a stop broke is a stop, whatever it looked like from inside.
                    return match (result, self.check()) {
                        (Err(_), Err(stopped)) => Err(stopped),
                        (result, _) => result,
                    };
                }
                () = tokio::time::sleep(LOOK) => {
                    if handle.cancelled() {
                        self.tell(CANCELLED);
                    } else if begun.elapsed() > limit {
                        self.tell(LATE);
                    }
                    handle.progress(self.bytes.load(Ordering::Relaxed), None, note).await;
                }
            }
        }
    }
}

struct StopsWhenDropped(Arc<Watch>);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.0.tell(CANCELLED);
    }
}
