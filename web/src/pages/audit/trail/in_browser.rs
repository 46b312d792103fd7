//! The bar over AWS's events in a browser: what is chosen in it, and that the address has it. And what an event is about, as links.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::page::Page;
use contract::paths;
use contract::session::SessionView;
use contract::trail::{
    TrailEventDetailView, TrailEventView, TrailFacetValue, TrailFacetsView, TrailQuery, TrailWorkspaceView,
};
use contract::views::SavedView;
use domain::access::Permission;
use domain::ids::{AccountId, TrailEventId, WorkspaceId};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::drawer::{EventDrawer, about};
use super::filters::Filters;
use crate::stage::{Api, Stage, answer, search, session, set_address, stage, until};
use crate::state::session::Session;
use crate::state::toasts::Toasts;
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::{UrlList, read_query};

/// The bar at an address, over events of two people.
fn bar(api: &Api, address: &str) -> Stage {
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[Permission::AuditRead]))));
    api.answers(|call| {
        let none = Page::<SavedView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == paths::VIEWS).then(|| answer(200, &none))
    });
    set_address(address);
    stage(|| {
        provide_context(Toasts::new());
        provide_context(Session::load());
        let value = |name: &str, count| TrailFacetValue { value: name.to_owned(), label: name.to_owned(), count };
        let facets = TrailFacetsView {
            looked_at: 4,
            whole: true,
            name: Vec::new(),
            actor: vec![value("ada", 3), value("bob", 1)],
            account: Vec::new(),
            region: Vec::new(),
            outcome: Vec::new(),
        };
        let part = move || {
            let list = UrlList::<TrailQuery>::at("/audit");
            view! { <Filters list facets=RwSignal::new(Some(facets.clone()))/> }
        };
        view! { <Router>{part()}</Router> }
    })
}

