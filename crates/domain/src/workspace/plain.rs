//! A desktop's state in plain words, for whoever works on it: what it means and what happens next. Not AWS's words, which are
//! for those who run the fleet.
//! To add a state: its arm in [`plain_state`], and in [`plain_refusal`] where it stands against an action.

use super::rules::Refusal;
use super::{ConnectionState, RunningMode, WorkspaceAction, WorkspaceState};
use WorkspaceState as S;

/// A state in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainState {
    /// A few words, such as "Ready to use".
    pub headline: &'static str,
    /// What that means.
    pub meaning: String,
    /// What happens next, or what to do; `None` when there is nothing to say.
    pub next: Option<String>,
}

/// The state of a desktop in plain words. `auto_stop` is the time-out of AUTO_STOP, minutes.
#[must_use]
pub fn plain_state(
    state: &WorkspaceState,
    mode: Option<&RunningMode>,
    connection: Option<&ConnectionState>,
    auto_stop: Option<i32>,
) -> PlainState {
    let said = |headline, meaning: &str, next: Option<&str>| PlainState {
        headline,
        meaning: meaning.to_owned(),
        next: next.map(str::to_owned),
    };
    let soon = Some("This ends by itself. The page follows along.");
    match state {
        S::Available if connection == Some(&ConnectionState::Connected) => {
            said("In use", "The desktop is running and somebody is connected to it.", rest(mode, auto_stop).as_deref())
        }
        S::Available => {
            said("Ready to use", "The desktop is running. Connect with your client.", rest(mode, auto_stop).as_deref())
        }
        S::Stopped if mode == Some(&RunningMode::AlwaysOn) => {
            said("Stopped", "The desktop is stopped, though it should always run.", Some(ASK))
        }
        S::Stopped => said(
            "Stopped",
            "The desktop is stopped to save money. Your files and settings are kept.",
            Some("Starting takes a minute or two; programs that were open begin anew."),
        ),
        S::Starting => said("Starting", "The desktop is being started.", Some("It is ready in a minute or two.")),
        S::Stopping => {
            said("Stopping", "The desktop is being stopped.", Some("Once it has stopped, it can be started."))
        }
        S::Rebooting => said("Restarting", "The desktop is restarting.", Some("It is ready in a few minutes.")),
        S::Pending => said(
            "Being made",
            "The desktop is being made and is not there yet.",
            Some("This takes about 20 minutes. The page follows along."),
        ),
        S::Rebuilding => said("Being made anew", "The desktop is made anew from its image.", soon),
        S::Restoring => said("Being restored", "The desktop goes back to its last snapshot.", soon),
        S::Updating => said("Being changed", "Something about the desktop is being changed.", soon),
        S::Maintenance => said("Under maintenance", "AWS is maintaining the desktop.", soon),
        S::AdminMaintenance => said(
            "Under maintenance",
            "Those who run the fleet are working on the desktop.",
            Some("It can be used again when they are done."),
        ),
        S::Impaired => said("In trouble", "The desktop is running, but something is wrong with it.", Some(ASK)),
        S::Unhealthy => {
            said("Not answering", "The desktop is running, but does not answer.", Some("A restart often helps."))
        }
        S::Error => said("Failed", "The desktop can't be used now.", Some(ASK)),
        S::Suspended => said("Suspended", "The desktop can't be used: its image or licence has a problem.", Some(ASK)),
        S::Terminating => said("Being removed", "The desktop is being removed with everything on it.", None),
        S::Terminated => said("Removed", "The desktop is no longer there.", None),
        S::Other(_) => {
            said("In a state of its own", "AWS says something about the desktop that is new to us.", Some(ASK))
        }
    }
}

const ASK: &str = "If it stays like this, ask those who run the fleet.";

/// What becomes of a running desktop that nobody is connected to.
fn rest(mode: Option<&RunningMode>, auto_stop: Option<i32>) -> Option<String> {
    match (mode, auto_stop) {
        (Some(RunningMode::AutoStop), Some(minutes)) if minutes >= 60 && minutes % 60 == 0 => {
            let hours = minutes / 60;
            let plural = if hours == 1 { "hour" } else { "hours" };
            Some(format!("It stops by itself {hours} {plural} after you disconnect."))
        }
        (Some(RunningMode::AutoStop), Some(minutes)) => {
            Some(format!("It stops by itself {minutes} minutes after you disconnect."))
        }
        (Some(RunningMode::AutoStop), None) => Some("It stops by itself some time after you disconnect.".to_owned()),
        (Some(RunningMode::AlwaysOn), _) => Some("It runs all the time.".to_owned()),
        _ => None,
    }
}

