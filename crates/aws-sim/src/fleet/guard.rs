//! Which command a desktop takes in which state: AWS's own guards, as an error code and a sentence per refused item.
//!
//! It changes nothing. A new operation on desktops gets a variant of [`Act`] and its line in [`Act::takes`].

use super::model::{RunningMode, State};

/// What can be asked of a desktop in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Start,
    Stop,
    Reboot,
    Rebuild,
    Restore,
    Terminate,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Act {
    fn takes(self, state: State) -> bool {
        use State::{AdminMaintenance, Available, Error, Impaired, Rebooting, Stopped, Suspended, Unhealthy};
        match self {
            Self::Start => state == Stopped,
            Self::Stop => matches!(state, Available | Impaired | Unhealthy | Error),
            Self::Reboot => matches!(state, Available | Unhealthy | Rebooting),
            Self::Rebuild => matches!(state, Available | Error | Unhealthy | Stopped | Rebooting),
            Self::Restore => matches!(state, Available | Error | Unhealthy | Stopped),
            Self::Terminate => !matches!(state, Suspended | AdminMaintenance),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Stop => "stopped",
            Self::Reboot => "rebooted",
            Self::Rebuild => "rebuilt",
            Self::Restore => "restored",
            Self::Terminate => "terminated",
        }
    }

    /// Whether AWS would do it.
    pub(crate) fn check(self, state: State, mode: RunningMode) -> Result<(), Refusal> {
        let refusal = |message| Err(Refusal { code: "OperationNotSupportedException", message });
        if matches!(self, Self::Start | Self::Stop) && mode == RunningMode::AlwaysOn {
            return refusal(format!(
                "A WorkSpace with the running mode ALWAYS_ON cannot be {}. Change its running mode to AUTO_STOP first.",
                self.word()
            ));
        }
        if self.takes(state) {
            Ok(())
        } else {
            refusal(format!("The WorkSpace cannot be {} in the state {}.", self.word(), state.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_those_of_aws() {
        use State::*;
        let all = [
            Pending,
            Available,
            Impaired,
            Unhealthy,
            Rebooting,
            Starting,
            Rebuilding,
            Restoring,
            Maintenance,
            AdminMaintenance,
            Terminating,
            Suspended,
            Updating,
            Stopping,
            Stopped,
            Error,
        ];
        let taken = |act: Act| -> Vec<State> {
            all.into_iter().filter(|state| act.check(*state, RunningMode::AutoStop).is_ok()).collect()
        };
        assert_eq!(taken(Act::Start), [Stopped]);
        assert_eq!(taken(Act::Stop), [Available, Impaired, Unhealthy, Error]);
        assert_eq!(taken(Act::Reboot), [Available, Unhealthy, Rebooting]);
        assert_eq!(taken(Act::Rebuild), [Available, Unhealthy, Rebooting, Stopped, Error]);
        assert_eq!(taken(Act::Restore), [Available, Unhealthy, Stopped, Error]);
        let refused: Vec<_> = all.into_iter().filter(|s| !taken(Act::Terminate).contains(s)).collect();
        assert_eq!(refused, [AdminMaintenance, Suspended]);
        assert!(Act::Stop.check(Available, RunningMode::AlwaysOn).is_err());
        assert!(Act::Start.check(Stopped, RunningMode::Manual).is_ok());
        assert!(Act::Reboot.check(Available, RunningMode::AlwaysOn).is_ok());
    }
}
