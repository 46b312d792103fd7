//! Guards: what AWS would refuse, known before asking it. Source: the WorkSpaces API reference of StartWorkspaces,
//! StopWorkspaces, RebootWorkspaces, RebuildWorkspaces, RestoreWorkspace and TerminateWorkspaces (the states each accepts), the
//! guide's page on modifying a WorkSpace, and AWS.md. What depends on the values of an order is in [`super::order`].
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
    /// It is already as it shall be.
    #[error("it is so already: {now}")]
    Unchanged {
        /// As it is.
        now: String,
    },
    /// AWS has no such sizes, or volumes would have to shrink.
    #[error("{reason}")]
    VolumeSize {
        /// Why not, in words.
        reason: String,
    },
    /// From a compute type with graphics to one without, or the other way round.
    #[error("it is {now}; AWS does not change between compute types with and without graphics, such as {wanted}")]
    ComputeFamily {
        /// The compute type it has.
        now: String,
        /// The one that was asked for.
        wanted: String,
    },
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
            Self::Unchanged { .. } => "unchanged",
            Self::VolumeSize { .. } => "volume_size",
            Self::ComputeFamily { .. } => "compute_family",
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
        WorkspaceAction::Rebuild => &[S::Available, S::Error, S::Unhealthy, S::Stopped, S::Rebooting],
        WorkspaceAction::Restore => &[S::Available, S::Error, S::Unhealthy, S::Stopped],
        WorkspaceAction::Terminate => ALL_BUT_SUSPENDED,
        WorkspaceAction::SetRunningMode => &[S::Available, S::Stopped, S::Impaired, S::Unhealthy, S::Error],
        WorkspaceAction::SetComputeType | WorkspaceAction::GrowVolume => &[S::Available, S::Stopped],
        WorkspaceAction::SetTags => WorkspaceState::KNOWN,
    }
}

/// What terminating takes. ADMIN_MAINTENANCE refuses everything, and of what is terminated nothing is left.
const ALL_BUT_SUSPENDED: &[WorkspaceState] = &[
    S::Pending,
    S::Available,
    S::Impaired,
    S::Unhealthy,
    S::Rebooting,
    S::Starting,
    S::Rebuilding,
    S::Restoring,
    S::Maintenance,
    S::Terminating,
    S::Updating,
    S::Stopping,
    S::Stopped,
    S::Error,
];

/// Whether AWS would accept the action now.
///
/// # Errors
/// The [`Refusal`] that explains why not.
pub fn check(action: WorkspaceAction, state: &WorkspaceState, mode: Option<&RunningMode>) -> Result<(), Refusal> {
    if *state == S::Terminated {
        return Err(Refusal::Gone);
    }
    if action == WorkspaceAction::SetTags {
        // Tags are beside the WorkSpace: no state stands against them.
        return Ok(());
    }
    if *state == S::AdminMaintenance {
        return Err(Refusal::AdminMaintenance);
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

/// The state AWS shows right after it accepted the action; `None` where it stays in the one it has.
#[must_use]
pub fn state_after(action: WorkspaceAction) -> Option<WorkspaceState> {
    match action {
        WorkspaceAction::Start => Some(S::Starting),
        WorkspaceAction::Stop => Some(S::Stopping),
        WorkspaceAction::Reboot => Some(S::Rebooting),
        WorkspaceAction::Rebuild => Some(S::Rebuilding),
        WorkspaceAction::Restore => Some(S::Restoring),
        WorkspaceAction::Terminate => Some(S::Terminating),
        WorkspaceAction::SetComputeType => Some(S::Updating),
        WorkspaceAction::SetRunningMode | WorkspaceAction::GrowVolume | WorkspaceAction::SetTags => None,
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
    use WorkspaceAction as A;

    /// The table of AWS.md, written out once more by hand: state × action for an AUTO_STOP WorkSpace.
    #[test]
    fn guards_follow_the_table() {
        for state in S::KNOWN {
            let allowed: Vec<_> = WorkspaceAction::ALL
                .iter()
                .copied()
                .filter(|&a| check(a, state, Some(&RunningMode::AutoStop)).is_ok())
                .collect();
            let mut expected = match state.as_str() {
                "STOPPED" => vec![A::Start, A::Rebuild, A::Restore, A::Terminate, A::SetRunningMode],
                "AVAILABLE" | "UNHEALTHY" => {
                    vec![A::Stop, A::Reboot, A::Rebuild, A::Restore, A::Terminate, A::SetRunningMode]
                }
                "ERROR" => vec![A::Stop, A::Rebuild, A::Restore, A::Terminate, A::SetRunningMode],
                "IMPAIRED" => vec![A::Stop, A::Terminate, A::SetRunningMode],
                "REBOOTING" => vec![A::Reboot, A::Rebuild, A::Terminate],
                "SUSPENDED" | "ADMIN_MAINTENANCE" | "TERMINATED" => vec![],
                _ => vec![A::Terminate],
            };
            if matches!(state.as_str(), "AVAILABLE" | "STOPPED") {
                expected.extend([A::SetComputeType, A::GrowVolume]);
            }
            if *state != S::Terminated {
                expected.push(A::SetTags);
            }
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
