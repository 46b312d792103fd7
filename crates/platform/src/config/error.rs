//! What can be wrong with a configuration. All faults are gathered, so that one start names them all.

use std::fmt;

use serde::Serialize;

use super::Source;

/// One fault: which key, where it was written, what is wrong and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigError {
    /// Dotted key, such as `worker.concurrency`; empty where a whole file is meant.
    pub key: String,
    /// Where the value was written.
    pub source: Source,
    /// What is wrong. Never holds a secret.
    pub problem: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(f, "{}: {}; {}", self.source, self.problem, self.fix)
        } else {
            write!(f, "{} ({}): {}; {}", self.key, self.source, self.problem, self.fix)
        }
    }
}

/// Every fault of a configuration, in the order of the keys. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "the configuration has {count} {}:", if count == 1 { "fault" } else { "faults" })?;
        self.0.iter().try_for_each(|error| write!(f, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}
