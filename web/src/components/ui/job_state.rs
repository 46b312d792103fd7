//! A job's state as a badge.

use domain::jobs::JobState;
use leptos::prelude::*;

use super::badge::{Badge, job_look};
use crate::format::sentence;

/// A job's state; `cancelling` when somebody asked a running one to stop.
#[component]
pub fn JobBadge(
    /// The state.
    state: JobState,
    /// Whether it was asked to stop.
    #[prop(optional)]
    cancelling: bool,
) -> impl IntoView {
    let (tone, glyph) = job_look(state);
    let text = if cancelling && !state.is_final() { "Cancelling".to_owned() } else { sentence(state.as_str()) };
    view! {
        <span data-testid="job-state" data-state=state.as_str()>
            <Badge tone glyph text/>
        </span>
    }
}
