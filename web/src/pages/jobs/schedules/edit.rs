//! The dialog that changes a schedule's period.

use contract::schedules::{ScheduleView, UpdateScheduleRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::{Unit, read, split};
use crate::api::{ApiError, schedules as api};
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, FormField, TextField};
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::format::{every, period};
use crate::pages::jobs::kind_words;
use crate::state::toasts::use_toasts;

/// The dialog.
#[component]
pub fn EditDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it is about.
    wanted: RwSignal<Option<ScheduleView>>,
    /// Told of the schedule as it is afterwards.
    #[prop(into)]
    on_changed: Callback<ScheduleView>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        wanted.with(|w| w.as_ref().map(|w| format!("How often: {}", kind_words(&w.name))).unwrap_or_default())
    });
    view! {
        <Dialog open title testid="schedule-dialog">
            {move || wanted.get_untracked().map(|schedule| view! { <EditForm schedule open on_changed/> })}
        </Dialog>
    }
}

#[component]
fn EditForm(schedule: ScheduleView, open: RwSignal<bool>, on_changed: Callback<ScheduleView>) -> impl IntoView {
    let toasts = use_toasts();
    let was = schedule.period_secs;
    let (number, unit) = split(was);
    let amount = FieldState::new(number.to_string());
    let unit = RwSignal::new(unit);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let (least, most) = (schedule.min_period_secs, schedule.max_period_secs);
    let typed = move || amount.value.with(|text| read(text, unit.get(), least, most));
    let rule = Signal::derive(move || typed().err());
    let name = StoredValue::new(schedule.name);
    let before = schedule.period_changed.then_some(was);
    let send = move |period_secs: Option<u64>| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let request = UpdateScheduleRequest { period_secs: Some(period_secs), paused: None };
            let answer = api::update(&name.get_value(), &request).await;
            busy.try_set(false);
            match answer {
                Ok(changed) => {
                    // What was opened since is another's.
                    if busy.try_get_untracked().is_some() {
                        open.set(false);
                    }
                    let (kind, name) = (kind_words(&changed.name), changed.name.clone());
                    let words = format!("{kind} runs {}", every(changed.period_secs));
                    let undone = format!("{kind} runs {} again", every(was));
                    toasts.undoable(words, undone, move || {
                        let name = name.clone();
                        let request = UpdateScheduleRequest { period_secs: Some(before), paused: None };
                        async move {
                            let answer = api::update(&name, &request).await;
                            answer.map(|kept| {
                                on_changed.try_run(kept);
                            })
                        }
                    });
                    on_changed.try_run(changed);
                }
                Err(error) => {
                    let said = error.fields().into_iter().find(|(field, _)| field == "period_secs");
                    if let Some((_, words)) = said {
                        amount.refused.try_set(Some(words));
                    }
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(secs) = untrack(typed) {
            send(Some(secs));
        }
    };
    let hint = format!("From {} to {}.", period(least), period(most));
    let configured = every(schedule.configured_period_secs);
    let changed = schedule.period_changed;
    view! {
        <form class="form drawer-form" novalidate on:submit=submit>
            <div class="dialog-body">
                {move || failure.get().map(|error| view! {
                    <div class="notice notice-danger" role="alert">
                        <IconView icon=Icon::Alert/>
                        <p>{error.detail()}</p>
                    </div>
                })}
                <div class="pair-fields">
                    <TextField id="period-amount" label="Every".to_owned() state=amount rule hint testid="schedule-amount"/>
                    <UnitField unit/>
                </div>
                <p class="muted">{format!("The configuration says {configured}. A change holds within seconds, on every worker.")}</p>
            </div>
            <footer class="dialog-foot">
                {changed.then(|| view! {
                    <Button testid="schedule-reset" busy=busy on_click=move |()| send(None)>"As configured"</Button>
                })}
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="schedule-save" busy=busy>"Save"</Button>
            </footer>
        </form>
    }
}

#[component]
fn UnitField(unit: RwSignal<Unit>) -> impl IntoView {
    let options = Unit::ALL
        .into_iter()
        .map(|choice| {
            view! { <option value=choice.name() selected=move || unit.get() == choice>{choice.name()}</option> }
        })
        .collect_view();
    view! {
        <FormField id="period-unit" label="Unit".to_owned() error=Signal::derive(|| None::<String>)>
            <select
                class="input select"
                id="period-unit"
                data-testid="schedule-unit"
                on:change=move |event| {
                    if let Some(chosen) = Unit::named(&event_target_value(&event)) {
                        unit.set(chosen);
                    }
                }
            >
                {options}
            </select>
        </FormField>
    }
}
