//! The preview of an action: takes what it has to be told, asks the API what would happen (dry run), shows it with the reasons,
//! and does it on confirmation. The list and the detail both use it.

use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView};
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::{WorkspaceAction, WorkspaceOrder};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action_values::{Values, ValuesForm};
use super::action_words::{action_icon, action_label, confirm_kind, confirm_verb, consequence, must_type, reasons};
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
    /// What it has to be told, where that is known already.
    pub order: Option<WorkspaceOrder>,
}

impl Wanted {
    /// An action; what it has to be told is asked for.
    pub fn new(action: WorkspaceAction, ids: Vec<WorkspaceId>) -> Self {
        Self { action, ids, order: WorkspaceOrder::plain(action) }
    }

    /// The same again that was done before, or tried.
    pub fn again(order: WorkspaceOrder, ids: Vec<WorkspaceId>) -> Self {
        Self { action: order.action(), ids, order: Some(order) }
    }
}

/// How many WorkSpaces are named in each half of a preview; how many there are is said.
const NAMED: usize = 100;
/// How many reasons are told of those that won't be done; how many others have another is said.
const REASONS: usize = 8;

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
            format!("{} {}?", w.action.verb(), counted(w.ids.len() as u64, "WorkSpace", "WorkSpaces"))
        }
        None => before.cloned().unwrap_or_default(),
    });
    view! {
        <Dialog open title=title testid="preview-dialog">
            {move || wanted.get().map(|wanted_now| view! { <Asked wanted=wanted_now open on_started/> })}
        </Dialog>
    }
}

/// The form first, where the action has one; then the preview.
#[component]
fn Asked(wanted: Wanted, open: RwSignal<bool>, on_started: Callback<Option<JobId>>) -> impl IntoView {
    let Wanted { action, ids, order: known } = wanted;
    let with_values = known.is_none();
    let order = RwSignal::new(known);
    let values = Values::new();
    let look = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(complete) = untrack(|| values.order(action)) {
            order.set(Some(complete));
        }
    };
    let reason = Signal::derive(move || values.order(action).err().map(|fault| fault.message));
    move || match order.get() {
        Some(order_now) => {
            let back = with_values.then(|| Callback::new(move |()| order.set(None)));
            view! { <Preview order=order_now ids=ids.clone() back open on_started/> }.into_any()
        }
        None => view! {
            <form class="form" novalidate on:submit=look>
                <div class="dialog-body"><ValuesForm action values/></div>
                <footer class="dialog-foot">
                    <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary testid="order-preview" reason>"See what will happen"</Button>
                </footer>
            </form>
        }
        .into_any(),
    }
}

#[component]
fn Preview(
    order: WorkspaceOrder,
    ids: Vec<WorkspaceId>,
    /// Leads back to the form, where there was one.
    back: Option<Callback<()>>,
    open: RwSignal<bool>,
    on_started: Callback<Option<JobId>>,
) -> impl IntoView {
    let action = order.action();
    let words = consequence(&order);
    let (order, ids) = (StoredValue::new(order), StoredValue::new(ids));
    let ask = move |dry_run| {
        let (order, ids) = (order.get_value(), ids.get_value());
        async move { api::act(&order, ids, dry_run).await }
    };
    let plan = Loader::once(move || ask(true));
    let busy = RwSignal::new(false);
    let toasts = use_toasts();
    let confirm = move |()| {
        busy.set(true);
        let asked = ask(false);
        spawn_local(async move {
            let answer = asked.await;
            busy.try_set(false);
            match answer {
                Ok(view) => {
                    let done = format!("{}: {}", action_label(action), begun(&view));
                    let link = view.job_id.map(|job| ("Follow the job".to_owned(), format!("/jobs/{job}")));
                    let tone = if view.accepted > 0 { Tone::Success } else { Tone::Warning };
                    toasts.show(tone, done, link);
                    open.set(false);
                    on_started.try_run(view.job_id);
                }
                Err(error) => toasts.failed("Nothing was begun", &error),
            }
        });
    };
    let accepted = move || plan.data.with(|p| p.as_ref().map(|p| p.accepted));
    let word = Signal::derive(move || plan.data.with(|plan| plan.as_ref().and_then(must_type)));
    let typed = FieldState::new("");
    let untyped = untyped(word, typed);
    let reason = Signal::derive(move || match accepted() {
        Some(0) => Some("None of them can be done now".to_owned()),
        _ => untyped.get(),
    });
    let label = move || match accepted() {
        Some(n) if n > 0 => format!("{} {}", confirm_verb(action), counted(n, "WorkSpace", "WorkSpaces")),
        _ => confirm_verb(action).to_owned(),
    };
    let kind = confirm_kind(action);
    view! {
        <div class="dialog-body">
            {move || match (plan.data.get(), plan.error.get()) {
                (Some(plan), _) => view! { <Plan plan consequence=words/> }.into_any(),
                (None, Some(error)) => view! { <ErrorState error on_retry=move |()| plan.reload()/> }.into_any(),
                (None, None) => view! { <Skeleton lines=4/> }.into_any(),
            }}
            <TypedField word typed/>
        </div>
        <footer class="dialog-foot">
            {back.map(|back| view! { <Button icon=Icon::Left testid="order-back" on_click=back>"Back"</Button> })}
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
fn Plan(plan: WorkspaceActionView, consequence: &'static str) -> impl IntoView {
    let (will, wont): (Vec<_>, Vec<_>) = plan.items.into_iter().partition(|item| item.accepted);
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
                {(wont.len() > 1).then(|| view! { <Reasons counts=reasons(&wont)/> })}
                <PlanList items=wont/>
            </section>
        })}
    }
}

/// Why the others won't be done, whether they are named below or not.
#[component]
fn Reasons(counts: Vec<(u64, String)>) -> impl IntoView {
    let others: u64 = counts.iter().skip(REASONS).map(|(count, _)| count).sum();
    let told = counts.into_iter().take(REASONS).map(|(count, reason)| {
        view! { <li><b>{thousands(count)}</b>": " {reason}</li> }
    });
    view! {
        <ul class="plan-counts" data-testid="plan-reasons">
            {told.collect_view()}
            {(others > 0).then(|| view! { <li><b>{thousands(others)}</b>": other reasons"</li> })}
        </ul>
    }
}

#[component]
fn PlanList(items: Vec<WorkspaceActionItem>) -> impl IntoView {
    let more = items.len().saturating_sub(NAMED) as u64;
    let words = (more > 0).then(|| format!("The first {NAMED} are named, {} more are not.", thousands(more)));
    view! {
        <ul class="plan-list" tabindex="0">{items.into_iter().take(NAMED).map(|item| view! { <PlanItem item/> }).collect_view()}</ul>
        {words.map(|words| view! { <p class="muted">{words}</p> })}
    }
}

#[component]
fn PlanItem(item: WorkspaceActionItem) -> impl IntoView {
    let name = item.user_name.unwrap_or_else(|| item.id.to_string());
    view! {
        <li class="plan-item" data-accepted=item.accepted.to_string()>
            <span class="plan-user">{name}</span>
            <code>{item.aws_id}</code>
            {item.now.map(|now| view! { <span class="plan-reason">"Now " {now}</span> })}
            {item.reason.map(|reason| view! { <span class="plan-reason">{sentence(&reason)}</span> })}
        </li>
    }
}
