//! The list of jobs.

use contract::events::Event;
use contract::jobs::{JobQuery, JobView};
use contract::paths;
use domain::ids::JobId;
use domain::jobs::JobState;
use domain::views::ViewPage;
use leptos::prelude::*;

use super::head::JobsHead;
use super::state::{FILTERS, KINDS, belongs, chosen, filter_key, kind_words, path};
use super::summary::SummaryStrip;
use crate::api::exports::href;
use crate::api::jobs as api;
use crate::components::ui::Icon;
use crate::components::ui::badge::job_look;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::job_state::JobBadge;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::pagination::{Pagination, range_words};
use crate::components::ui::progress::ProgressBar;
use crate::components::ui::states::{EmptyState, ErrorState, StaleNotice};
use crate::components::ui::table::SkeletonRows;
use crate::components::ui::tabs::{Tab, Tabs};
use crate::components::ui::time::RelativeTime;
use crate::format::sentence;
use crate::pages::views::ViewsMenu;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;
use crate::state::url_list::UrlList;
use crate::state::use_title;

const SETTLE_MS: u64 = 500;
const COUNT_MS: u64 = 1500;

#[derive(Clone)]
struct Row {
    id: JobId,
    job: ArcRwSignal<JobView>,
}

/// The list of jobs.
#[component]
pub fn JobListPage() -> impl IntoView {
    use_title(|| Some("Jobs".to_owned()));
    let list = UrlList::<JobQuery>::at("/jobs");
    let query = list.query;
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    list.mend(page);
    let rows = RwSignal::new(Vec::<Row>::new());
    Effect::new(move |_| page.data.with(|p| p.as_ref().map(|p| merge(rows, &p.items))));

    let settle = Debounce::new();
    let summary = Loader::once(api::summary);
    let counts = Debounce::new();
    let read_again = move || settle.soon(SETTLE_MS, move || page.refresh());
    let count_again = move || counts.soon(COUNT_MS, move || summary.refresh());
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::Job { id, kind, state, progress, .. }) => {
            let row = rows.with_untracked(|rows| rows.iter().find(|r| r.id == *id).cloned());
            let mut read = true;
            let moved = row.as_ref().is_none_or(|row| row.job.with_untracked(|job| job.state != *state));
            if moved {
                count_again();
            }
            if let Some(row) = row {
                row.job.update(|job| {
                    // A step of progress is told in full; a change of state moves times and attempts too.
                    read = job.state != *state;
                    job.state = *state;
                    job.progress = progress.clone();
                });
            } else if !query.with_untracked(|q| belongs(q, kind, *state)) {
                read = false;
            }
            if read {
                read_again();
            }
        }
        LiveEvent::ReadAgain => {
            read_again();
            count_again();
        }
        LiveEvent::Happened(_) => {}
    });

    let tabs = Signal::derive(move || {
        FILTERS
            .iter()
            .map(|f| {
                let query = query.with(|query| chosen(f, query));
                Tab { label: f.label.to_owned(), href: path(&query), key: f.key, count: None }
            })
            .collect::<Vec<_>>()
    });
    let none = move || page.data.with(|p| p.as_ref().is_some_and(|p| p.items.is_empty()));
    let shown = move || if page.blank() { page.error.with(Option::is_none) } else { !none() };
    let range = Signal::derive(move || {
        let first = !list.turned();
        page.data.with(|p| {
            p.as_ref().map_or_else(String::new, |p| range_words(first.then_some(0), p.items.len() as u64, p.total))
        })
    });
    view! {
        <JobsHead current="queue" lead="What Wheelhouse does in the background"/>
        {move || summary.data.get().map(|summary| view! { <SummaryStrip summary/> })}
        <div class="tabs-row">
            <Tabs label="Jobs by state" tabs current=Signal::derive(move || query.with(filter_key))/>
            <KindSelect query on_change=Callback::new(move |kind| list.change(|q| q.kind = kind))/>
            <ViewsMenu page=ViewPage::Jobs query=Signal::derive(move || query.with(path).trim_start_matches("/jobs").to_owned())/>
            <ExportMenu href=Signal::derive(move || query.with(|q| href(paths::EXPORT_JOBS, q)))/>
        </div>
        <LeftOut told=list.left_out on_close=move |()| list.tidy()/>
        {move || match (page.error.get(), page.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| page.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| page.reload()/> }.into_any()),
            (None, _) => None,
        }}
        <Show when=shown>
            <table class="table table-cards" aria-busy=move || page.loading.get().then_some("true")>
                <caption class="visually-hidden">"Jobs"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="cell-progress">"Progress"</th>
                        <th scope="col">"Attempts"</th>
                        <th scope="col">"Asked for"</th>
                    </tr>
                </thead>
                <tbody>
                    <Show when=move || page.blank()><SkeletonRows columns=5/></Show>
                    <For each=move || rows.get() key=|row| row.id children=|row| view! { <JobRow row/> }/>
                </tbody>
            </table>
            <Pagination
                range
                has_previous=Signal::derive(move || list.turned())
                has_next=Signal::derive(move || page.data.with(|p| p.as_ref().is_some_and(|p| p.next_cursor.is_some())))
                on_previous=move |()| list.back()
                on_next=move |()| list.forward(page.data.with_untracked(|p| p.as_ref().and_then(|p| p.next_cursor.clone())))
            />
        </Show>
        <Show when=none>
            <EmptyState icon=Icon::Jobs title="No such jobs" text="Syncs and actions appear here while they wait, run and after they have ended."/>
        </Show>
    }
}

