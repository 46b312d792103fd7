//! The preview of an action: asks the API what would happen (dry run), shows it with the reasons, and does it on
//! confirmation. The list and the detail both use it.

use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView};
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::workspaces as api;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::FieldState;
use crate::components::ui::states::{ErrorState, Skeleton};
use crate::components::ui::typed::{TypedField, untyped};
use crate::components::ui::{Button, ButtonKind, Icon, Tone};
use crate::format::{counted, sentence, thousands};
use crate::state::loader::Loader;
use crate::state::toasts::use_toasts;

/// An action somebody wants to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What to do.
    pub action: WorkspaceAction,
    /// On which ones.
    pub ids: Vec<WorkspaceId>,
}

/// The icon of an action.
pub fn action_icon(action: WorkspaceAction) -> Icon {
    match action {
        WorkspaceAction::Start => Icon::Play,
        WorkspaceAction::Stop => Icon::Stop,
        WorkspaceAction::Reboot => Icon::Reboot,
    }
}

/// How many WorkSpaces are named in each half of a preview; how many there are is said.
const NAMED: usize = 100;

/// From so many on whoever cuts people off types how many they are.
const TYPED_FROM: u64 = 10;

/// What must be typed before the action is begun for so many.
fn must_type(action: WorkspaceAction, accepted: u64) -> Option<String> {
    match action {
        WorkspaceAction::Start => None,
        WorkspaceAction::Stop | WorkspaceAction::Reboot => (accepted >= TYPED_FROM).then(|| accepted.to_string()),
    }
}

fn consequence(action: WorkspaceAction) -> &'static str {
    match action {
        WorkspaceAction::Start => "They will be ready within a few minutes, and hourly billing starts.",
        WorkspaceAction::Stop => "Whoever is connected is cut off; unsaved work in open programs can be lost.",
        WorkspaceAction::Reboot => {
            "Whoever is connected is cut off until the desktop is back; unsaved work can be lost."
        }
    }
}

/// The preview. It opens when `wanted` is set.
#[component]
pub fn ActionDialog(
    /// What somebody wants; `None` when nothing.
    wanted: RwSignal<Option<Wanted>>,
    /// Told when the action was begun, with its job.
    #[prop(into)]
    on_started: Callback<Option<JobId>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(wanted.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && wanted.with_untracked(Option::is_some) {
            wanted.set(None);
        }
    });
    // Keeps its words while it closes.
    let title = Memo::new(move |before: Option<&String>| match wanted.get() {
        Some(w) => {
            format!("{} {}?", sentence(w.action.as_str()), counted(w.ids.len() as u64, "WorkSpace", "WorkSpaces"))
        }
        None => before.cloned().unwrap_or_default(),
    });
    view! {
        <Dialog open title=title testid="preview-dialog">
            {move || wanted.get().map(|wanted_now| view! { <Preview wanted=wanted_now open on_started/> })}
        </Dialog>
    }
}

