//! The list in a browser: 50,000 rows of which few are drawn, keys that lead from row to row, and the choice of rows.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::page::Page;
use contract::paths;
use contract::workspaces::{WorkspaceIdsView, WorkspaceQuery};
use domain::access::Permission;
use domain::ids::WorkspaceId;
use domain::workspace::{MOST_AT_ONCE, WorkspaceState};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::bulk::BulkBar;
use super::columns::Columns;
use super::rows::Rows;
use super::scroll::{HEAD_ROWS, Scroll};
use super::state::Selection;
use super::table::WorkspaceTable;
use super::window::MOST_DRAWN;
use crate::components::ui::table::Sort;
use crate::components::ui::toast::ToastRegion;
use crate::format::query_pairs;
use crate::stage::{
    Answer, Api, Call, Stage, answer, focused, key, painted, problem, session, settle, stage, until, workspace,
};
use crate::state::clock::{Now, right_now};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

/// What makes all rows equally high.
const STYLES: &str = concat!(
    include_str!("../../../styles/00-tokens.css"),
    include_str!("../../../styles/pages/00-basic-table.css"),
    include_str!("../../../styles/pages/20-fleet.css")
);
const TOTAL: u64 = 50_000;
const ROWS: &str = "tr[data-id]";

/// The list on the page, with what it is made of.
struct List {
    page: Stage,
    rows: Rows,
    query: RwSignal<WorkspaceQuery>,
    /// Whether the API answers for rows that are not the first.
    further: Rc<Cell<bool>>,
}

/// The page of the list that a call asks for.
fn rows_of(call: &Call, further: bool) -> Option<Answer> {
    if call.path != paths::WORKSPACES {
        return None;
    }
    let pairs = query_pairs(&call.query);
    let number =
        |name: &str| pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let first = number("cursor").or(number("offset")).unwrap_or(0);
    if first > 0 && !further {
        return Some(answer(503, &problem(503, "unavailable", "Back soon.")));
    }
    let end = (first + number("limit").unwrap_or(50)).min(TOTAL);
    let next_cursor = (end < TOTAL).then(|| end.to_string());
    Some(answer(200, &Page { items: (first..end).map(workspace).collect(), next_cursor, total: TOTAL }))
}

async fn list(api: &Api) -> List {
    let further = Rc::new(Cell::new(true));
    let all = further.clone();
    api.answers(move |call| rows_of(call, all.get()));
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[Permission::WorkspaceRead]))));
    let query = RwSignal::new(WorkspaceQuery { sort: Some("-state".to_owned()), ..WorkspaceQuery::default() });
    let made = StoredValue::new(None);
    let page = stage(move || {
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        let rows = Rows::new();
        let scroll = Scroll::new(rows, Callback::new(|_| ()));
        let selection = RwSignal::new(Selection::default());
        rows.show(query.get_untracked(), 0);
        made.set_value(Some(rows));
        view! {
            <style inner_html=STYLES></style>
            <Router>
                <WorkspaceTable rows scroll columns=Signal::stored(Columns::default()) selection sort=Signal::stored(Sort::parse("-state")) on_sort=|_| ()/>
                <BulkBar selection wanted=RwSignal::new(None) query=query.into() total=rows.total.into()/>
                <ToastRegion/>
            </Router>
        }
    });
    until("the rows in sight and some more", || page.all(ROWS).len() >= 16).await;
    // Until then the list stays where it begins.
    painted().await;
    List { page, rows: made.get_value().unwrap(), query, further }
}

impl List {
    /// The places of the rows that are drawn, in order, with the names on them.
    fn drawn(&self) -> Vec<(u64, String)> {
        let place = |row: &web_sys::HtmlElement| row.get_attribute("aria-rowindex").unwrap().parse::<u64>().unwrap();
        let name =
            |row: &web_sys::HtmlElement| row.query_selector(".cell-link").unwrap().unwrap().text_content().unwrap();
        let drawn: Vec<_> = self.page.all(ROWS).iter().map(|row| (place(row) - HEAD_ROWS - 1, name(row))).collect();
        assert!(drawn.len() <= usize::try_from(MOST_DRAWN).unwrap(), "{}", drawn.len());
        drawn
    }

    /// Scrolls so that a row comes first in the window, or near it.
    fn scroll_to(&self, row: f64) {
        let second = f64::from(self.page.all(ROWS)[1].offset_top() - self.page.all(ROWS)[0].offset_top());
        window().scroll_to_with_x_and_y(0.0, row * second);
    }

    /// The place of the row that has the focus.
    fn focused(&self) -> Option<u64> {
        let row = focused().closest("tr").unwrap()?;
        Some(row.get_attribute("aria-rowindex")?.parse::<u64>().unwrap() - HEAD_ROWS - 1)
    }

    fn chosen(&self) -> Option<String> {
        self.page.find("[data-testid=bulk-count]").and_then(|count| count.text_content())
    }
}

#[wasm_bindgen_test]
async fn of_fifty_thousand_rows_few_are_drawn_wherever_one_is() {
    let api = Api::new();
    let list = list(&api).await;
    assert_eq!(list.page.attribute("table", "aria-rowcount").as_deref(), Some("50001"));
    assert_eq!(list.drawn()[..2], [(0, "user-0".to_owned()), (1, "user-1".to_owned())]);
    for row in [25_000_u64, 25_040, 24_000, 0] {
        list.scroll_to(row as f64);
        let there = || list.drawn().iter().any(|(place, _)| place.abs_diff(row + 5) < 3);
        until(&format!("the rows around {row}"), there).await;
        let drawn = list.drawn();
        assert!(drawn.iter().all(|(place, name)| *name == format!("user-{place}")), "{drawn:?}");
        assert!(drawn.windows(2).all(|two| two[0].0 < two[1].0), "in order: {drawn:?}");
    }
}

