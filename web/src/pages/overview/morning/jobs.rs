//! The newest jobs, for readers who may not see what changed: what Wheelhouse did lately, and for whom. Each leads to its page.

use contract::events::Event;
use contract::jobs::{JobQuery, JobView};
use contract::page::Page;
use domain::ids::JobId;
use domain::jobs::JobState;
use leptos::prelude::*;

use crate::api::jobs as api;
use crate::components::ui::Icon;
use crate::components::ui::job_state::JobBadge;
use crate::components::ui::states::{EmptyState, Followed};
use crate::components::ui::time::RelativeTime;
use crate::pages::jobs::kind_words;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;

/// Jobs shown.
const JOBS: u32 = 6;
/// Jobs that move together are one reading.
const SETTLE_MS: u64 = 1500;

/// The card.
pub fn recent_jobs() -> AnyView {
    let loader = Loader::once(|| async { api::list(&JobQuery { limit: Some(JOBS), ..JobQuery::default() }).await });
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let moved = match event {
            LiveEvent::Happened(Event::Job { id, state, .. }) => {
                // Before there is a list nobody can tell whether it has this.
                loader.data.with_untracked(|page| page.as_ref().is_none_or(|page| changes(&page.items, *id, *state)))
            }
            LiveEvent::Happened(_) => false,
            LiveEvent::ReadAgain => true,
        };
        if moved {
            settle.soon(SETTLE_MS, move || loader.refresh());
        }
    });
    let show = Callback::new(jobs);
    view! {
        <section class="card" aria-labelledby="recent-jobs-title" data-testid="morning-jobs">
            <header class="morning-head"><h2 class="card-title" id="recent-jobs-title">"Recent jobs"</h2><a href="/jobs">"All jobs"</a></header>
            <Followed loader lines=4 show/>
        </section>
    }
    .into_any()
}

/// Whether the list is another once a job stands so: one of its jobs stands otherwise now, or there is a new one. A step of progress is not
/// shown here.
fn changes(shown: &[JobView], id: JobId, state: JobState) -> bool {
    match shown.iter().find(|job| job.id == id) {
        Some(job) => job.state != state,
        None => state == JobState::Queued,
    }
}

fn jobs(page: Page<JobView>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <EmptyState icon=Icon::Jobs title="Nothing yet" text="Syncs, actions and other jobs appear here as soon as somebody or a schedule asks for them."/>
        }
        .into_any();
    }
    let rows = page.items.into_iter().map(|job| view! { <JobRow job/> }).collect_view();
    view! { <ol class="morning-events">{rows}</ol> }.into_any()
}

#[component]
fn JobRow(job: JobView) -> impl IntoView {
    let about = (!job.subject.is_empty()).then(|| view! { <span class="cell-sub">{job.subject}</span> });
    view! {
        <li data-testid="morning-job">
            <span class="morning-what">
                <a href=format!("/jobs/{}", job.id)>{kind_words(&job.kind)}</a>
                {about}
                <span class="cell-sub">{format!("{} · ", job.created_by)}<RelativeTime at=job.created_at/></span>
            </span>
            <JobBadge state=job.state cancelling=job.cancel_requested/>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::jobs::JobProgress;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> JobId {
        JobId(Uuid::from_u128(number))
    }

    #[test]
    fn the_list_is_another_when_one_of_its_jobs_moves_or_one_is_asked_for() {
        let running = JobView {
            id: id(1),
            kind: "prune".into(),
            subject: String::new(),
            state: JobState::Running,
            progress: JobProgress::default(),
            cancel_requested: false,
            attempts: 1,
            max_attempts: 5,
            account_id: None,
            created_by: "system".into(),
            created_at: DateTime::UNIX_EPOCH,
            run_at: DateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
            error: None,
        };
        let shown = [running];
        assert!(!changes(&shown, id(1), JobState::Running), "a step of progress");
        assert!(changes(&shown, id(1), JobState::Done), "its end");
        assert!(changes(&shown, id(2), JobState::Queued), "a new one");
        assert!(!changes(&shown, id(2), JobState::Running), "one that is too old to be here");
    }
}
