//! What the page says of hours, and which look a state has. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use contract::desktop::MyDesktopView;
use domain::requests::{RequestKind, RequestStatus};
use domain::workspace::rules::in_transition;
use domain::workspace::{WorkspaceAction, WorkspaceState as S};

use crate::components::ui::badge::{Glyph, Tone};
use crate::format::thousands;

/// The meaning and shape of a desktop's state.
pub fn look(state: &S) -> (Tone, Glyph) {
    match state {
        S::Available => (Tone::Success, Glyph::Tick),
        S::Stopped => (Tone::Neutral, Glyph::Ring),
        S::Impaired | S::Unhealthy => (Tone::Warning, Glyph::Bars),
        S::Error | S::Suspended | S::Terminated | S::Terminating => (Tone::Danger, Glyph::Cross),
        moving if in_transition(moving) => (Tone::Info, Glyph::Ring),
        _ => (Tone::Neutral, Glyph::Bars),
    }
}

/// What an action is called here.
pub fn action_words(action: WorkspaceAction) -> &'static str {
    match action {
        WorkspaceAction::Start => "Start",
        WorkspaceAction::Stop => "Stop",
        WorkspaceAction::Reboot => "Restart",
        // Those who run the fleet do these.
        other => other.verb(),
    }
}

/// This month's time, such as "7 h 30 min"; `None` for who may not see usage.
pub fn connected(desktop: &MyDesktopView) -> Option<String> {
    let minutes = desktop.minutes?;
    Some(match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{} h", thousands(hours)),
        (hours, minutes) => format!("{} h {minutes} min", thousands(hours)),
    })
}

/// The month that hours are of, with how far they are known: a moment that `in_full` writes on the reader's clock.
pub fn known(month: NaiveDate, to: Option<DateTime<Utc>>, in_full: impl Fn(DateTime<Utc>) -> String) -> String {
    let name = month.format("%B %Y");
    match to {
        Some(to) if to.date_naive() >= month => format!("in {name}, known up to {}", in_full(to)),
        _ => format!("in {name}; not all of it was read yet"),
    }
}

/// The meaning and shape of how a request stands.
pub fn status_look(status: RequestStatus) -> (Tone, Glyph, &'static str) {
    match status {
        RequestStatus::Open => (Tone::Info, Glyph::Ring, "Open"),
        RequestStatus::Withdrawn => (Tone::Neutral, Glyph::Cross, "Withdrawn"),
    }
}

/// The kinds to choose from: those about a desktop only for who has one.
pub fn kinds(desktops: bool) -> Vec<(String, String)> {
    let about = |kind: &RequestKind| matches!(kind, RequestKind::OtherBundle | RequestKind::Rebuild);
    let all = RequestKind::ALL.iter().filter(|kind| desktops || !about(kind));
    all.map(|kind| (kind.as_str().to_owned(), kind.words().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_look_of_its_own_meaning() {
        assert_eq!(look(&S::Available).0, Tone::Success);
        assert_eq!(look(&S::Starting).0, Tone::Info);
        assert_eq!(look(&S::Suspended).0, Tone::Danger);
        assert_eq!(look(&S::from("HIBERNATING")).0, Tone::Neutral);
    }

    #[test]
    fn what_is_known_of_a_month_is_said() {
        let month: NaiveDate = "2026-11-01".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
        let tokyo = |at: DateTime<Utc>| (at + chrono::TimeDelta::hours(9)).format("%Y/%m/%d %H:%M JST").to_string();
        assert_eq!(
            known(month, at("2026-11-21T08:05:00Z"), tokyo),
            "in November 2026, known up to 2026/11/21 17:05 JST"
        );
        for to in [None, at("2026-10-31T23:00:00Z")] {
            assert_eq!(known(month, to, tokyo), "in November 2026; not all of it was read yet");
        }
    }

    #[test]
    fn who_has_no_desktop_is_not_offered_a_rebuild() {
        let offered = |desktops| kinds(desktops).into_iter().map(|(value, _)| value).collect::<Vec<_>>();
        assert_eq!(offered(false), ["new_desktop", "other"]);
        assert_eq!(offered(true).len(), RequestKind::ALL.len());
    }
}