#[wasm_bindgen_test]
async fn keys_lead_from_row_to_row_and_to_the_ends() {
    let api = Api::new();
    let list = list(&api).await;
    list.page.focus("tr[data-id] a").await;
    for (name, place) in
        [("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", TOTAL - 1), ("ArrowUp", TOTAL - 2), ("Home", 0)]
    {
        key(name).await;
        until(&format!("{name} leads to {place}"), || list.focused() == Some(place)).await;
        assert_eq!(focused().text_content(), Some(format!("user-{place}")));
    }
    list.page.focus("tr[data-id] input").await;
    key("ArrowDown").await;
    until("from box to box", || list.focused() == Some(1) && focused().tag_name() == "INPUT").await;
}

#[wasm_bindgen_test]
async fn rows_that_cannot_be_read_say_so_and_are_tried_again() {
    let api = Api::new();
    let list = list(&api).await;
    list.further.set(false);
    list.scroll_to(30_050.0);
    let failed = "[data-testid=ws-failed]";
    until("that it failed", || list.page.find(failed).is_some()).await;
    assert_eq!(list.page.all(failed).len(), 1, "told once for all of them");
    assert!(list.page.words(failed).contains("could not be loaded. Back soon."));
    list.further.set(true);
    list.page.click("[data-testid=ws-retry]").await;
    until("the rows", || list.page.find(failed).is_none() && !list.drawn().is_empty()).await;
}

#[wasm_bindgen_test]
async fn rows_are_chosen_one_by_one_in_a_run_and_all_that_match() {
    let api = Api::new();
    let list = list(&api).await;
    let boxed = |row: u64| format!("tr[aria-rowindex='{}'] input", row + HEAD_ROWS + 1);
    assert_eq!(list.chosen(), None);
    list.page.click(&boxed(2)).await;
    list.page.shift_click(&boxed(6)).await;
    assert_eq!(list.chosen().as_deref(), Some("5"));
    assert_eq!(list.page.all("tr.row-chosen").len(), 5);
    list.page.click(&boxed(4)).await;
    assert_eq!(list.chosen().as_deref(), Some("4"));
    until("the box of all is half chosen", || list.page.find("[data-testid=ws-select-page]:indeterminate").is_some())
        .await;

    let all = "[data-testid=bulk-all]";
    assert_eq!(list.page.words(all), "Select the first 5,000 of 50,000");
    let limit = "[data-testid=bulk-limit]";
    assert!(list.page.words(limit).contains("search or filter to reach the others"), "{}", list.page.words(limit));
    list.page.click(all).await;
    let call = api.asked("GET", paths::WORKSPACE_IDS).await;
    assert_eq!(call.query, "", "how they are sorted does not matter");
    let ids = (0..MOST_AT_ONCE as u128).map(|n| WorkspaceId(Uuid::from_u128(n))).collect();
    call.answer(200, &WorkspaceIdsView { ids, total: TOTAL });
    until("all that one action takes", || list.chosen().as_deref() == Some("5,000")).await;
    let told = list.page.words(".toast-text");
    assert!(told.starts_with("The first 5,000 of 50,000 are selected.") && told.contains("search or filter"), "{told}");
    assert!(list.page.find(all).is_none() && list.page.find(limit).is_none(), "there are no more to choose");
    assert!(list.page.find("[data-testid=ws-select-page]:checked").is_some());
    list.page.click("[aria-label='Clear the selection']").await;
    assert_eq!((list.chosen(), list.page.all("tr.row-chosen").len()), (None, 0));
}

#[wasm_bindgen_test]
async fn what_matched_before_the_list_was_narrowed_is_not_chosen() {
    let api = Api::new();
    let list = list(&api).await;
    list.page.click("tr[data-id] input").await;
    list.page.click("[data-testid=bulk-all]").await;
    let call = api.asked("GET", paths::WORKSPACE_IDS).await;
    list.query.update(|query| query.state = Some("ERROR".to_owned()));
    call.answer(200, &WorkspaceIdsView { ids: [5, 6].map(|n| WorkspaceId(Uuid::from_u128(n))).to_vec(), total: 2 });
    until("the answer was heard", || list.page.attribute("[data-testid=bulk-all]", "aria-busy").is_none()).await;
    assert_eq!(list.chosen().as_deref(), Some("1"));
}

#[wasm_bindgen_test]
async fn a_change_told_by_the_live_stream_is_seen_where_it_is() {
    let api = Api::new();
    let list = list(&api).await;
    let row = "tr[aria-rowindex='3']";
    list.page.focus(&format!("{row} a")).await;
    assert_eq!(list.page.attribute(row, "data-state").as_deref(), Some("STOPPED"));
    list.rows.state_changed(workspace(1).id, &WorkspaceState::Starting, right_now());
    settle().await;
    assert_eq!(list.page.attribute(row, "data-state").as_deref(), Some("STARTING"));
    assert!(list.page.get(row).class_list().contains("row-flash-odd") && list.page.words(row).contains("just now"));
    assert_eq!(list.focused(), Some(1), "the row is the same");
    list.rows.state_changed(workspace(1).id, &WorkspaceState::Starting, right_now());
    settle().await;
    assert!(list.page.get(row).class_list().contains("row-flash-odd"), "nothing new");
}
