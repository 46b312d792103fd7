//! The detail of a job.

use contract::events::Event;
use contract::jobs::{JobAttemptView, JobDetailView, JobLogView, JobView};
use contract::paths;
use domain::access::Permission;
use domain::ids::JobId;
use domain::jobs::{AttemptOutcome, JobState, LogLevel};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::address::ItemsUrl;
use super::items::Items;
use super::report::ReportView;
use crate::api::{exports, jobs as api};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::badge::{Badge, Glyph, job_look};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::job_state::JobBadge;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::progress::ProgressBar;
use crate::components::ui::states::{EmptyState, ErrorState, Skeleton, StaleNotice};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, Icon, IconView, Tone};
use crate::format::{sentence, span};
use crate::pages::jobs::kind_words;
use crate::pages::workspaces::action_dialog::{ActionDialog, Wanted};
use crate::state::clock::{full, time_of_day};
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::own_param::use_own_param;
use crate::state::session::use_session;
use crate::state::timing::Debounce;
use crate::state::toasts::use_toasts;
use crate::state::use_title;

const SETTLE_MS: u64 = 700;

/// One job.
#[component]
pub fn JobDetailPage() -> impl IntoView {
    let named = use_own_param("/jobs", "part");
    let id = Memo::new(move |_| named.get().and_then(|id| id.parse::<JobId>().ok()));
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    // While the router leaves this page its address is another page's.
    let here = move || path.with(|path| path.starts_with("/jobs/"));
    let url = Memo::new(move |before: Option<&ItemsUrl>| match before {
        Some(before) if !here() => *before,
        _ => search.with(|search| ItemsUrl::parse(search).0),
    });
    let told = Memo::new(move |_| if here() { search.with(|search| ItemsUrl::parse(search).1) } else { Vec::new() });
    let asked = Memo::new(move |_| id.get().map(|id| (id, url.get())));
    let detail = Loader::keyed(asked, |(id, url)| async move { api::page(id, &url.query()).await });
    let name = move || detail.data.with(|d| d.as_ref().map(|d| kind_words(&d.job.kind)));
    use_title(name);
    let settle = Debounce::new();
    let read_again = move || settle.soon(SETTLE_MS, move || detail.refresh());
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::Job { id: moved, state, progress, .. }) if Some(*moved) == id.get_untracked() => {
            detail.data.update(|d| {
                if let Some(d) = d {
                    d.job.state = *state;
                    d.job.progress = progress.clone();
                }
            });
            read_again();
        }
        LiveEvent::ReadAgain => read_again(),
        LiveEvent::Happened(_) => {}
    });
    let job = Memo::new(move |_| detail.data.with(|d| d.as_ref().map(|d| d.job.clone())));
    // Of an action: which job the items on screen are of, and they themselves.
    let acts = Memo::new(move |_| detail.data.with(|d| d.as_ref().filter(|d| d.items.is_some()).map(|d| d.job.id)));
    let items = Memo::new(move |_| detail.data.with(|d| d.as_ref().and_then(|d| d.items.clone()).unwrap_or_default()));
    let wanted = RwSignal::new(None::<Wanted>);
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |url: ItemsUrl, replace| {
        let Some(id) = id.get_untracked() else { return };
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|navigate| navigate(&url.path(id), options));
    };
    let turn = move |offset| go(ItemsUrl { offset, ..url.get_untracked() }, false);
    let title = Signal::derive(move || name().unwrap_or_else(|| "Job".to_owned()));
    let lead = view! { <p>{move || job.with(|j| j.as_ref().map(|j| j.subject.clone()).unwrap_or_default())}</p> };
    let on_started = |_: Option<JobId>| ();
    view! {
        <nav class="crumbs" aria-label="Way back"><a href="/jobs"><IconView icon=Icon::Left/>"Jobs"</a></nav>
        <PageHead title lead=lead.into_any()>
            {move || job.get().map(|job| view! { <Buttons job on_done=Callback::new(move |()| detail.reload())/> })}
        </PageHead>
        {move || if id.get().is_none() {
            Some(view! { <EmptyState icon=Icon::Search title="No such job" text="The address does not hold a job's id."/> }.into_any())
        } else {
            match (detail.error.get(), detail.blank()) {
                (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| detail.reload()/> }.into_any()),
                (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| detail.reload()/> }.into_any()),
                (None, true) => Some(view! { <div class="card"><Skeleton lines=5/></div> }.into_any()),
                (None, false) => None,
            }
        }}
        <LeftOut told on_close=move |()| go(url.get_untracked(), true)/>
        {move || job.get().map(|job| view! { <Standing job/> })}
        {move || acts.get().map(|id| view! { <Items id items url on_turn=turn wanted/> })}
        {move || detail.data.get().map(|detail| view! { <Parts detail/> })}
        <ActionDialog wanted on_started/>
    }
}