#[component]
fn Preview(wanted: Wanted, open: RwSignal<bool>, on_started: Callback<Option<JobId>>) -> impl IntoView {
    let action = wanted.action;
    let ids = StoredValue::new(wanted.ids);
    let plan = Loader::once(move || api::act(action, ids.get_value(), true));
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let confirm = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = api::act(action, ids.get_value(), false).await;
            busy.try_set(false);
            match answer {
                Ok(view) => {
                    let done = format!("{}: {}", sentence(action.as_str()), begun(&view));
                    let link = view.job_id.map(|job| ("Follow the job".to_owned(), format!("/jobs/{job}")));
                    let tone = if view.accepted > 0 { Tone::Success } else { Tone::Warning };
                    toasts.show(tone, done, link);
                    open.set(false);
                    on_started.run(view.job_id);
                }
                Err(error) => toasts.failed("Nothing was begun", &error),
            }
        });
    };
    let accepted = move || plan.data.with(|p| p.as_ref().map(|p| p.accepted));
    let word = Signal::derive(move || accepted().and_then(|accepted| must_type(action, accepted)));
    let typed = FieldState::new("");
    let untyped = untyped(word, typed);
    let reason = Signal::derive(move || match accepted() {
        Some(0) => Some("None of them can be done now".to_owned()),
        _ => untyped.get(),
    });
    let label = move || match accepted() {
        Some(n) if n > 0 => format!("{} {}", sentence(action.as_str()), counted(n, "WorkSpace", "WorkSpaces")),
        _ => sentence(action.as_str()),
    };
    let kind = if action == WorkspaceAction::Start { ButtonKind::Primary } else { ButtonKind::Danger };
    view! {
        <div class="dialog-body">
            {move || match (plan.data.get(), plan.error.get()) {
                (Some(plan), _) => view! { <Plan plan/> }.into_any(),
                (None, Some(error)) => view! { <ErrorState error on_retry=move |()| plan.reload()/> }.into_any(),
                (None, None) => view! { <Skeleton lines=4/> }.into_any(),
            }}
            <TypedField word typed/>
        </div>
        <footer class="dialog-foot">
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Show when=move || accepted().is_some()>
                <Button kind icon=action_icon(action) testid="preview-confirm" reason busy=busy on_click=confirm>{label}</Button>
            </Show>
        </footer>
    }
}

fn begun(view: &WorkspaceActionView) -> String {
    match (view.accepted, view.refused) {
        (0, _) => "none of them could be done".to_owned(),
        (accepted, 0) => format!("begun for {}", counted(accepted, "WorkSpace", "WorkSpaces")),
        (accepted, refused) => {
            format!("begun for {}, not for {}", counted(accepted, "WorkSpace", "WorkSpaces"), thousands(refused))
        }
    }
}

#[component]
fn Plan(plan: WorkspaceActionView) -> impl IntoView {
    let (will, wont): (Vec<_>, Vec<_>) = plan.items.into_iter().partition(|item| item.accepted);
    let consequence = consequence(plan.action);
    view! {
        {(!will.is_empty()).then(|| view! {
            <section class="plan plan-will">
                <h3><GlyphView glyph=Glyph::Tick/>{format!("{} will be done", thousands(will.len() as u64))}</h3>
                <p class="muted">{consequence}</p>
                <PlanList items=will/>
            </section>
        })}
        {(!wont.is_empty()).then(|| view! {
            <section class="plan plan-wont">
                <h3><GlyphView glyph=Glyph::Cross/>{format!("{} won't be done", thousands(wont.len() as u64))}</h3>
                <PlanList items=wont/>
            </section>
        })}
    }
}

#[component]
fn PlanList(items: Vec<WorkspaceActionItem>) -> impl IntoView {
    let more = items.len().saturating_sub(NAMED) as u64;
    view! {
        <ul class="plan-list" tabindex="0">{items.into_iter().take(NAMED).map(|item| view! { <PlanItem item/> }).collect_view()}</ul>
        {(more > 0).then(|| view! { <p class="muted">{format!("and {} more", thousands(more))}</p> })}
    }
}

#[component]
fn PlanItem(item: WorkspaceActionItem) -> impl IntoView {
    let name = item.user_name.unwrap_or_else(|| item.id.to_string());
    view! {
        <li class="plan-item" data-accepted=item.accepted.to_string()>
            <span class="plan-user">{name}</span>
            <code>{item.aws_id}</code>
            {item.reason.map(|reason| view! { <span class="plan-reason">{sentence(&reason)}</span> })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cuts_many_off_types_how_many() {
        assert_eq!(must_type(WorkspaceAction::Start, 5000), None);
        for action in [WorkspaceAction::Stop, WorkspaceAction::Reboot] {
            assert_eq!(must_type(action, 9), None);
            assert_eq!(must_type(action, 1234).as_deref(), Some("1234"));
        }
    }
}
