//! The data sets page: the table, narrowed by the address, and what asking for the data cost.

use contract::data_sets::{DataSetQuery, DataSetView, DataSetsView, RequestCostView};
use contract::events::Event;
use contract::paths;
use domain::ids::AccountId;
use domain::sync::SyncKind;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::state::{Narrow, service_words};
use super::table::DataSetTable;
use crate::api::{data_sets as api, exports};
use crate::components::ui::Icon;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, ErrorState, StaleNotice};
use crate::format::counted;
use crate::pages::jobs::head::JobsHead;
use crate::pages::jobs::schedules::about;
use crate::state::clock::use_now;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 1000;

/// The data sets.
#[component]
pub fn DataSetsPage() -> impl IntoView {
    use_title(|| Some("Data sets".to_owned()));
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let here = Memo::new(move |_| (at.get() == "/jobs/data-sets").then(|| Narrow::parse(&search.get())));
    let narrow = Memo::new(move |before: Option<&Narrow>| here.get().or_else(|| before.cloned()).unwrap_or_default());
    let navigate = StoredValue::new_local(use_navigate());
    let go = Callback::new(move |narrow: Narrow| {
        let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&narrow.path(), options));
    });
    // Everything is read and narrowed here, so that the choice of accounts stays whole.
    let list = Loader::once(|| async { api::list(&DataSetQuery::default()).await });
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Job { state, .. }) => state.is_final(),
            LiveEvent::Happened(Event::Schedule { .. } | Event::Account { .. }) | LiveEvent::ReadAgain => true,
            LiveEvent::Happened(_) => false,
        };
        if matters {
            settle.soon(SETTLE_MS, move || list.refresh());
        }
    });
    let now = use_now();
    let sets = Signal::derive(move || {
        let (narrow, now) = (narrow.get(), now.ms());
        list.data.with(|l| {
            l.iter().flat_map(|l| &l.items).filter(|set| narrow.shows(set, now)).cloned().collect::<Vec<DataSetView>>()
        })
    });
    let spend = move || {
        let only = narrow.with(|n| n.account);
        list.data.with(|l| {
            let costs = l.iter().flat_map(|l| &l.spend).filter(|cost| only.is_none_or(|id| id == cost.account_id));
            costs.cloned().collect::<Vec<RequestCostView>>()
        })
    };
    let blank = Signal::derive(move || list.blank());
    let none = move || !list.blank() && sets.with(Vec::is_empty);
    let shown = move || if list.blank() { list.error.with(Option::is_none) } else { !none() };
    view! {
        <JobsHead current="data-sets" lead="How fresh and complete what was read from AWS is"/>
        <Choices narrow list on_change=go/>
        {move || match (list.error.get(), list.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| list.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| list.reload()/> }.into_any()),
            (None, _) => None,
        }}
        <Show when=shown><DataSetTable sets blank/></Show>
        <Show when=none>
            {move || if narrow.with(|n| n.wanting) {
                view! { <EmptyState icon=Icon::Check title="Nothing wants a look" text="Every data set that was read is whole and fresh."/> }.into_any()
            } else {
                view! {
                    <EmptyState icon=Icon::Cloud title="No data sets yet" text="Connect an AWS account; what is read from it appears here.">
                        <a class="btn btn-primary" href="/accounts">"To the accounts"</a>
                    </EmptyState>
                }.into_any()
            }}
        </Show>
        {move || Some(spend()).filter(|costs| !costs.is_empty()).map(|costs| view! { <Spend costs/> })}
    }
}

#[component]
fn Choices(narrow: Memo<Narrow>, list: Loader<DataSetsView>, on_change: Callback<Narrow>) -> impl IntoView {
    let options = move || {
        let chosen = narrow.with(|n| n.account);
        let mut accounts: Vec<(AccountId, String)> = Vec::new();
        list.data.with(|l| {
            for set in l.iter().flat_map(|l| &l.items) {
                if !accounts.iter().any(|(id, _)| *id == set.account_id) {
                    accounts.push((set.account_id, set.account.clone()));
                }
            }
        });
        accounts
            .into_iter()
            .map(|(id, name)| view! { <option value=id.to_string() prop:selected=chosen == Some(id)>{name}</option> })
            .collect_view()
    };
    let choose = move |event| {
        let account = event_target_value(&event).parse().ok();
        on_change.run(Narrow { account, ..narrow.get_untracked() });
    };
    let kinds = move || {
        let chosen = narrow.with(|n| n.kind);
        let option = |kind: &SyncKind| {
            let (value, selected) = (kind.as_str(), chosen == Some(*kind));
            view! { <option value=value prop:selected=selected>{about(value).0}</option> }
        };
        SyncKind::ALL.iter().map(option).collect_view()
    };
    let choose_kind = move |event| {
        let kind = event_target_value(&event).parse().ok();
        on_change.run(Narrow { kind, ..narrow.get_untracked() });
    };
    let wanting = move || narrow.with(|n| n.wanting);
    let toggle =
        move |_| on_change.run(Narrow { wanting: !narrow.with_untracked(|n| n.wanting), ..narrow.get_untracked() });
    let href = move |path: &'static str| Signal::derive(move || narrow.with(|n| exports::href(path, &n.export())));
    let (sets, runs) = (href(paths::EXPORT_DATA_SETS), href(paths::EXPORT_SYNC_RUNS));
    view! {
        <section class="choices" aria-label="Filters">
            <select class="input select kind" aria-label="Account" data-testid="data-sets-account" on:change=choose>
                <option value="" prop:selected=move || narrow.with(|n| n.account.is_none())>"Every account"</option>
                {options}
            </select>
            <select class="input select kind" aria-label="Data" data-testid="data-sets-kind" on:change=choose_kind>
                <option value="" prop:selected=move || narrow.with(|n| n.kind.is_none())>"Every kind of data"</option>
                {kinds}
            </select>
            <button
                class="facet-button"
                class:facet-active=wanting
                type="button"
                data-testid="data-sets-problems"
                aria-pressed=move || wanting().to_string()
                on:click=toggle
            >
                "Wants a look"
            </button>
            <Show when=move || !list.blank()>
                <ExportMenu href=sets/>
                <ExportMenu href=runs label="Export sync runs"/>
            </Show>
        </section>
    }
}

#[component]
fn Spend(costs: Vec<RequestCostView>) -> impl IntoView {
    let rows = costs
        .into_iter()
        .map(|cost| {
            view! {
                <tr>
                    <td class="cell-main">{service_words(&cost.service)}</td>
                    <td data-label="Account">{cost.account}</td>
                    <td data-label="Requests" class="cell-number">{counted(cost.requests, "request", "requests")}</td>
                    <td data-label="Cost" class="cell-number">{cost.amount_usd}" USD"</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card card-flush" aria-labelledby="spend-title">
            <header class="card-head"><h2 id="spend-title">"What asking cost this month"</h2></header>
            <table class="table table-plain table-cards">
                <caption class="visually-hidden">"Paid requests of this month, by service and account"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Service"</th>
                        <th scope="col">"Account"</th>
                        <th scope="col" class="cell-number">"Requests"</th>
                        <th scope="col" class="cell-number">"Cost"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