#[component]
fn Buttons(job: JobView, on_done: Callback<()>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let id = job.id;
    let reason =
        Signal::derive(move || (!session.may(Permission::JobWrite)).then(|| "Your role may not do this".to_owned()));
    let cancel = move |()| {
        busy.set(true);
        spawn_local(async move {
            match api::cancel(id).await {
                Ok(()) => toasts.done("The job was asked to stop"),
                Err(error) => toasts.failed("It could not be cancelled", &error),
            }
            busy.try_set(false);
            on_done.try_run(());
        });
    };
    let retry = move |()| {
        busy.set(true);
        spawn_local(async move {
            match api::retry(id).await {
                Ok(()) => toasts.done("The job is queued again"),
                Err(error) => toasts.failed("It could not be retried", &error),
            }
            busy.try_set(false);
            on_done.try_run(());
        });
    };
    match job.state {
        JobState::Queued | JobState::Running if !job.cancel_requested => {
            view! { <Button icon=Icon::Close testid="job-cancel" reason busy=busy on_click=cancel>"Cancel"</Button> }
                .into_any()
        }
        JobState::Dead | JobState::Cancelled => {
            view! { <Button icon=Icon::Reboot testid="job-retry" reason busy=busy on_click=retry>"Retry"</Button> }
                .into_any()
        }
        _ => ().into_any(),
    }
}

/// Where the job stands.
#[component]
fn Standing(job: JobView) -> impl IntoView {
    let (tone, _) = job_look(job.state);
    let (moving, complete) = (job.state == JobState::Running, job.state == JobState::Done);
    let took = job.started_at.zip(job.finished_at).map(|(from, to)| span((to - from).num_milliseconds()));
    view! {
        <section class="card" aria-label="Where it stands">
            <div class="standing">
                <JobBadge state=job.state cancelling=job.cancel_requested/>
                <p class="standing-note">{sentence(&job.progress.note)}</p>
                <ProgressBar progress=job.progress tone label="Progress" moving complete/>
            </div>
            {job.error.filter(|_| job.state != JobState::Done).map(|error| view! {
                <div class="notice notice-danger"><IconView icon=Icon::Alert/><p>{sentence(&error)}</p></div>
            })}
            <dl class="facts facts-row">
                <div class="fact"><dt>"Asked for"</dt><dd><RelativeTime at=job.created_at/>" by "{job.created_by}</dd></div>
                {job.started_at.map(|at| view! { <div class="fact"><dt>"Begun"</dt><dd><RelativeTime at/></dd></div> })}
                {took.map(|took| view! { <div class="fact"><dt>"Took"</dt><dd>{took}</dd></div> })}
                <div class="fact"><dt>"Attempts"</dt><dd>{format!("{} of {}", job.attempts, job.max_attempts)}</dd></div>
                <div class="fact"><dt>"Id"</dt><dd><code>{job.id.to_string()}</code></dd></div>
            </dl>
        </section>
    }
}

