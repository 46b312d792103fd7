//! The table of schedules.

use contract::events::Event;
use contract::paths;
use contract::schedules::ScheduleView;
use domain::jobs::JobState;
use leptos::prelude::*;

use super::edit::EditDialog;
use super::row::ScheduleRow;
use crate::api::{exports, schedules as api};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{ErrorState, StaleNotice};
use crate::components::ui::table::SkeletonRows;
use crate::components::ui::{Icon, IconView};
use crate::pages::jobs::head::JobsHead;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::rows::{Rows, merge};
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 1000;

/// The schedules.
#[component]
pub fn SchedulesPage() -> impl IntoView {
    use_title(|| Some("Schedules".to_owned()));
    let list = Loader::once(api::list);
    let rows: Rows<String, ScheduleView> = RwSignal::new(Vec::new());
    Effect::new(move |_| list.data.with(|l| l.as_ref().map(|l| merge(rows, &l.items, |s| s.name.clone()))));
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Job { state, .. }) => state.is_final() || *state == JobState::Queued,
            LiveEvent::Happened(Event::Schedule { .. } | Event::Account { .. }) | LiveEvent::ReadAgain => true,
            LiveEvent::Happened(_) => false,
        };
        if matters {
            settle.soon(SETTLE_MS, move || list.refresh());
        }
    });
    let (open, wanted) = (RwSignal::new(false), RwSignal::new(None::<ScheduleView>));
    let edit = Callback::new(move |schedule: ScheduleView| {
        wanted.set(Some(schedule));
        open.set(true);
    });
    let off = move || list.data.with(|l| l.as_ref().is_some_and(|l| !l.enabled));
    let shown = move || !list.blank() || list.error.with(Option::is_none);
    view! {
        <JobsHead current="schedules" lead="What runs by itself, and how often"/>
        {move || match (list.error.get(), list.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| list.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| list.reload()/> }.into_any()),
            (None, _) => None,
        }}
        <Show when=off>
            <div class="notice notice-warning" role="status">
                <IconView icon=Icon::Info/>
                <p>"Syncs are switched off in the configuration (sync.enabled): they run only when somebody asks."</p>
            </div>
        </Show>
        <Show when=shown>
            <div class="export-row"><ExportMenu href=Signal::stored(exports::href(paths::EXPORT_SCHEDULES, &()))/></div>
            <table class="table table-cards schedules" aria-busy=move || list.blank().then_some("true")>
                <caption class="visually-hidden">"Schedules"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Schedule"</th>
                        <th scope="col">"How often"</th>
                        <th scope="col">"Last tick"</th>
                        <th scope="col">"Next tick"</th>
                        <th scope="col">"Places"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <Show when=move || list.blank()><SkeletonRows columns=6 rows=8/></Show>
                    <For each=move || rows.get() key=|(name, _)| name.clone() children=move |(_, schedule)| {
                        view! { <ScheduleRow schedule on_edit=edit/> }
                    }/>
                </tbody>
            </table>
        </Show>
        <EditDialog open wanted on_changed=move |_| list.reload()/>
    }
}