#[component]
fn KindSelect(query: Memo<JobQuery>, on_change: Callback<Option<String>>) -> impl IntoView {
    let chosen = move || query.with(|q| q.kind.clone().unwrap_or_default());
    let change = move |event| {
        on_change.run(Some(event_target_value(&event)).filter(|k| !k.is_empty()));
    };
    // An address may ask for a kind that the list below does not offer.
    let options = move || {
        let mut kinds: Vec<String> = KINDS.iter().map(|k| (*k).to_owned()).collect();
        let now = chosen();
        if !kinds.contains(&now) {
            kinds.push(now.clone());
        }
        kinds
            .into_iter()
            .map(|kind| {
                let words = if kind.is_empty() { "Every kind".to_owned() } else { kind_words(&kind) };
                view! { <option value=kind.clone() prop:selected=kind == now>{words}</option> }
            })
            .collect_view()
    };
    view! {
        <select class="input select kind" aria-label="Kind of job" data-testid="job-kind" on:change=change>{options}</select>
    }
}

fn merge(rows: RwSignal<Vec<Row>>, items: &[JobView]) {
    let old = rows.get_untracked();
    let new: Vec<Row> = items
        .iter()
        .map(|item| match old.iter().find(|row| row.id == item.id) {
            Some(row) => {
                if row.job.with_untracked(|job| job != item) {
                    row.job.set(item.clone());
                }
                row.clone()
            }
            None => Row { id: item.id, job: ArcRwSignal::new(item.clone()) },
        })
        .collect();
    rows.set(new);
}

#[component]
fn JobRow(row: Row) -> impl IntoView {
    let id = row.id;
    let job = row.job;
    view! {
        <tr class="row" data-testid="job-row" data-id=id.to_string()>
            {move || job.with(|job| {
                let (tone, _) = job_look(job.state);
                let moving = job.state == JobState::Running;
                let waits = job.state == JobState::Queued && job.attempts > 0;
                let label = format!("Progress of {}", kind_words(&job.kind));
                let note = match &job.error {
                    Some(error) if job.state != JobState::Done => sentence(error),
                    _ if job.progress.note.is_empty() && job.state == JobState::Queued => "Waits for its turn".to_owned(),
                    _ => sentence(&job.progress.note),
                };
                view! {
                    <td class="cell-main">
                        <a class="cell-link" href=format!("/jobs/{id}")>{kind_words(&job.kind)}</a>
                        <span class="cell-sub">{job.subject.clone()}</span>
                    </td>
                    <td data-label="State">
                        <JobBadge state=job.state cancelling=job.cancel_requested/>
                        {waits.then(|| view! { <span class="cell-sub">"next try " <RelativeTime at=job.run_at/></span> })}
                    </td>
                    <td data-label="Progress" class="cell-progress">
                        <ProgressBar progress=job.progress.clone() tone label moving complete=job.state == JobState::Done/>
                        <span class="cell-sub cell-clip">{note}</span>
                    </td>
                    <td data-label="Attempts" class="cell-nowrap">{format!("{} of {}", job.attempts, job.max_attempts)}</td>
                    <td data-label="Asked for"><RelativeTime at=job.created_at/><span class="cell-sub">{job.created_by.clone()}</span></td>
                }
            })}
        </tr>
    }
}
