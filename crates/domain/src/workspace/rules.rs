//! Guards: what AWS would refuse, known before asking it. Source: the WorkSpaces API reference of StartWorkspaces,
//! StopWorkspaces and RebootWorkspaces (the states each accepts), and AWS.md.
//! To add an action: a variant in [`WorkspaceAction`], a row in [`accepted_states`], its cases below.

use super::{RunningMode, WorkspaceAction, WorkspaceState};
use WorkspaceState as S;

/// Why an action can't be done. `Display` is a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state does not allow it.
    #[error("it is {state}; {action} needs {accepted}")]
    State {
        /// What was asked.
        action: WorkspaceAction,
        /// The state it is in.
        state: WorkspaceState,
        /// The states it would need, as words.
        accepted: String,
    },
    /// The running mode does not allow it.
    #[error("its running mode is {mode}; {action} works only with AUTO_STOP or MANUAL")]
    RunningMode {
        /// What was asked.
        action: WorkspaceAction,
        /// The mode it has.
        mode: String,
    },
    /// Under an administrator's maintenance everything is refused.
    #[error("it is in ADMIN_MAINTENANCE, which refuses every action until an administrator ends it")]
    AdminMaintenance,
    /// It is no longer there.
    #[error("it is gone from AWS")]
    Gone,
}

impl Refusal {
    /// A stable code for the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::State { .. } => "wrong_state",
            Self::RunningMode { .. } => "wrong_running_mode",
            Self::AdminMaintenance => "admin_maintenance",
            Self::Gone => "gone",
        }
    }
}

/// The states in which AWS accepts the action.
#[must_use]
pub fn accepted_states(action: WorkspaceAction) -> &'static [WorkspaceState] {
    match action {
        WorkspaceAction::Start => &[S::Stopped],
        WorkspaceAction::Stop => &[S::Available, S::Impaired, S::Unhealthy, S::Error],
        WorkspaceAction::Reboot => &[S::Available, S::Unhealthy, S::Rebooting],
    }
}

/// Whether AWS would accept the action now.
///
/// # Errors
/// The [`Refusal`] that explains why not.
pub fn check(action: WorkspaceAction, state: &WorkspaceState, mode: Option<&RunningMode>) -> Result<(), Refusal> {
    if *state == S::AdminMaintenance {
        return Err(Refusal::AdminMaintenance);
    }
    if *state == S::Terminated {
        return Err(Refusal::Gone);
    }
    let accepted = accepted_states(action);
    if !accepted.contains(state) {
        let accepted = accepted.iter().map(S::as_str).collect::<Vec<_>>().join(" or ");
        return Err(Refusal::State { action, state: state.clone(), accepted });
    }
    let mode_matters = matches!(action, WorkspaceAction::Start | WorkspaceAction::Stop);
    match mode {
        Some(mode) if mode_matters && !matches!(mode, RunningMode::AutoStop | RunningMode::Manual) => {
            Err(Refusal::RunningMode { action, mode: mode.to_string() })
        }
        _ => Ok(()),
    }
}

/// The state AWS shows right after it accepted the action.
#[must_use]
pub fn state_after(action: WorkspaceAction) -> WorkspaceState {
    match action {
        WorkspaceAction::Start => S::Starting,
        WorkspaceAction::Stop => S::Stopping,
        WorkspaceAction::Reboot => S::Rebooting,
    }
}

/// Whether the state is on its way to another by itself, so that it is worth looking again soon.
#[must_use]
pub fn in_transition(state: &WorkspaceState) -> bool {
    matches!(
        state,
        S::Pending
            | S::Rebooting
            | S::Starting
            | S::Rebuilding
            | S::Restoring
            | S::Terminating
            | S::Updating
            | S::Stopping
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of AWS.md, written out once more by hand: state × action for an AUTO_STOP WorkSpace.
    #[test]
    fn guards_follow_the_table() {
        for state in S::KNOWN {
            let allowed: Vec<_> = WorkspaceAction::ALL
                .iter()
                .copied()
                .filter(|&a| check(a, state, Some(&RunningMode::AutoStop)).is_ok())
                .collect();
            let expected: &[WorkspaceAction] = match state.as_str() {
                "STOPPED" => &[WorkspaceAction::Start],
                "AVAILABLE" | "UNHEALTHY" => &[WorkspaceAction::Stop, WorkspaceAction::Reboot],
                "IMPAIRED" | "ERROR" => &[WorkspaceAction::Stop],
                "REBOOTING" => &[WorkspaceAction::Reboot],
                _ => &[],
            };
            assert_eq!(allowed, expected, "{state}");
        }
    }

    #[test]
    fn always_on_is_neither_started_nor_stopped_but_reboots() {
        let mode = Some(&RunningMode::AlwaysOn);
        assert!(matches!(check(WorkspaceAction::Stop, &S::Available, mode), Err(Refusal::RunningMode { .. })));
        assert!(matches!(check(WorkspaceAction::Start, &S::Stopped, mode), Err(Refusal::RunningMode { .. })));
        assert_eq!(check(WorkspaceAction::Reboot, &S::Available, mode), Ok(()));
    }

    #[test]
    fn unknown_states_are_refused_with_their_name() {
        let refusal = check(WorkspaceAction::Stop, &S::from("HIBERNATING"), None).unwrap_err();
        assert_eq!(refusal.to_string(), "it is HIBERNATING; stop needs AVAILABLE or IMPAIRED or UNHEALTHY or ERROR");
    }
}