#[component]
fn Parts(detail: JobDetailView) -> impl IntoView {
    let id = detail.job.id;
    let result = detail.result.filter(|result| !result.is_null());
    view! {
        {result.map(|result| view! { <ReportView id result/> })}
        <Attempts id attempts=detail.attempts/>
        <Log id lines=detail.log/>
    }
}

/// The address of a part of a job as a file.
fn file(path: &str, id: JobId) -> Signal<String> {
    Signal::stored(exports::href(&paths::with_id(path, id), &()))
}

fn attempt_look(outcome: Option<AttemptOutcome>) -> (Tone, Glyph, String) {
    match outcome {
        None => (Tone::Info, Glyph::Turning, "Running".to_owned()),
        Some(AttemptOutcome::Done) => (Tone::Success, Glyph::Tick, "Done".to_owned()),
        Some(AttemptOutcome::Failed) => (Tone::Danger, Glyph::Cross, "Failed".to_owned()),
        Some(AttemptOutcome::Retry) => (Tone::Warning, Glyph::Triangle, "Failed, to be retried".to_owned()),
        Some(AttemptOutcome::Orphaned) => (Tone::Warning, Glyph::Triangle, "Its worker vanished".to_owned()),
        Some(other) => (Tone::Neutral, Glyph::Dash, sentence(&other.as_str().replace('_', " "))),
    }
}

#[component]
fn Attempts(id: JobId, attempts: Vec<JobAttemptView>) -> impl IntoView {
    let rows = attempts
        .into_iter()
        .map(|attempt| {
            let (tone, glyph, text) = attempt_look(attempt.outcome);
            let took = attempt.finished_at.map(|to| span((to - attempt.started_at).num_milliseconds()));
            view! {
                <tr>
                    <td class="cell-main">{format!("Attempt {}", attempt.number)}</td>
                    <td data-label="Outcome">
                        <Badge tone glyph text/>
                        {attempt.error.map(|error| view! { <span class="cell-sub">{sentence(&error)}</span> })}
                    </td>
                    <td data-label="Begun"><RelativeTime at=attempt.started_at/></td>
                    <td data-label="Took">{took.unwrap_or_else(|| "–".to_owned())}</td>
                    <td data-label="Worker" class="cell-code"><code>{attempt.worker}</code></td>
                </tr>
            }
        })
        .collect_view();
    let none = rows.is_empty();
    (!none).then(|| {
        view! {
            <section class="card card-flush">
                <header class="card-head">
                    <h2>"Attempts"</h2>
                    <ExportMenu href=file(paths::EXPORT_JOB_ATTEMPTS, id) label="Export attempts"/>
                </header>
                <table class="table table-plain table-cards">
                    <caption class="visually-hidden">"Attempts"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Attempt"</th><th scope="col">"Outcome"</th><th scope="col">"Begun"</th>
                            <th scope="col">"Took"</th><th scope="col">"Worker"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}

#[component]
fn Log(id: JobId, lines: Vec<JobLogView>) -> impl IntoView {
    let count = lines.len();
    let lines = lines
        .into_iter()
        .map(|line| {
            let (class, word) = match line.level {
                LogLevel::Info => ("log-line", "info"),
                LogLevel::Warn => ("log-line log-warn", "warn"),
                LogLevel::Error => ("log-line log-error", "error"),
            };
            view! {
                <li class=class>
                    <time datetime=line.at.to_rfc3339() title=full(line.at)>{time_of_day(line.at)}</time>
                    <span class="log-level">{word}</span>
                    <span class="log-words">{line.message}</span>
                </li>
            }
        })
        .collect_view();
    (count > 0).then(|| {
        view! {
            <section class="card card-flush">
                <header class="card-head">
                    <h2>"Log"</h2>
                    <ExportMenu href=file(paths::EXPORT_JOB_LOG, id) label="Export log"/>
                </header>
                <ol class="log" tabindex="0" aria-label="Log, oldest first">{lines}</ol>
            </section>
        }
    })
}
