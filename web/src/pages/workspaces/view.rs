//! The list of WorkSpaces: reads what the address asks for, follows the live stream, and shows it.

use contract::events::Event;
use contract::paths;
use contract::workspaces::WorkspaceFacetsView;
use domain::views::ViewPage;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::action_dialog::ActionDialog;
use super::bulk::BulkBar;
use super::columns::ColumnsMenu;
use super::facets::{Facet, chips, without};
use super::rows::Rows;
use super::scroll::Scroll;
use super::state::{ListUrl, Selection};
use super::table::WorkspaceTable;
use crate::api::exports::href as export_href;
use crate::api::workspaces as api;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::facet_menu::FacetMenu;
use crate::components::ui::filter_bar::{Chips, SearchBox};
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::pagination::range_words;
use crate::components::ui::states::{EmptyState, ErrorState, PartNotice, StaleNotice};
use crate::components::ui::{Button, Icon};
use crate::format::thousands;
use crate::pages::jobs::data_sets::FleetFreshness;
use crate::pages::places::FleetTabs;
use crate::pages::views::ViewsMenu;
use crate::state::clock::right_now;
use crate::state::fleet_list::use_fleet_list;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 800;

/// Which rows are in sight.
fn place_words(rows: Rows) -> Option<String> {
    let (sight, total) = (rows.sight.get(), rows.total.get()?);
    Some(range_words(Some(sight.start), sight.end - sight.start, total)).filter(|_| !sight.is_empty())
}

/// The list.
#[component]
pub fn WorkspaceListPage() -> impl IntoView {
    use_title(|| Some("WorkSpaces".to_owned()));
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    // While the router leaves this page its address is another page's.
    let here = Memo::new(move |_| (path.get() == "/workspaces").then(|| ListUrl::parse(&search.get())));
    let url = Memo::new(move |before: Option<&ListUrl>| here.get().or_else(|| before.cloned()).unwrap_or_default());
    let list = use_fleet_list();
    Effect::new(move |_| list.search.set(url.with(ListUrl::search)));

    let facets = Loader::once(api::facets);
    let rows = Rows::new();
    let selection = RwSignal::new(Selection::default());
    let wanted = RwSignal::new(None);

    let navigate = StoredValue::new_local(use_navigate());
    let go = move |url: ListUrl, replace: bool| {
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&url.path(), options));
    };
    let now = move || url.get_untracked();
    // The row that the address was last given; another one there is somewhere to go.
    let placed = StoredValue::new(0);
    let scroll = Scroll::new(
        rows,
        Callback::new(move |row| {
            if here.with_untracked(|here| here.as_ref().is_some_and(|url| url.row != row)) {
                placed.set_value(row);
                go(ListUrl { row, ..now() }, true);
            }
        }),
    );
    let key = Memo::new(move |_| here.get().map(|url| (url.list_key(), url.row)));
    Effect::new(move |before: Option<Option<String>>| {
        let before = before.flatten();
        let Some((list, row)) = key.get() else { return before };
        if before.as_ref() != Some(&list) {
            placed.set_value(row);
            rows.show(now().query, row);
            if before.is_some() {
                selection.set(Selection::default());
            }
        } else if placed.get_value() != row {
            placed.set_value(row);
            scroll.go(row, true);
        }
        Some(list)
    });

    let settle = Debounce::new();
    let read_again = move || {
        settle.soon(SETTLE_MS, move || {
            rows.read_again();
            facets.refresh();
        });
    };
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::WorkspaceState { id, state, .. }) => {
            rows.state_changed(*id, state, right_now());
            read_again();
        }
        LiveEvent::Happened(Event::FleetChanged { .. }) | LiveEvent::ReadAgain => read_again(),
        LiveEvent::Happened(_) => {}
    });

    let on_sort = Callback::new(move |sort| go(now().sorted(&sort), false));
    let total = move || rows.total.get().map_or_else(|| "…".to_owned(), thousands);
    let blank = Memo::new(move |_| rows.total.get().is_none());
    let none = Memo::new(move |_| rows.total.get() == Some(0));
    let shown = move || if blank.get() { rows.error.with(Option::is_none) } else { !none.get() };
    let sort = Signal::derive(move || url.with(ListUrl::sort));
    let columns = Memo::new(move |_| url.with(|u| u.columns.clone()));
    view! {
        <PageHead
            title="WorkSpaces".to_owned()
            lead=view! {
                <p><b data-testid="ws-total">{total}</b>{move || if url.with(ListUrl::filtered) { " match" } else { " in the fleet" }}</p>
                <FleetFreshness/>
            }.into_any()
        >
            <ViewsMenu page=ViewPage::Workspaces query=Signal::derive(move || url.with(|u| u.clone().at_top().search()))/>
            <ExportMenu href=Signal::derive(move || url.with(|u| export_href(paths::EXPORT_WORKSPACES, &u.query)))/>
        </PageHead>
        <FleetTabs current="workspaces"/>
        <section class="filters" aria-label="Filters">
            <SearchBox
                label="Search user, computer, id, address or tag"
                testid="ws-search"
                value=Signal::derive(move || url.with(|u| u.query.q.clone().unwrap_or_default()))
                on_search=move |words: String| go(now().searching(&words), true)
            />
            <FacetMenus url facets on_change=Callback::new(move |url| go(url, false))/>
            <PartNotice loader=facets what="What the menus offer"/>
            <Chips
                chips=Signal::derive(move || url.with(|u| facets.data.with(|f| chips(u, f.as_ref().unwrap_or(&WorkspaceFacetsView::default())))))
                on_remove=move |chip| go(without(now(), &chip), false)
                on_clear=move |()| go(now().unfiltered(), false)
            />
        </section>
        <LeftOut told=Signal::derive(move || url.with(|u| u.left_out.clone())) on_close=move |()| go(now(), true)/>
        {move || match (rows.error.get(), blank.get()) {
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| rows.retry()/> }.into_any()),
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| rows.retry()/> }.into_any()),
            (None, _) => None,
        }}
        <Show when=shown>
            <WorkspaceTable rows scroll columns selection sort on_sort/>
            <p class="fleet-place" data-testid="ws-place">{move || place_words(rows)}</p>
        </Show>
        <Show when=move || none.get()>
            {move || if url.with(ListUrl::filtered) {
                view! {
                    <EmptyState icon=Icon::Search title="Nothing matches" text="No WorkSpace has all that the search and filters ask for.">
                        <Button on_click=move |()| go(now().unfiltered(), false)>"Clear all filters"</Button>
                    </EmptyState>
                }.into_any()
            } else {
                view! {
                    <EmptyState icon=Icon::Desktop title="No WorkSpaces yet" text="Connect an AWS account and sync it; its WorkSpaces appear here by themselves.">
                        <a class="btn btn-primary" href="/accounts">"To the accounts"</a>
                    </EmptyState>
                }.into_any()
            }}
        </Show>
        <BulkBar
            selection
            wanted
            query=Signal::derive(move || url.with(|u| u.query.clone()))
            total=rows.total.into()
        />
        <ActionDialog wanted on_started=move |_| selection.set(Selection::default())/>
    }
}

