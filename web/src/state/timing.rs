//! Doing something a little later, and only once however often it was asked for.

use std::time::Duration;

use leptos::prelude::*;

/// Runs the newest of many requests after they have been quiet for a while.
#[derive(Clone, Copy)]
pub struct Debounce(StoredValue<Option<TimeoutHandle>>);

impl Debounce {
    /// A debounce of its own; what waits is dropped with the owner that made it.
    pub fn new() -> Self {
        let pending = StoredValue::new(None::<TimeoutHandle>);
        on_cleanup(move || {
            if let Some(Some(handle)) = pending.try_get_value() {
                handle.clear();
            }
        });
        Self(pending)
    }

    /// Runs `what` after `milliseconds` unless asked again before.
    pub fn run(self, milliseconds: u64, what: impl FnOnce() + 'static) {
        self.cancel();
        let handle = set_timeout_with_handle(what, Duration::from_millis(milliseconds)).ok();
        self.0.try_set_value(handle);
    }

    /// Runs `what` after `milliseconds` unless something waits already: many requests in a row make one run in each span,
    /// however long the row.
    pub fn soon(self, milliseconds: u64, what: impl FnOnce() + 'static) {
        if self.0.try_get_value().flatten().is_some() {
            return;
        }
        let run = move || {
            self.0.try_set_value(None);
            what();
        };
        self.0.try_set_value(set_timeout_with_handle(run, Duration::from_millis(milliseconds)).ok());
    }

    /// Forgets what waits.
    pub fn cancel(self) {
        if let Some(Some(handle)) = self.0.try_get_value() {
            handle.clear();
        }
    }
}
