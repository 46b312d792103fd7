//! How far a run is while its file is made: what the list said of it, then what the live stream says of its job.

use contract::events::Event;
use domain::ids::JobId;
use domain::jobs::JobProgress;
use leptos::prelude::*;

use crate::components::ui::Tone;
use crate::components::ui::progress::ProgressBar;
use crate::state::live::{LiveEvent, use_live};

/// The bar of a run.
#[component]
pub fn RunProgress(
    /// The job that makes it.
    job: Option<JobId>,
    /// Rows so far.
    rows: u64,
    /// Rows that there will be, where that is known.
    total: Option<u64>,
) -> impl IntoView {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let known = JobProgress { done: number(rows), total: total.map(number), ..JobProgress::default() };
    let progress = RwSignal::new(known);
    use_live().listen(move |event| {
        if let LiveEvent::Happened(Event::Job { id, progress: now, .. }) = event
            && job == Some(*id)
        {
            progress.set(now.clone());
        }
    });
    move || {
        let progress = progress.get();
        view! { <ProgressBar progress tone=Tone::Info label="Rows of the file"/> }
    }
}
