//! Badges: a state as colour, shape and word together, so that none has to be told by colour alone.

use domain::jobs::JobState;
use domain::sync::SyncOutcome;
use domain::workspace::{ConnectionState, WorkspaceState, rules};
use leptos::prelude::*;

use crate::format::{aws_words, sentence};

/// A meaning; the palette has one colour for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Success,
    /// Moving.
    Info,
    /// Wants a look.
    Warning,
    /// Failed.
    Danger,
    /// At rest.
    #[default]
    Neutral,
    /// The house's own colour: a number, not a judgement.
    Accent,
}

impl Tone {
    /// The name in the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Neutral => "neutral",
            Self::Accent => "accent",
        }
    }
}

/// A shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Glyph {
    /// A full disc: on.
    #[default]
    Disc,
    /// A ring: off or not known.
    Ring,
    /// A square: stopped.
    Square,
    /// An open ring that turns: on its way.
    Turning,
    /// A triangle: trouble.
    Triangle,
    /// A cross: failed.
    Cross,
    /// Two bars: held.
    Bars,
    /// A tick: done.
    Tick,
    /// A dash: ended.
    Dash,
}

/// The meaning and shape of a WorkSpace's state.
pub fn workspace_look(state: &WorkspaceState) -> (Tone, Glyph) {
    use WorkspaceState as S;
    match state {
        S::Available => (Tone::Success, Glyph::Disc),
        S::Stopped => (Tone::Neutral, Glyph::Square),
        S::Impaired | S::Unhealthy => (Tone::Warning, Glyph::Triangle),
        S::Error => (Tone::Danger, Glyph::Cross),
        S::Suspended => (Tone::Danger, Glyph::Bars),
        S::Maintenance | S::AdminMaintenance => (Tone::Warning, Glyph::Bars),
        S::Terminated => (Tone::Neutral, Glyph::Dash),
        moving if rules::in_transition(moving) => (Tone::Info, Glyph::Turning),
        _ => (Tone::Neutral, Glyph::Ring),
    }
}

/// The meaning and shape of a job's state.
pub fn job_look(state: JobState) -> (Tone, Glyph) {
    match state {
        JobState::Queued => (Tone::Neutral, Glyph::Ring),
        JobState::Running => (Tone::Info, Glyph::Turning),
        JobState::Done => (Tone::Success, Glyph::Tick),
        JobState::Dead => (Tone::Danger, Glyph::Cross),
        JobState::Cancelled => (Tone::Neutral, Glyph::Dash),
    }
}

/// The meaning and shape of a sync's outcome.
pub fn sync_look(outcome: SyncOutcome) -> (Tone, Glyph) {
    match outcome {
        SyncOutcome::Running => (Tone::Info, Glyph::Turning),
        SyncOutcome::Whole => (Tone::Success, Glyph::Tick),
        SyncOutcome::Partial => (Tone::Warning, Glyph::Triangle),
        SyncOutcome::Failed => (Tone::Danger, Glyph::Cross),
        SyncOutcome::Cancelled => (Tone::Neutral, Glyph::Dash),
    }
}

/// The meaning and shape of a connection.
pub fn connection_look(state: &ConnectionState) -> (Tone, Glyph) {
    match state {
        ConnectionState::Connected => (Tone::Success, Glyph::Disc),
        _ => (Tone::Neutral, Glyph::Ring),
    }
}

/// Shows a shape.
#[component]
pub fn GlyphView(glyph: Glyph) -> impl IntoView {
    let (filled, path) = match glyph {
        Glyph::Disc => (true, "M6 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8z"),
        Glyph::Ring => (false, "M6 2.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6z"),
        Glyph::Square => (true, "M3 2.5h6a.5.5 0 0 1 .5.5v6a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V3a.5.5 0 0 1 .5-.5z"),
        Glyph::Turning => (false, "M9.8 6A3.8 3.8 0 1 1 6 2.2"),
        Glyph::Triangle => (true, "M6 1.6L11 10.4H1z"),
        Glyph::Cross => (false, "M2.8 2.8l6.4 6.4M9.2 2.8L2.8 9.2"),
        Glyph::Bars => (true, "M2.8 2h2.2v8H2.8zM7 2h2.2v8H7z"),
        Glyph::Tick => (false, "M2 6.4l2.8 2.8L10 3.2"),
        Glyph::Dash => (false, "M2.2 6h7.6"),
    };
    let class = match (filled, glyph) {
        (true, _) => "glyph glyph-filled",
        (_, Glyph::Turning) => "glyph glyph-turning",
        _ => "glyph",
    };
    view! {
        <svg class=class viewBox="0 0 12 12" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
}

/// A badge: shape, colour, words.
#[component]
pub fn Badge(
    /// Its meaning.
    tone: Tone,
    /// Its shape.
    glyph: Glyph,
    /// Its words.
    #[prop(into)]
    text: String,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    view! {
        <span class=format!("badge badge-{}", tone.as_str()) data-testid=testid>
            <GlyphView glyph/>
            {text}
        </span>
    }
}

/// A WorkSpace's state.
#[component]
pub fn StateBadge(
    /// The state.
    state: WorkspaceState,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let (tone, glyph) = workspace_look(&state);
    view! {
        <span class=format!("badge badge-{}", tone.as_str()) data-testid=testid data-state=state.as_str().to_owned()>
            <GlyphView glyph/>
            {aws_words(state.as_str())}
        </span>
    }
}

/// A sync's outcome.
#[component]
pub fn SyncBadge(outcome: SyncOutcome) -> impl IntoView {
    let (tone, glyph) = sync_look(outcome);
    view! { <Badge tone glyph text=sentence(outcome.as_str())/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_mean_different_things_look_different_without_colour() {
        let shapes: Vec<_> =
            ["AVAILABLE", "STOPPED", "STOPPING", "UNHEALTHY", "ERROR", "SUSPENDED", "TERMINATED", "NEW_ONE"]
                .into_iter()
                .map(|s| workspace_look(&WorkspaceState::from(s)).1)
                .collect();
        for (i, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..i].contains(shape), "{shape:?} stands for two kinds of state");
        }
    }

    #[test]
    fn every_state_in_transition_turns() {
        for state in WorkspaceState::KNOWN.iter().filter(|s| rules::in_transition(s)) {
            assert_eq!(workspace_look(state), (Tone::Info, Glyph::Turning), "{state}");
        }
    }
}
