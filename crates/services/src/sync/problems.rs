//! Notes of a sync on what it could not read or understand, and what they mean for the run as a whole. Pure.

use std::collections::BTreeSet;

use domain::cloud::CloudError;
use domain::sync::{SyncOutcome, SyncProblem, SyncReport};
use domain::workspace::{ObservedBundle, ObservedConnection, ObservedWorkspace};

/// The code of a problem about a value that this version does not know.
pub const UNKNOWN_VALUE: &str = "unknown_value";

/// The code of a problem about items of an answer that were left out, while the rest is in.
pub const SKIPPED: &str = "skipped";

/// Most unknown values that are told apart in one run; a report stays small whatever AWS invents.
const MAX_UNKNOWN: usize = 50;

/// Values of AWS's that this version does not know, each told once.
#[derive(Debug, Default)]
pub struct UnknownValues {
    told: BTreeSet<String>,
}

impl UnknownValues {
    /// Notes what is unknown about a WorkSpace. Answers the new ones in words, for the job's log.
    pub fn workspace(&mut self, report: &mut SyncReport, seen: &ObservedWorkspace) -> Vec<String> {
        let mut new = Vec::new();
        let operation = "workspaces:DescribeWorkspaces";
        let mut look = |what: &str, known: bool, value: &str| {
            if !known {
                new.extend(self.note(report, operation, what, value));
            }
        };
        look("state", seen.state.is_known(), seen.state.as_str());
        if let Some(mode) = &seen.running_mode {
            look("running mode", mode.is_known(), mode.as_str());
        }
        if let Some(compute) = &seen.compute_type {
            look("compute type", compute.is_known(), compute.as_str());
        }
        if let Some(protocol) = &seen.protocol {
            look("protocol", protocol.is_known(), protocol.as_str());
        }
        new
    }

    /// Notes what is unknown about a bundle.
    pub fn bundle(&mut self, report: &mut SyncReport, seen: &ObservedBundle) -> Option<String> {
        let compute = seen.compute_type.as_ref().filter(|compute| !compute.is_known())?;
        self.note(report, "workspaces:DescribeWorkspaceBundles", "compute type", compute.as_str())
    }

    /// Notes what is unknown about a connection.
    pub fn connection(&mut self, report: &mut SyncReport, seen: &ObservedConnection) -> Option<String> {
        if seen.state.is_known() {
            return None;
        }
        let operation = "workspaces:DescribeWorkspacesConnectionStatus";
        self.note(report, operation, "connection state", seen.state.as_str())
    }

    fn note(&mut self, report: &mut SyncReport, operation: &str, what: &str, value: &str) -> Option<String> {
        let key = format!("{what}={value}");
        if self.told.contains(&key) || self.told.len() >= MAX_UNKNOWN {
            return None;
        }
        self.told.insert(key);
        let message = format!("AWS answered a {what} that this version does not know: {value}. It is kept as it came.");
        if report.problems.iter().any(|problem| problem.message == message) {
            // An earlier attempt told it.
            return None;
        }
        // The same operation and code would be counted as one; the values differ, so each has its own line.
        report.problems.push(SyncProblem {
            operation: operation.to_owned(),
            code: UNKNOWN_VALUE.to_owned(),
            message: message.clone(),
            missing_permission: None,
            count: 1,
        });
        Some(message)
    }
}

/// Whether AWS no longer accepts a continuation from an earlier attempt.
#[must_use]
pub fn token_refused(error: &CloudError) -> bool {
    matches!(error, CloudError::Refused { code, .. }
        if code.contains("InvalidParameter") || code.contains("Token") || code.contains("Validation"))
}

/// That `count` items of an answer were left out, and why.
#[must_use]
pub fn skipped(operation: &str, count: u64, why: &str) -> SyncProblem {
    SyncProblem {
        operation: operation.to_owned(),
        code: SKIPPED.to_owned(),
        message: why.to_owned(),
        missing_permission: None,
        count,
    }
}

/// Whether a run with this problem may still be whole: everything was read, and what could be understood is in.
#[must_use]
pub fn harmless(problem: &SyncProblem) -> bool {
    problem.code == UNKNOWN_VALUE || problem.code == SKIPPED
}

/// What the run amounts to: whole if nothing is missing, partial if something is, failed if nothing of what it is about was
/// read.
#[must_use]
pub fn outcome(report: &SyncReport, anything_read: bool) -> SyncOutcome {
    if report.problems.iter().all(harmless) {
        SyncOutcome::Whole
    } else if anything_read {
        SyncOutcome::Partial
    } else {
        SyncOutcome::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &str) -> SyncProblem {
        SyncProblem {
            operation: "workspaces:DescribeTags".into(),
            code: code.into(),
            message: String::new(),
            missing_permission: None,
            count: 1,
        }
    }

    #[test]
    fn unknown_values_don_t_make_a_run_partial_but_missing_reads_do() {
        let mut report = SyncReport::default();
        assert_eq!(outcome(&report, true), SyncOutcome::Whole);
        report.problems.push(problem(UNKNOWN_VALUE));
        report.problems.push(problem(SKIPPED));
        assert_eq!(outcome(&report, true), SyncOutcome::Whole);
        report.problems.push(problem("denied"));
        assert_eq!(outcome(&report, true), SyncOutcome::Partial);
        assert_eq!(outcome(&report, false), SyncOutcome::Failed);
    }

    #[test]
    fn refused_tokens_are_told_from_other_refusals() {
        let refused = |code: &str| CloudError::Refused {
            operation: "workspaces:DescribeWorkspaces".into(),
            code: code.into(),
            reason: String::new(),
        };
        assert!(token_refused(&refused("InvalidParameterValuesException")));
        assert!(token_refused(&refused("InvalidPaginationTokenException")));
        assert!(!token_refused(&refused("OperationNotSupportedException")));
    }
}