#[wasm_bindgen_test]
async fn what_filters_is_a_chip_and_in_the_address_and_goes_with_it() {
    let api = Api::new();
    let page = bar(&api, "/audit?name=StopWorkspaces&region=eu-west-1&limit=25&cursor=further");
    until("the chips", || page.find(".chip").is_some()).await;
    assert_eq!(page.each_words(".chip-value"), ["StopWorkspaces", "eu-west-1"]);
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert!(file.contains("name=StopWorkspaces") && file.contains("region=eu-west-1"), "{file}");
    page.click(".chip").await;
    assert_eq!(search(), "?region=eu-west-1&limit=25", "what is left begins at its first page");

    page.click("[data-testid=trail-changes]").await;
    assert_eq!(search(), "?region=eu-west-1&changes=true&limit=25");
    page.write("[data-testid=trail-search]", " ws-7 ").await;
    until("what is searched for", || search() == "?region=eu-west-1&changes=true&q=ws-7&limit=25").await;
    page.click("[data-testid=filters-clear]").await;
    assert_eq!((search().as_str(), page.find(".chip").is_none()), ("?limit=25", true));
    until("the box is empty", || page.typed("[data-testid=trail-search]").is_empty()).await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_time_that_the_days_can_t_show_is_a_chip_that_takes_both_bounds_with_it() {
    let api = Api::new();
    let page = bar(&api, "/audit?name=StopWorkspaces&from=2026-11-21T09:35:00Z&to=2026-11-21T10:35:00Z&limit=25");
    until("the chips", || page.all(".chip-value").len() == 2).await;
    let words = page.each_words(".chip-value").remove(1);
    assert!(words.contains(" – ") && words.matches(":05:00").count() == 2, "on the clock of the tests: {words}");
    page.all(".chip")[1].click();
    until("it is gone", || search() == "?name=StopWorkspaces&limit=25").await;
    until("its chip, too", || page.each_words(".chip-value") == ["StopWorkspaces"]).await;
    assert_eq!(page.typed("[data-testid=trail-from]"), "");
    set_address("/");
}

#[wasm_bindgen_test]
async fn of_a_facet_several_values_are_chosen_beside_each_other_and_taken_back() {
    const WHO: &str = "[data-testid=facet-actor]";
    let api = Api::new();
    let page = bar(&api, "/audit");
    page.click(WHO).await;
    let option = |name: &str| format!("[data-testid=facet-option-{name}]");
    assert_eq!(page.each_words(".facet-option"), ["ada3", "bob1"]);
    for (name, address, count) in [("ada", "?actor=ada", "1"), ("bob", "?actor=ada%2Cbob", "2")] {
        page.click(&format!("{} input", option(name))).await;
        assert_eq!(search(), address);
        assert_eq!(page.words(".facet-count"), count);
    }
    assert_eq!(page.each_words(".chip-value"), ["ada", "bob"]);
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert!(file.contains("actor=ada%2Cbob"), "{file}");
    page.click(&format!("{} input", option("ada"))).await;
    assert_eq!((search().as_str(), page.words(".facet-count").as_str()), ("?actor=bob", "1"));
    page.click(&format!("{} input", option("bob"))).await;
    assert_eq!((search().as_str(), page.find(".facet-count").is_none()), ("", true));

    page.write("[data-testid=trail-from]", "2026-11-01").await;
    page.leave("[data-testid=trail-from]").await;
    assert!(search().starts_with("?from=2026-1"), "{}", search());
    assert_eq!(page.typed("[data-testid=trail-from]"), "2026-11-01", "it is a day of the reader's clock");
    set_address("/");
}

#[wasm_bindgen_test]
async fn what_was_kept_when_a_facet_took_one_value_is_a_list_of_one() {
    let api = Api::new();
    let page = bar(&api, "/audit?actor=Admin%2Fgrace%40example.com&name=StopWorkspaces");
    until("the chips", || page.all(".chip-value").len() == 2).await;
    assert_eq!(page.each_words(".chip-value"), ["StopWorkspaces", "Admin/grace@example.com"]);
    page.click("[data-testid=facet-actor]").await;
    assert_eq!(page.each_words(".facet-option"), ["ada3", "bob1", "Admin/grace@example.com0"]);
    page.click("[data-testid=facet-option-bob] input").await;
    assert!(search().starts_with("?name=StopWorkspaces&actor=Admin%2Fgrace%40example.com%2Cbob"), "{}", search());
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_workspace_of_an_event_leads_to_its_page_and_to_our_own_entries() {
    let id = WorkspaceId(Uuid::from_u128(7));
    let one = TrailWorkspaceView { id, aws_id: Some("ws-7".to_owned()), user_name: Some("grace".to_owned()) };
    let page = stage(move || about(&one, DateTime::UNIX_EPOCH, true));
    assert_eq!(page.attribute("a", "href"), Some(format!("/workspaces/{id}")));
    let href = page.attribute("[data-testid=trail-in-log]", "href").unwrap_or_default();
    assert!(href.starts_with(&format!("/audit/log?object_id={id}&from=1969-12-31")), "{href}");
    let spoken = page.attribute("[data-testid=trail-in-log]", "aria-label").unwrap_or_default();
    assert!(spoken.contains("grace"), "{spoken}");
}

/// A call about one WorkSpace.
fn detail() -> TrailEventDetailView {
    let about =
        TrailWorkspaceView { id: WorkspaceId(Uuid::from_u128(7)), aws_id: None, user_name: Some("grace".to_owned()) };
    TrailEventDetailView {
        event: TrailEventView {
            id: TrailEventId(Uuid::from_u128(8)),
            at: DateTime::UNIX_EPOCH,
            name: "StopWorkspaces".to_owned(),
            source: "workspaces.amazonaws.com".to_owned(),
            read_only: Some(false),
            actor: Some("Smith, Ada".to_owned()),
            address: None,
            error_code: None,
            error_message: None,
            account_id: AccountId(Uuid::from_u128(1)),
            account: Some("main".to_owned()),
            region: "eu-west-1".parse().unwrap(),
            workspaces: vec![about],
        },
        event_id: "e-8".to_owned(),
        actor_arn: None,
        user_agent: None,
        parameters: None,
        answer: None,
        record: serde_json::Value::Null,
    }
}

/// The drawer of that call, of somebody who may read the audit: of a part of the fleet alone where `in_parts` says so.
async fn drawer(api: &Api, in_parts: Vec<String>) -> Stage {
    let who = SessionView { in_parts, ..session(&[Permission::AuditRead]) };
    api.answers(move |call| (call.path == paths::SESSION).then(|| answer(200, &who)));
    let id = TrailEventId(Uuid::from_u128(8));
    set_address(&format!("/audit?event={id}"));
    let page = stage(|| {
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let there = move || {
            session.signed_in().then(|| {
                let list = UrlList::<TrailQuery>::at("/audit");
                let drawer = UrlDrawer::at::<TrailQuery>("/audit");
                view! { <EventDrawer drawer list/> }
            })
        };
        view! { <Router>{there}</Router> }
    });
    api.asked("GET", &paths::with_id(paths::TRAIL_EVENT, id)).await.answer(200, &detail());
    until("what it is about", || page.find(".trail-about").is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn our_own_entries_are_led_to_for_who_may_read_all_of_them_alone() {
    for (in_parts, led) in [(Vec::new(), true), (vec![Permission::AuditRead.as_str().to_owned()], false)] {
        let api = Api::new();
        let page = drawer(&api, in_parts).await;
        assert_eq!(page.words(".trail-about a"), "grace");
        assert_eq!(page.find("[data-testid=trail-in-log]").is_some(), led);
        set_address("/");
    }
}

#[wasm_bindgen_test]
async fn all_by_a_person_whose_name_has_a_comma_is_all_by_that_one() {
    let api = Api::new();
    let page = drawer(&api, Vec::new()).await;
    page.click("[data-testid=trail-drawer] .row-actions button").await;
    let theirs = TrailQuery { actor: Some("Smith\\, Ada".to_owned()), ..TrailQuery::default() };
    until("the list of theirs", || read_query::<TrailQuery>(&search()).0 == theirs).await;
    set_address("/");
}
