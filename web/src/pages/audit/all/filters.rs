//! The bar that filters everything that happened, with the files that can be taken along.

use contract::activity::ActivityQuery;
use contract::paths;
use domain::access::Permission;
use domain::views::ViewPage;
use leptos::prelude::*;

use super::words::{OUTCOMES, SOURCES, chips, without};
use crate::api::exports;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::{Chip, Chips, DateFilter};
use crate::pages::views::ViewsMenu;
use crate::state::session::use_session;
use crate::state::url_list::{UrlList, query_path};

/// The bar.
#[component]
pub fn Filters(list: UrlList<ActivityQuery>) -> impl IntoView {
    let (query, session) = (list.query, use_session());
    let href = Signal::derive(move || query.with(|q| exports::href(paths::EXPORT_ACTIVITY, q)));
    let clear = move |()| list.change(|q| *q = ActivityQuery { limit: q.limit, ..ActivityQuery::default() });
    // A file holds our own log only for those who may take it along, which belongs to no part of the fleet.
    let whole = Memo::new(move |_| session.may_everywhere(Permission::AuditExport));
    let export = move || {
        let label = if whole.get() { "Export" } else { "Export AWS events" };
        view! { <ExportMenu href label/> }
    };
    view! {
        <div class="tools">
            <DateFilter
                label="From" testid="all-from" value=Signal::derive(move || query.with(|q| q.from))
                on_change=move |at| list.change(|q| q.from = at)
            />
            <DateFilter
                label="before" testid="all-to" value=Signal::derive(move || query.with(|q| q.to))
                on_change=move |at| list.change(|q| q.to = at)
            />
            <ViewsMenu page=ViewPage::Activity query=Signal::derive(move || query.with(|q| query_path("", q)))/>
            {export}
        </div>
        <div class="facets audit-facets">
            <Menu
                label="Which record" testid="all-source" options=&SOURCES
                chosen=Signal::derive(move || query.with(|q| q.source.clone().unwrap_or_default()))
                on_change=move |source| list.change(|q| q.source = source)
            />
            <Menu
                label="Outcome" testid="all-outcome" options=&OUTCOMES
                chosen=Signal::derive(move || query.with(|q| q.outcome.clone().unwrap_or_default()))
                on_change=move |outcome| list.change(|q| q.outcome = outcome)
            />
            <label class="filter-check">
                <input
                    type="checkbox" data-testid="all-changes" prop:checked=move || query.with(|q| q.changes == Some(true))
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        list.change(|q| q.changes = on.then_some(true));
                    }
                />
                "Only what changed something"
            </label>
        </div>
        <Chips
            chips=Signal::derive(move || query.with(chips))
            on_remove=move |chip: Chip| list.change(|q| without(q, &chip))
            on_clear=clear
        />
    }
}

/// A menu of few values, the first of which narrows nothing.
#[component]
fn Menu(
    /// What it filters by.
    label: &'static str,
    /// For browser tests.
    testid: &'static str,
    /// The values with their words.
    options: &'static [(&'static str, &'static str)],
    /// The value that is chosen.
    chosen: Signal<String>,
    /// Chooses.
    #[prop(into)]
    on_change: Callback<Option<String>>,
) -> impl IntoView {
    let lines = move || {
        let chosen = chosen.get();
        let line = |(value, words): &(&'static str, &'static str)| {
            let selected = *value == chosen;
            view! { <option value=*value prop:selected=selected>{*words}</option> }
        };
        options.iter().map(line).collect_view()
    };
    view! {
        <select class="input select filter-field" aria-label=label data-testid=testid
            on:change=move |event| on_change.run(Some(event_target_value(&event)).filter(|value| !value.is_empty()))>
            {lines}
        </select>
    }
}
