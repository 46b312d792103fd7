//! What is recommended: another running mode, or to remove it; the month that says so, in either mode; and the way to do it.

use contract::costs::{ComparedMonthView, MoneyView, WorkspaceAdviceView};
use contract::paths;
use contract::workspaces::ActionAvailability;
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use super::action_bar::refusal;
use crate::api::{exports, workspaces as api};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::{Button, ButtonKind, Icon};
use crate::format::{counted, money};
use crate::pages::workspaces::action_dialog::Wanted;
use crate::pages::workspaces::action_words::{action_icon, action_label};
use crate::state::loader::Loader;

/// The tab.
#[component]
pub fn AdviceTab(
    /// Which WorkSpace.
    id: WorkspaceId,
    /// Each action, and why not.
    actions: Signal<Vec<ActionAvailability>>,
    /// Set to what somebody wants.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let loader = Loader::once(move || api::advice(id));
    let show = Callback::new(move |found: WorkspaceAdviceView| match found.compared.clone() {
        Some(month) => advised(&found, &month, id, actions, wanted),
        None => {
            let text = unknown(&found);
            view! {
                <section class="card" data-testid="advice-none">
                    <EmptyState icon=Icon::Chart title="Nothing can be recommended yet" text/>
                </section>
            }
            .into_any()
        }
    });
    view! { <Loaded loader lines=5 show/> }
}

/// Why a month can't be compared.
fn unknown(found: &WorkspaceAdviceView) -> String {
    let month = found.month;
    match found.not_compared.as_deref() {
        Some("usage_unknown") => {
            format!("Its usage is not known for the whole of {month}, the last month that is over.")
        }
        Some("no_price") => "The Price List has no price for it, or it was not read yet.".to_owned(),
        _ => "It is gone, or its running mode is not billed by list prices.".to_owned(),
    }
}

/// What to do, and which action does it.
fn what(advice: Option<&str>) -> (&'static str, Option<WorkspaceAction>) {
    match advice {
        Some("remove") => ("Remove it: nobody used it", Some(WorkspaceAction::Terminate)),
        Some("auto-stop") => ("Run it as AutoStop: it was used little", Some(WorkspaceAction::SetRunningMode)),
        Some("always-on") => ("Run it as AlwaysOn: it was used much", Some(WorkspaceAction::SetRunningMode)),
        _ => ("Leave it as it is: nothing would cost less", None),
    }
}

/// What was used in the month.
fn used(found: &WorkspaceAdviceView, month: &ComparedMonthView) -> String {
    if month.unused {
        return format!("In {} nobody was connected.", found.month);
    }
    format!("In {} AWS would bill {} as AutoStop.", found.month, counted(month.hours, "hour", "hours"))
}

fn advised(
    found: &WorkspaceAdviceView,
    month: &ComparedMonthView,
    id: WorkspaceId,
    actions: Signal<Vec<ActionAvailability>>,
    wanted: RwSignal<Option<Wanted>>,
) -> AnyView {
    let (title, action) = what(found.advice.as_deref());
    let saved = found.saving.as_ref().map(|saving| format!("{} a month less", money(saving)));
    let act = action.map(|action| {
        let reason = Signal::derive(move || actions.with(|all| refusal(all, action)));
        let kind = if action == WorkspaceAction::Terminate { ButtonKind::Danger } else { ButtonKind::Primary };
        let want = move |()| wanted.set(Some(Wanted::new(action, vec![id])));
        view! { <p class="cost-note"><Button kind icon=action_icon(action) testid="advice-act" reason on_click=want>{action_label(action)}</Button></p> }
    });
    let file = Signal::stored(exports::href(&paths::with_id(paths::EXPORT_WORKSPACE_ADVICE, id), &()));
    let row = |mode: &'static str, here: bool, amount: &MoneyView| {
        view! {
            <tr data-testid="advice-mode">
                <th scope="row">{mode}{here.then(|| view! { <span class="cell-sub">"as it is now"</span> })}</th>
                <td class="cell-number">{money(amount)}</td>
            </tr>
        }
    };
    view! {
        <section class="card card-flush" aria-labelledby="advice-title" data-testid="advice">
            <header class="card-head">
                <h2 id="advice-title">{title}</h2>
                <span class="cost-total" data-testid="advice-saving">{saved}</span>
                <ExportMenu href=file label="Export comparison"/>
            </header>
            <table class="table table-plain">
                <caption class="visually-hidden">"The month in either running mode"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Running mode"</th>
                        <th scope="col" class="cell-number">{format!("{} would cost", found.month)}</th>
                    </tr>
                </thead>
                <tbody>{row("AutoStop", month.stops, &month.auto_stop)}{row("AlwaysOn", !month.stops, &month.always_on)}</tbody>
            </table>
            <p class="cost-note">
                {used(found, month)} " Reckoned at list prices, before discounts and tax, as if it had been there and unchanged all month. "
                <a href=format!("/workspaces/{id}?tab=usage")>"Its usage"</a>
            </p>
            {act}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(advice: Option<&str>, not_compared: Option<&str>) -> WorkspaceAdviceView {
        WorkspaceAdviceView {
            month: "2026-10".parse().unwrap(),
            advice: advice.map(Into::into),
            saving: None,
            compared: None,
            not_compared: not_compared.map(Into::into),
        }
    }

    #[test]
    fn each_advice_leads_to_what_does_it() {
        for (advice, word, action) in [
            (Some("remove"), "Remove", Some(WorkspaceAction::Terminate)),
            (Some("auto-stop"), "AutoStop", Some(WorkspaceAction::SetRunningMode)),
            (Some("always-on"), "AlwaysOn", Some(WorkspaceAction::SetRunningMode)),
            (None, "Leave it", None),
        ] {
            let (words, leads) = what(advice);
            assert!(words.contains(word), "{words}");
            assert_eq!(leads, action);
        }
    }

    #[test]
    fn why_there_is_none_and_what_it_stands_on_are_told() {
        assert!(unknown(&found(None, Some("usage_unknown"))).contains("2026-10"));
        assert!(unknown(&found(None, Some("no_price"))).contains("Price List"));
        assert!(unknown(&found(None, Some("other_mode"))).contains("running mode"));
        let amount = || MoneyView { amount: "35".into(), currency: "USD".into() };
        let month = |hours| ComparedMonthView {
            stops: true,
            hours,
            unused: hours == 0,
            always_on: amount(),
            auto_stop: amount(),
        };
        assert_eq!(used(&found(None, None), &month(0)), "In 2026-10 nobody was connected.");
        assert_eq!(used(&found(None, None), &month(150)), "In 2026-10 AWS would bill 150 hours as AutoStop.");
    }
}