/// Why an action can't be done now, in plain words.
#[must_use]
pub fn plain_refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::State { action, state, .. } => match (action, state) {
            (WorkspaceAction::Start, S::Available | S::Unhealthy | S::Impaired) => "It is running already.".to_owned(),
            (WorkspaceAction::Start, S::Starting) => "It is being started.".to_owned(),
            (WorkspaceAction::Stop, S::Stopped) => "It is stopped already.".to_owned(),
            (WorkspaceAction::Stop, S::Stopping) => "It is being stopped.".to_owned(),
            (WorkspaceAction::Reboot, S::Stopped) => "It is stopped: start it instead.".to_owned(),
            (action, state) => {
                let headline = plain_state(state, None, None, None).headline.to_lowercase();
                format!("Now it is {headline}: {} has to wait for that.", doing(*action))
            }
        },
        Refusal::RunningMode { action, .. } => {
            format!("It runs all the time, so that there is no {} it.", doing(*action))
        }
        Refusal::AdminMaintenance => "Those who run the fleet are working on it.".to_owned(),
        Refusal::Gone => "It is no longer there.".to_owned(),
        Refusal::Unchanged { .. } => "It is so already.".to_owned(),
        Refusal::VolumeSize { .. } => "AWS has no desktops with such volumes.".to_owned(),
        Refusal::ComputeFamily { .. } => "It can't be changed to that hardware.".to_owned(),
    }
}

const fn doing(action: WorkspaceAction) -> &'static str {
    match action {
        WorkspaceAction::Start => "starting",
        WorkspaceAction::Stop => "stopping",
        WorkspaceAction::Reboot => "restarting",
        WorkspaceAction::Rebuild => "making it anew",
        WorkspaceAction::Restore => "restoring",
        WorkspaceAction::Terminate => "removing",
        WorkspaceAction::SetRunningMode
        | WorkspaceAction::SetComputeType
        | WorkspaceAction::GrowVolume
        | WorkspaceAction::SetTags => "changing",
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::check;
    use super::*;

    #[test]
    fn every_state_is_said_in_words_that_are_not_aws_s() {
        for state in S::KNOWN.iter().cloned().chain([S::from("HIBERNATING")]) {
            for mode in [None, Some(RunningMode::AutoStop), Some(RunningMode::AlwaysOn)] {
                let plain = plain_state(&state, mode.as_ref(), None, Some(60));
                let next = plain.next.clone().unwrap_or_default();
                let text = format!("{} {} {next}", plain.headline, plain.meaning);
                assert!(!text.contains(state.as_str()) && !text.contains('_'), "{text}");
                assert!(plain.meaning.ends_with('.') && (next.is_empty() || next.ends_with('.')), "{text}");
            }
        }
    }

    #[test]
    fn a_running_desktop_says_when_it_stops() {
        let next = |mode, minutes| plain_state(&S::Available, Some(&mode), None, minutes).next.unwrap_or_default();
        assert_eq!(next(RunningMode::AutoStop, Some(60)), "It stops by itself 1 hour after you disconnect.");
        assert_eq!(next(RunningMode::AutoStop, Some(120)), "It stops by itself 2 hours after you disconnect.");
        assert_eq!(next(RunningMode::AutoStop, Some(90)), "It stops by itself 90 minutes after you disconnect.");
        assert_eq!(next(RunningMode::AlwaysOn, None), "It runs all the time.");
        let connected = plain_state(&S::Available, None, Some(&ConnectionState::Connected), None);
        assert_eq!((connected.headline, connected.next), ("In use", None));
    }

    #[test]
    fn every_refusal_has_a_reason_of_its_own() {
        for state in S::KNOWN {
            for action in WorkspaceAction::ALL {
                for mode in [RunningMode::AutoStop, RunningMode::AlwaysOn] {
                    let Err(refusal) = check(*action, state, Some(&mode)) else { continue };
                    let words = plain_refusal(&refusal);
                    assert!(words.ends_with('.') && !words.contains('_') && !words.contains(state.as_str()), "{words}");
                }
            }
        }
        let refused = check(WorkspaceAction::Reboot, &S::Stopped, None).unwrap_err();
        assert_eq!(plain_refusal(&refused), "It is stopped: start it instead.");
        let refused = check(WorkspaceAction::Stop, &S::Available, Some(&RunningMode::AlwaysOn)).unwrap_err();
        assert_eq!(plain_refusal(&refused), "It runs all the time, so that there is no stopping it.");
        let refused = check(WorkspaceAction::Start, &S::Rebuilding, None).unwrap_err();
        assert_eq!(plain_refusal(&refused), "Now it is being made anew: starting has to wait for that.");
    }
}
