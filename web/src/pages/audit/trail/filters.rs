//! The bar that filters AWS's events, with the files that can be taken along.

use contract::paths;
use contract::trail::{TrailFacetsView, TrailQuery};
use domain::views::ViewPage;
use leptos::prelude::*;

use super::facets::{Facet, chips, without};
use crate::api::exports;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::facet_menu::FacetMenu;
use crate::components::ui::filter_bar::{Chip, Chips, DateFilter, SearchBox};
use crate::pages::views::ViewsMenu;
use crate::state::url_list::{UrlList, query_path};

/// The bar.
#[component]
pub fn Filters(list: UrlList<TrailQuery>, facets: RwSignal<Option<TrailFacetsView>>) -> impl IntoView {
    let query = list.query;
    let known = move || facets.get().unwrap_or_default();
    let menus = Facet::ALL
        .into_iter()
        .map(|facet| {
            view! {
                <FacetMenu
                    key=facet.key() label=facet.label()
                    options=Signal::derive(move || query.with(|query| facet.options(&known(), query)))
                    chosen=Signal::derive(move || query.with(|query| facet.values(query)))
                    on_toggle=move |value: String| list.change(|query| facet.toggle(query, &value))
                />
            }
        })
        .collect_view();
    let href = Signal::derive(move || query.with(|query| exports::href(paths::EXPORT_TRAIL, query)));
    let clear = move |()| list.change(|query| *query = TrailQuery { limit: query.limit, ..TrailQuery::default() });
    view! {
        <div class="tools">
            <SearchBox
                label="Find a person, an address, an error or ws-…" testid="trail-search"
                value=Signal::derive(move || query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <DateFilter
                label="From" testid="trail-from" value=Signal::derive(move || query.with(|q| q.from))
                on_change=move |at| list.change(|q| q.from = at)
            />
            <DateFilter
                label="before" testid="trail-to" value=Signal::derive(move || query.with(|q| q.to))
                on_change=move |at| list.change(|q| q.to = at)
            />
            <ViewsMenu page=ViewPage::Trail query=Signal::derive(move || query.with(|q| query_path("", q)))/>
            <ExportMenu href/>
        </div>
        <div class="facets audit-facets">
            {menus}
            <label class="filter-check">
                <input
                    type="checkbox" data-testid="trail-changes" prop:checked=move || query.with(|q| q.changes == Some(true))
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        list.change(|q| q.changes = on.then_some(true));
                    }
                />
                "Only what changed something"
            </label>
        </div>
        <Chips
            chips=Signal::derive(move || query.with(|query| chips(query, &known())))
            on_remove=move |chip: Chip| list.change(|query| without(query, &chip))
            on_clear=clear
        />
    }
}
