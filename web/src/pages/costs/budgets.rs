//! Budgets: how each stands, and the form for one.

use contract::budgets::{BudgetView, CreateBudgetRequest, NAME_MAX, TAG_KEY_MAX, TAG_VALUE_MAX, UpdateBudgetRequest};
use contract::events::Event;
use contract::paths;
use domain::access::Permission;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::budget_rules::{amount_wrong, currency_wrong, thresholds, thresholds_wrong};
use super::led;
use super::words::float;
use crate::api::{ApiError, budgets as api, exports};
use crate::components::ui::editor::{Editable, Editing, Editor, NewObject, ObjectButtons};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::field::{FieldState, FormField, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::format::money;
use crate::pages::usage::{More, MoreRows, Part};
use crate::state::follow::read_again_on;
use crate::state::live::{LiveEvent, use_live};
use crate::state::submit::Submit;
use crate::state::toasts::{Toasts, use_toasts};

impl Editable for BudgetView {
    const WHAT: &'static str = "budget";
    const DELETED: &'static str =
        "Nobody hears any more when it is crossed. What was noted of it stays in the audit log.";
    const NEEDS: Permission = Permission::BudgetManage;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(api::delete(self.id, self.version))
    }
}

/// The budgets.
#[component]
pub fn Budgets(
    /// Accounts that a budget may be for: id and name.
    accounts: Memo<Vec<(String, String)>>,
    /// Whether it is known which there are, or that nobody can say: before that no address opens the form, which offers them.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    let title = led::title("#budgets-title");
    let once = Memo::new(|_| Some(()));
    let list: More<BudgetView> = More::keyed(once, |(), cursor| async move {
        let page = api::list(cursor).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["budget", "cost"], move || list.refresh());
    use_live().listen(move |event| {
        if matches!(event, LiveEvent::Happened(Event::BudgetCrossed { .. })) {
            list.refresh();
        }
    });
    let editing = Editing::<BudgetView>::new();
    // The page's own: a change can be taken back after the drawer is closed.
    let saved = Callback::new(move |()| list.reload());
    let show = Callback::new(move |(rows, _): (Vec<BudgetView>, u64)| {
        if rows.is_empty() {
            return view! { <p class="card-none">"No budgets. A budget is an amount a month; crossing it is noted."</p> }.into_any();
        }
        let rows = rows.into_iter().map(|budget| view! { <Row budget editing/> }).collect_view();
        view! {
            <table class="table table-plain table-cards" data-testid="budgets">
                <caption class="visually-hidden">"Budgets"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Budget"</th>
                        <th scope="col" class="cell-number">"Spent"</th>
                        <th scope="col" class="cell-number">"Expected"</th>
                        <th scope="col">"Crossed"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    view! {
        <section class="card card-flush" aria-labelledby="budgets-title">
            <header class="card-head">
                <h2 id="budgets-title" tabindex="-1" node_ref=title>"Budgets"</h2>
                <ExportMenu label="Export budgets" href=Signal::stored(exports::href(paths::EXPORT_BUDGETS, &()))/>
                <NewObject editing/>
            </header>
            <MoreRows list testid="budgets-more" show/>
        </section>
        <Show when=move || ready.get()>{editing.begun_by("/costs", "budget")}</Show>
        <Editor editing on_deleted=saved>
            {view! {
                <BudgetForm
                    budget=editing.object() accounts=accounts.get_untracked() open=editing.open
                    on_saved=saved
                />
            }}
        </Editor>
    }
}

/// What a budget is for, in words.
fn reach_words(budget: &BudgetView) -> String {
    match budget.reach.as_str() {
        "account" => budget.account.clone().unwrap_or_else(|| "One account".to_owned()),
        "region" => budget.region.as_ref().map(ToString::to_string).unwrap_or_default(),
        "tag" => format!(
            "{} = {}",
            budget.tag_key.as_deref().unwrap_or_default(),
            budget.tag_value.as_deref().unwrap_or_default()
        ),
        _ => "All accounts".to_owned(),
    }
}

#[component]
fn Row(budget: BudgetView, editing: Editing<BudgetView>) -> impl IntoView {
    let crossed: Vec<_> = budget.crossed.iter().map(|crossing| format!("{} %", crossing.threshold)).collect();
    let over = budget.forecast.as_ref().is_some_and(|sum| float(&sum.amount) > float(&budget.amount.amount));
    let expected = budget.forecast.as_ref().map(|sum| {
        view! { {money(sum)}{over.then(|| view! { <span class="cell-sub">"more than the budget"</span> })} }
    });
    let none = crossed.is_empty();
    view! {
        <tr data-testid="budget-row" data-name=budget.name.clone()>
            <td class="cell-main">
                <span class="cell-name">{budget.name.clone()}</span>
                <span class="cell-sub">{reach_words(&budget)}</span>
            </td>
            <td data-label="Spent" class="cell-number">
                {money(&budget.spent)}
                <span class="cell-sub">{format!("{} % of {}", budget.percent, money(&budget.amount))}</span>
            </td>
            <td data-label="Expected" class="cell-number">{expected}</td>
            <td data-label="Crossed">{if none { "None".to_owned() } else { crossed.join(", ") }}</td>
            <td class="cell-actions"><ObjectButtons editing object=Signal::stored(budget.clone())/></td>
        </tr>
    }
}

/// The choices of what a budget is for.
const REACHES: [(&str, &str); 4] =
    [("everything", "All accounts"), ("account", "One account"), ("region", "A region"), ("tag", "The value of a tag")];

#[component]
fn BudgetForm(
    budget: Option<BudgetView>,
    accounts: Vec<(String, String)>,
    open: RwSignal<bool>,
    #[prop(into)] on_saved: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let before = StoredValue::new(budget.clone());
    let known = budget.as_ref().map(|b| (b.id, b.version));
    let field = |text: Option<String>| FieldState::new(text.unwrap_or_default());
    let name = field(budget.as_ref().map(|b| b.name.clone()));
    let amount = field(budget.as_ref().map(|b| b.amount.amount.clone()));
    let currency = FieldState::new(budget.as_ref().map_or("USD".to_owned(), |b| b.amount.currency.clone()));
    let percents = budget.as_ref().map(|b| b.thresholds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let percents = FieldState::new(percents.unwrap_or_else(|| "50, 80, 100".to_owned()));
    let reach = RwSignal::new("everything".to_owned());
    let account = RwSignal::new(accounts.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let (region, key, value) = (FieldState::new(""), FieldState::new(""), FieldState::new(""));
    let submit = Submit::new();
    for (wire, state) in [
        ("name", name),
        ("amount", amount),
        ("currency", currency),
        ("thresholds", percents),
        ("region", region),
        ("tag_key", key),
        ("tag_value", value),
    ] {
        submit.shows(wire, state);
    }
    let named = rules::text(name, 1..=NAME_MAX);
    let (worth, told) = (rules::judged(amount, amount_wrong), rules::judged(percents, thresholds_wrong));
    let coin = rules::judged(currency, currency_wrong);
    let placed = rules::judged(region, rules::region);
    let (keyed, valued) = (rules::text(key, 1..=TAG_KEY_MAX), rules::text(value, 0..=TAG_VALUE_MAX));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let reach = reach.get_untracked();
        // What is not on the form is right as it is.
        let on = |wanted: &str, state: FieldState, rule: rules::Rule| {
            if known.is_none() && reach == wanted { rules::take(state, rule) } else { Some(String::new()) }
        };
        let currency = if known.is_none() { rules::take(currency, coin) } else { Some(String::new()) };
        let place = (on("region", region, placed), on("tag", key, keyed), on("tag", value, valued));
        let read = (rules::take(name, named), rules::take(amount, worth), rules::take(percents, told));
        let (Some(name), Some(amount), Some(text)) = read else { return };
        let ((Some(region), Some(key), Some(value)), Some(currency)) = (place, currency) else { return };
        let Some(thresholds) = thresholds(&text) else { return };
        let given = |wanted: &str, text: String| (reach == wanted).then_some(text);
        let request = CreateBudgetRequest {
            name: name.clone(),
            account_id: given("account", account.get_untracked()).and_then(|id| id.parse().ok()),
            region: given("region", region),
            tag_key: given("tag", key),
            tag_value: given("tag", value),
            reach,
            amount: amount.clone(),
            currency: currency.to_uppercase(),
            thresholds: thresholds.clone(),
        };
        let call = async move {
            match known {
                Some((id, version)) => {
                    let request =
                        UpdateBudgetRequest { name: Some(name), amount: Some(amount), thresholds: Some(thresholds) };
                    api::update(id, &request, version).await
                }
                None => api::create(&request).await,
            }
        };
        let before = before.get_value();
        submit.run(call, move |now| {
            if let Some(before) = before {
                changed(toasts, before, &now, on_saved);
            }
            submit.close(open);
            on_saved.try_run(());
        });
    };
    let no_rule = || Signal::stored(None::<String>);
    let fixed = known.is_some();
    let choices =
        REACHES.map(|(value, words)| view! { <option value=value>{words}</option> }).into_iter().collect_view();
    let accounts = StoredValue::new(accounts);
    let place = move || {
        match reach.get().as_str() {
        "account" => view! {
            <FormField id="budget-account" label="Account" error=no_rule()>
                <select
                    class="input select" id="budget-account" data-testid="budget-account"
                    on:change=move |event| account.set(event_target_value(&event))
                >
                    {accounts.with_value(|all| all.iter().map(|(id, name)| {
                        let chosen = account.with_untracked(|chosen| chosen == id);
                        view! { <option value=id.clone() selected=chosen>{name.clone()}</option> }
                    }).collect_view())}
                </select>
            </FormField>
        }
        .into_any(),
        "region" => view! {
            <TextField id="budget-region" label="Region" state=region rule=placed testid="budget-region" placeholder="eu-central-1"/>
        }
        .into_any(),
        "tag" => view! {
            <TextField id="budget-tag-key" label="Tag" state=key rule=keyed testid="budget-tag-key" placeholder="Team"/>
            <TextField id="budget-tag-value" label="Its value; empty for what is untagged" state=value rule=valued testid="budget-tag-value"/>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="budget-name" label="Name" state=name rule=named testid="budget-name" placeholder="Desktops"/>
                {(!fixed).then(|| view! {
                    <FormField id="budget-reach" label="What it is for" error=no_rule()>
                        <select
                            class="input select" id="budget-reach" data-testid="budget-reach"
                            on:change=move |event| reach.set(event_target_value(&event))
                        >
                            {choices}
                        </select>
                    </FormField>
                    {place}
                    <TextField id="budget-currency" label="Currency" state=currency rule=coin testid="budget-currency"/>
                })}
                <TextField id="budget-amount" label="Amount a month" state=amount rule=worth testid="budget-amount" placeholder="1500"/>
                <TextField
                    id="budget-thresholds" label="Say so at these percentages" state=percents rule=told
                    testid="budget-thresholds"
                />
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="budget-save" busy=submit.busy>"Save budget"</Button>
            </footer>
        </form>
    }
}

/// Tells that a budget was changed, and what takes that back. What was noted in between stays noted.
fn changed(toasts: Toasts, before: BudgetView, now: &BudgetView, on_saved: Callback<()>) {
    let (id, version) = (now.id, now.version);
    toasts.undoable(format!("{} is saved", now.name), format!("{} is as it was", before.name), move || {
        let BudgetView { name, amount, thresholds, .. } = before.clone();
        let request =
            UpdateBudgetRequest { name: Some(name), amount: Some(amount.amount), thresholds: Some(thresholds) };
        async move {
            let undone = api::update(id, &request, version).await;
            on_saved.try_run(());
            undone.map(|_| ())
        }
    });
}
