//! Progress of something that goes on. Without a total it only shows that it moves.

use domain::jobs::JobProgress;
use leptos::prelude::*;

use super::badge::Tone;
use crate::format::thousands;

/// A progress bar with its numbers.
#[component]
pub fn ProgressBar(
    /// How far it is.
    progress: JobProgress,
    /// Its colour.
    #[prop(optional)]
    tone: Tone,
    /// What it is the progress of.
    #[prop(into)]
    label: String,
    /// Whether it still moves.
    #[prop(default = true)]
    moving: bool,
    /// Whether it ended well: then it is full, whatever was counted.
    #[prop(optional)]
    complete: bool,
) -> impl IntoView {
    let done = u64::try_from(progress.done).unwrap_or(0);
    let total = progress.total.and_then(|t| u64::try_from(t).ok());
    let percent = if complete { Some(100) } else { percent(done, total, moving) };
    let numbers = match total {
        Some(total) => format!("{} of {}", thousands(done), thousands(total)),
        None if done > 0 => thousands(done),
        None => String::new(),
    };
    view! {
        <div class="progress" data-testid="job-progress" data-done=done.to_string()>
            <div
                class=format!("progress-track progress-{}", tone.as_str())
                class:progress-unknown=percent.is_none()
                role="progressbar"
                aria-label=label
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=percent.map(|p| p.to_string())
            >
                <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="progress-fill" x="0" y="0" height="4" width=percent.unwrap_or(30).to_string()></rect>
                </svg>
            </div>
            <span class="progress-numbers">{numbers}</span>
        </div>
    }
}

/// Whole percent, or nothing while it moves with an unknown end. What has stopped without a total is shown by where it got to.
fn percent(done: u64, total: Option<u64>, moving: bool) -> Option<u64> {
    match total {
        Some(0) => Some(100),
        Some(total) => Some((done.min(total)) * 100 / total),
        None if moving => None,
        None => Some(if done > 0 { 100 } else { 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn percent_never_leaves_its_bounds() {
        assert_eq!(percent(0, Some(40), true), Some(0));
        assert_eq!(percent(10, Some(40), true), Some(25));
        assert_eq!(percent(50, Some(40), true), Some(100));
        assert_eq!(percent(0, Some(0), true), Some(100));
        assert_eq!(percent(5, None, true), None);
        assert_eq!(percent(5, None, false), Some(100));
    }
}
