//! What was asked of the simulator: one count per operation. Tests and the bench read it to see how many requests a
//! sync really made. It keeps no request bodies.

use std::{collections::BTreeMap, sync::Mutex};

use serde::Serialize;

/// Counts of one operation since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OperationCount {
    /// Requests that reached the operation, answered well or not.
    pub requests: u64,
    /// Of these, refused by the request limit or by a throttle fault.
    pub throttled: u64,
    /// Of these, answered with another error.
    pub failed: u64,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Answered,
    Throttled,
    Failed,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<&'static str, OperationCount>>);

impl Ledger {
    pub(crate) fn note(&self, operation: &'static str, ending: Ending) {
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = counts.entry(operation).or_default();
        count.requests += 1;
        match ending {
            Ending::Answered => {}
            Ending::Throttled => count.throttled += 1,
            Ending::Failed => count.failed += 1,
        }
    }

    pub(crate) fn counts(&self) -> BTreeMap<&'static str, OperationCount> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
