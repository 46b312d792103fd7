//! What it costs in a month by our own reckoning, charge by charge.

use contract::costs::{ChargeView, WorkspaceCostQuery, WorkspaceCostView};
use contract::exports::WorkspaceChargeQuery;
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use domain::usage::Month;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::state::{DetailTab, cost_path, month_of};
use super::words::{charge_words, quantity_words};
use crate::api::{costs as api, exports};
use crate::components::ui::Icon;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::format::{counted, money};
use crate::state::clock::right_now;
use crate::state::loader::Loader;

/// Months to choose from.
const MONTHS: usize = 13;
/// Rows among which this one is: others' names may hold its id.
const ROWS: u32 = 20;

/// The tab.
#[component]
pub fn CostTab(workspace: WorkspaceView) -> impl IntoView {
    let id = workspace.id;
    let path = format!("/workspaces/{id}");
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let own = path.clone();
    let running = Month::of_day(right_now().date_naive());
    let here = Memo::new(move |_| {
        (at.get() == own && search.with(|s| DetailTab::of(s)) == DetailTab::Cost)
            .then(|| month_of(&search.get()).unwrap_or(running))
    });
    let navigate = use_navigate();
    let pick = move |event| {
        let month = event_target_value(&event).parse::<Month>().ok().filter(|month| *month != running);
        navigate(&cost_path(&path, month), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let options = std::iter::successors(Some(running), |month| Some(month.previous()))
        .take(MONTHS)
        .map(|month| {
            let words = if month == running { format!("{month}, so far") } else { month.to_string() };
            view! { <option value=month.to_string() prop:selected=move || here.get() == Some(month)>{words}</option> }
        })
        .collect_view();
    let query = StoredValue::new(WorkspaceCostQuery {
        q: Some(workspace.aws_id),
        account: Some(workspace.account_id.to_string()),
        gone: workspace.gone_at.map(|_| true),
        limit: Some(ROWS),
        ..WorkspaceCostQuery::default()
    });
    let loader = Loader::keyed(here, move |month| async move {
        api::workspaces(&WorkspaceCostQuery { month: Some(month), ..query.get_value() }).await
    });
    let charges = paths::with_id(paths::EXPORT_WORKSPACE_CHARGES, id);
    let file = Signal::derive(move || exports::href(&charges, &WorkspaceChargeQuery { month: here.get() }));
    let show = Callback::new(move |page: Page<WorkspaceCostView>| {
        match page.items.into_iter().find(|row| row.id == id) {
            Some(row) => reckoned(row, file),
            None => {
                let text = "What a WorkSpace costs is shown to those who may see the costs of its whole account, for months in \
                            which it was there.";
                view! { <section class="card" data-testid="cost-none"><EmptyState icon=Icon::Chart title="No costs to show" text/></section> }
                    .into_any()
            }
        }
    });
    view! {
        <div class="tools">
            <label class="filter-date">
                "Month"
                <select class="input select" data-testid="cost-month" on:change=pick>{options}</select>
            </label>
            <a class="tools-end" href="/costs">"Costs of the fleet"</a>
        </div>
        <Loaded loader lines=5 show/>
    }
}

fn reckoned(row: WorkspaceCostView, file: Signal<String>) -> AnyView {
    let total = row.total.as_ref().map_or_else(|| "–".to_owned(), money);
    let why = row.not_reckoned.as_deref().map(|reason| match reason {
        "no_price" => "The Price List has no price for it, or it was not read yet.",
        _ => "Its running mode is not billed by list prices.",
    });
    let hours = row.hours.map(|hours| {
        let known = if row.hours_known { "" } else { ", as far as they are known" };
        format!("{} were billed{known}.", counted(hours, "connected hour", "connected hours"))
    });
    let uncertain = row.uncertain.then_some("It came, went or was changed at a time that is not known exactly.");
    let notes = [why.map(str::to_owned), hours, uncertain.map(str::to_owned)];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    let charges = row.charges.into_iter().map(charge).collect_view();
    view! {
        <section class="card card-flush" aria-labelledby="cost-title" data-testid="cost">
            <header class="card-head">
                <h2 id="cost-title">"Estimate"</h2>
                <span class="cost-total" data-testid="cost-total">{total}</span>
                <ExportMenu href=file label="Export charges"/>
            </header>
            <table class="table table-plain">
                <caption class="visually-hidden">"Charges of the month"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Charge"</th>
                        <th scope="col" class="cell-number">"Quantity"</th>
                        <th scope="col" class="cell-number">"Amount"</th>
                    </tr>
                </thead>
                <tbody>{charges}</tbody>
            </table>
            <p class="cost-note">{notes.join(" ")} " Reckoned at list prices, before discounts and tax: the bill itself does not tell WorkSpaces apart."</p>
        </section>
    }
    .into_any()
}

fn charge(charge: ChargeView) -> AnyView {
    let quantity = quantity_words(&charge.charge, &charge.quantity);
    view! {
        <tr data-testid="charge">
            <th scope="row">{charge_words(&charge.charge)}<span class="cell-sub">{charge.usage_type}</span></th>
            <td class="cell-number">{quantity}</td>
            <td class="cell-number">{money(&charge.amount)}</td>
        </tr>
    }
    .into_any()
}