#[component]
fn FacetMenus(url: Memo<ListUrl>, facets: Loader<WorkspaceFacetsView>, on_change: Callback<ListUrl>) -> impl IntoView {
    let menus = Facet::ALL
        .iter()
        .map(|&facet| {
            let options = Signal::derive(move || {
                url.with(|u| facets.data.with(|f| f.as_ref().map(|f| facet.options(f, &u.query)).unwrap_or_default()))
            });
            view! {
                <FacetMenu
                    key=facet.key()
                    label=facet.label()
                    options
                    chosen=Signal::derive(move || url.with(|u| facet.values(&u.query)))
                    on_toggle=move |value: String| on_change.run(url.get_untracked().toggled(facet, &value))
                />
            }
        })
        .collect_view();
    let gone = move || url.with(|u| u.query.gone == Some(true));
    let toggle_gone = move |_| {
        let mut to = url.get_untracked().at_top();
        to.query.gone = if to.query.gone == Some(true) { None } else { Some(true) };
        on_change.run(to);
    };
    view! {
        <div class="facets">
            {menus}
            <button
                class="facet-button"
                class:facet-active=gone
                type="button"
                data-testid="facet-gone"
                aria-pressed=move || gone().to_string()
                on:click=toggle_gone
            >
                "Gone"
            </button>
            <ColumnsMenu
                columns=Signal::derive(move || url.with(|u| u.columns.clone()))
                on_change=move |columns| on_change.run(url.get_untracked().with_columns(columns))
            />
        </div>
    }
}
