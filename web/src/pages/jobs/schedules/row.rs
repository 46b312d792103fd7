//! One schedule in the table. Its buttons are made once, so that the focus stays on them while the numbers move.

use contract::data_sets::DataSetCountsView;
use contract::schedules::{ScheduleView, UpdateScheduleRequest};
use domain::access::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::{about, how_often};
use crate::api::schedules as api;
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::job_state::JobBadge;
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonSize, Icon, Tone};
use crate::format::{counted, sentence};
use crate::pages::jobs::kind_words;
use crate::state::optimistic;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

/// The row.
#[component]
pub fn ScheduleRow(
    /// The schedule.
    schedule: ArcRwSignal<ScheduleView>,
    /// Asks for another period.
    #[prop(into)]
    on_edit: Callback<ScheduleView>,
) -> impl IntoView {
    let item = RwSignal::from(schedule.clone());
    let name = item.with_untracked(|s| s.name.clone());
    let (brings, source) = about(&name);
    view! {
        <tr class="row" data-testid="schedule-row" data-name=name.clone()>
            <td class="cell-main">
                <a class="cell-link" href=format!("/jobs?kind={name}")>{kind_words(&name)}</a>
                <span class="cell-sub">{brings}" · "{source}</span>
            </td>
            <td data-label="How often">{move || item.with(often)}</td>
            <td data-label="Last tick">{move || item.with(last)}</td>
            <td data-label="Next tick">{move || item.with(next)}</td>
            <td data-label="Places">{move || item.with(|s| places(s.data_sets.as_ref(), s.places))}</td>
            <td class="cell-actions"><Actions schedule=schedule item on_edit/></td>
        </tr>
    }
}

fn often(schedule: &ScheduleView) -> AnyView {
    let (now, was) = how_often(schedule);
    let who = schedule.changed_by.clone().zip(schedule.changed_at).map(|(who, at)| {
        view! { <span class="cell-sub">"changed by "{who}" "<RelativeTime at/></span> }
    });
    view! {
        <span>{now}</span>
        {was.map(|was| view! { <span class="cell-sub">{was}</span> })}
        {who}
    }
    .into_any()
}

fn last(schedule: &ScheduleView) -> AnyView {
    let job = schedule.last_job.clone().map(|job| {
        let words = job.error.filter(|_| job.state != domain::jobs::JobState::Done).map(|error| sentence(&error));
        view! {
            <a class="cell-badge" href=format!("/jobs/{}", job.id) aria-label=format!("Newest job: {}", job.state)>
                <JobBadge state=job.state/>
            </a>
            {words.map(|words| view! { <span class="cell-sub cell-clip">{words}</span> })}
        }
    });
    view! { <MaybeTime at=schedule.last_tick_at/>{job} }.into_any()
}

fn next(schedule: &ScheduleView) -> AnyView {
    match (schedule.paused, schedule.next_tick_at) {
        (true, _) => {
            view! { <Badge tone=Tone::Warning glyph=Glyph::Bars text="Paused" testid="schedule-paused"/> }.into_any()
        }
        (false, Some(at)) => view! { <RelativeTime at/> }.into_any(),
        (false, None) => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

fn places(counts: Option<&DataSetCountsView>, places: u64) -> AnyView {
    let Some(counts) = counts.filter(|_| places > 0) else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    let parts = [
        (counts.failed, "failed", Tone::Danger, Glyph::Cross),
        (counts.partial, "partial", Tone::Warning, Glyph::Triangle),
        (counts.never, "not read yet", Tone::Neutral, Glyph::Ring),
        (counts.ok, "whole", Tone::Success, Glyph::Tick),
    ];
    let badges = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, words, tone, glyph)| view! { <Badge tone glyph text=format!("{count} {words}")/> })
        .collect_view();
    view! { <span class="badges">{badges}</span> }.into_any()
}

#[component]
fn Actions(
    schedule: ArcRwSignal<ScheduleView>,
    item: RwSignal<ScheduleView>,
    on_edit: Callback<ScheduleView>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let (running, switching) = (RwSignal::new(false), RwSignal::new(false));
    let refused = move |permission| {
        Signal::derive(move || (!session.may(permission)).then(|| "Your role may not do this".to_owned()))
    };
    let run = move |()| {
        let name = item.with_untracked(|s| s.name.clone());
        running.set(true);
        spawn_local(async move {
            match api::run(&name).await {
                Ok(jobs) if jobs.job_ids.is_empty() => {
                    toasts.show(
                        Tone::Info,
                        "There is no account to run it for",
                        Some(("Accounts".to_owned(), "/accounts".to_owned())),
                    );
                }
                Ok(jobs) => {
                    let href = match jobs.job_ids.as_slice() {
                        [one] => format!("/jobs/{one}"),
                        _ => format!("/jobs?kind={name}"),
                    };
                    let text = format!("{} under way", counted(jobs.job_ids.len() as u64, "job", "jobs"));
                    toasts.show(Tone::Success, text, Some(("Follow".to_owned(), href)));
                }
                Err(error) => toasts.failed("It could not be run", &error),
            }
            running.try_set(false);
        });
    };
    let switch = move |()| {
        let (name, paused) = item.with_untracked(|s| (s.name.clone(), s.paused));
        let (shown, again) = (schedule.clone(), schedule.clone());
        switching.set(true);
        spawn_local(async move {
            let request = UpdateScheduleRequest { period_secs: None, paused: Some(!paused) };
            let wanted = |schedule: &mut ScheduleView| {
                schedule.paused = !paused;
                // When it goes on the server knows.
                schedule.next_tick_at = None;
            };
            match optimistic::change(shown, wanted, api::update(&name, &request)).await {
                Ok(changed) => {
                    let kind = kind_words(&changed.name);
                    let (words, undone) =
                        if changed.paused { ("is paused", "goes on again") } else { ("goes on", "is paused again") };
                    toasts.undoable(format!("{kind} {words}"), format!("{kind} {undone}"), move || {
                        let (name, again) = (name.clone(), again.clone());
                        let request = UpdateScheduleRequest { period_secs: None, paused: Some(paused) };
                        async move { api::update(&name, &request).await.map(|kept| again.set(kept)) }
                    });
                }
                Err(error) => {
                    let words = if paused { "go on" } else { "be paused" };
                    toasts.failed(&format!("{} could not {words}", kind_words(&name)), &error);
                }
            }
            switching.try_set(false);
        });
    };
    let paused = Memo::new(move |_| item.with(|s| s.paused));
    view! {
        <div class="row-actions">
            <Button size=ButtonSize::Small icon=Icon::Play testid="schedule-run" reason=refused(Permission::SyncRun) busy=running on_click=run>
                "Run now"
            </Button>
            <Button size=ButtonSize::Small testid="schedule-pause" reason=refused(Permission::ScheduleWrite) busy=switching on_click=switch>
                {move || if paused.get() { "Resume" } else { "Pause" }}
            </Button>
            <Button
                size=ButtonSize::Small testid="schedule-edit" reason=refused(Permission::ScheduleWrite)
                on_click=move |()| on_edit.run(item.get_untracked())
            >
                "Change"
            </Button>
        </div>
    }
}
