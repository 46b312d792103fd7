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
use super::state::{ListUrl, PAGE_SIZES, Selection, left_out_words};
use super::table::WorkspaceTable;
use crate::api::exports::href as export_href;
use crate::api::workspaces as api;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::facet_menu::FacetMenu;
use crate::components::ui::filter_bar::{Chips, SearchBox};
use crate::components::ui::pagination::{Pagination, range_words};
use crate::components::ui::states::{EmptyState, ErrorState, StaleNotice};
use crate::components::ui::{Button, ButtonSize, Icon, IconView};
use crate::format::thousands;
use crate::pages::jobs::data_sets::FleetFreshness;
use crate::pages::views::ViewsMenu;
use crate::state::clock::right_now;
use crate::state::fleet_list::use_fleet_list;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 800;

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

    let key = Memo::new(move |_| here.get().map(|url| url.query));
    let page = Loader::keyed(key, |query| async move { api::list(&query).await });
    let facets = Loader::once(api::facets);
    let rows = Rows::new();
    Effect::new(move |_| page.data.with(|p| p.as_ref().map(|p| rows.merge(&p.items))));

    let selection = RwSignal::new(Selection::default());
    let wanted = RwSignal::new(None);
    let list_key = Memo::new(move |_| url.with(ListUrl::list_key));
    Effect::new(move |before: Option<String>| {
        let now = list_key.get();
        if before.is_some_and(|before| before != now) {
            selection.set(Selection::default());
        }
        now
    });

    let settle = Debounce::new();
    let read_again = move || {
        settle.soon(SETTLE_MS, move || {
            page.reload();
            facets.reload();
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

    let navigate = StoredValue::new_local(use_navigate());
    let go = move |url: ListUrl, replace: bool, scroll: bool| {
        navigate.with_value(|n| n(&url.path(), NavigateOptions { replace, scroll, ..NavigateOptions::default() }));
    };
    let now = move || url.get_untracked();
    let on_sort = Callback::new(move |sort| go(now().sorted(&sort), false, false));
    let turn = move |forward: bool| {
        let mut to = now();
        let key = to.list_key();
        let turned = to.turned;
        if forward {
            let next = page.data.with_untracked(|p| p.as_ref().and_then(|p| p.next_cursor.clone()));
            if next.is_none() {
                return;
            }
            list.trail.update_value(|t| t.forward(&key, to.query.cursor.clone()));
            to.query.cursor = next;
            to.turned = turned + 1;
        } else {
            let mut cursor = None;
            list.trail.update_value(|t| cursor = t.back(&key));
            to.turned = if cursor.is_some() { turned.saturating_sub(1) } else { 0 };
            to.query.cursor = cursor;
        }
        go(to, false, true);
    };
    let range = Signal::derive(move || {
        page.data.with(|p| {
            let Some(p) = p else { return "…".to_owned() };
            let before = url.with(|u| u.turned * u64::from(u.limit()));
            // An address with a cursor but no page count (a shared link that was cut) can't tell how many came before.
            let known = url.with(|u| u.query.cursor.is_none() || u.turned > 0);
            range_words(known.then_some(before), p.items.len() as u64, p.total)
        })
    });
    let total = move || page.data.with(|p| p.as_ref().map_or_else(|| "…".to_owned(), |p| thousands(p.total)));
    let none = move || page.data.with(|p| p.as_ref().is_some_and(|p| p.items.is_empty()));
    let blank = Signal::derive(move || page.blank());
    let shown = move || if page.blank() { page.error.with(Option::is_none) } else { !none() };
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
            <ViewsMenu page=ViewPage::Workspaces query=Signal::derive(move || url.with(|u| u.clone().first_page().search()))/>
            <ExportMenu href=Signal::derive(move || url.with(|u| export_href(paths::EXPORT_WORKSPACES, &u.query)))/>
        </PageHead>
        <section class="filters" aria-label="Filters">
            <SearchBox
                label="Search user, computer, id, address or tag"
                testid="ws-search"
                value=Signal::derive(move || url.with(|u| u.query.q.clone().unwrap_or_default()))
                on_search=move |words: String| go(now().searching(&words), true, false)
            />
            <FacetMenus url facets on_change=Callback::new(move |url| go(url, false, false))/>
            <Chips
                chips=Signal::derive(move || url.with(|u| facets.data.with(|f| chips(u, f.as_ref().unwrap_or(&WorkspaceFacetsView::default())))))
                on_remove=move |chip| go(without(now(), &chip), false, false)
                on_clear=move |()| go(now().unfiltered(), false, false)
            />
        </section>
        <LeftOut url on_change=Callback::new(move |url| go(url, true, false))/>
        {move || match (page.error.get(), page.blank()) {
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| page.reload()/> }.into_any()),
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| page.reload()/> }.into_any()),
            (None, _) => None,
        }}
        <Show when=shown>
            <WorkspaceTable rows columns selection sort blank stale=page.loading on_sort/>
            <Pagination
                range
                has_previous=Signal::derive(move || url.with(|u| u.query.cursor.is_some()))
                has_next=Signal::derive(move || page.data.with(|p| p.as_ref().is_some_and(|p| p.next_cursor.is_some())))
                on_previous=move |()| turn(false)
                on_next=move |()| turn(true)
            >
                <PageSize url on_change=Callback::new(move |url| go(url, true, false))/>
            </Pagination>
        </Show>
        <Show when=none>
            {move || if url.with(ListUrl::filtered) {
                view! {
                    <EmptyState icon=Icon::Search title="Nothing matches" text="No WorkSpace has all that the search and filters ask for.">
                        <Button on_click=move |()| go(now().unfiltered(), false, false)>"Clear all filters"</Button>
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
            rows
            query=Signal::derive(move || url.with(|u| u.query.clone()))
            total=Signal::derive(move || page.data.with(|p| p.as_ref().map(|p| p.total)))
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
        let mut to = url.get_untracked().first_page();
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

/// What the address asks for and there is not.
#[component]
fn LeftOut(url: Memo<ListUrl>, on_change: Callback<ListUrl>) -> impl IntoView {
    let told = Memo::new(move |_| url.with(|u| left_out_words(&u.left_out)));
    move || {
        told.get().map(|words| {
            view! {
                <div class="notice notice-warning" role="status" data-testid="ws-left-out">
                    <IconView icon=Icon::Alert/>
                    <p>{words}</p>
                    <Button size=ButtonSize::Small on_click=move |()| on_change.run(url.get_untracked())>"Close"</Button>
                </div>
            }
        })
    }
}

#[component]
fn PageSize(url: Memo<ListUrl>, on_change: Callback<ListUrl>) -> impl IntoView {
    let change = move |event| {
        let mut to = url.get_untracked().first_page();
        to.query.limit = event_target_value(&event).parse().ok().filter(|n| *n != contract::page::DEFAULT_LIMIT);
        on_change.run(to);
    };
    let options = PAGE_SIZES
        .iter()
        .map(|&size| {
            view! {
                <option value=size.to_string() selected=move || url.with(|u| u.limit() == size)>
                    {size.to_string()}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="page-size">
            "Rows"
            <select class="input select" data-testid="page-size" on:change=change>{options}</select>
        </label>
    }
}
