//! What happened to one WorkSpace, in a browser: what narrows it is in the address, and new things come in on the first page alone.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::paths;
use contract::problem::code;
use contract::timeline::{TimelineItemView, TimelineLeftOutView, TimelineView};
use domain::access::Permission;
use domain::ids::WorkspaceId;
use domain::timeline::TimelineKind;
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::activity::ActivityTab;
use crate::stage::{Api, Stage, answer, problem, search, session, set_address, settle, stage, travel, until};
use crate::state::clock::Now;
use crate::state::session::Session;

const ID: WorkspaceId = WorkspaceId(Uuid::from_u128(5));
const EVENT: &str = "[data-testid=event]";
const NONE: &str = "[data-testid=activity-none]";

fn call(name: &str) -> TimelineItemView {
    TimelineItemView {
        id: name.to_owned(),
        at: DateTime::UNIX_EPOCH,
        kind: TimelineKind::Aws,
        what: name.to_owned(),
        name: None,
        before: None,
        after: None,
        who: None,
        outcome: None,
        reason: None,
        job_id: None,
        audit_seq: None,
        trail_event_id: None,
    }
}

fn listed(names: &[&str], next: Option<&str>, total: u64) -> TimelineView {
    let items = names.iter().map(|name| call(name)).collect();
    TimelineView { items, next_cursor: next.map(str::to_owned), total, left_out: Vec::new(), aws: None }
}

fn question() -> String {
    paths::with_id(paths::WORKSPACE_TIMELINE, ID)
}

/// The tab with that query in its address.
fn tab(api: &Api, query: &str, happened: RwSignal<u32>) -> Stage {
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[]))));
    set_address(&format!("/workspaces/{ID}{query}"));
    stage(move || {
        provide_context(Now::start());
        provide_context(Session::load());
        view! { <Router><ActivityTab id=ID happened/></Router> }
    })
}

#[wasm_bindgen_test]
async fn kinds_are_chosen_in_the_address_and_what_is_not_shown_is_said() {
    let api = Api::new();
    let page = tab(&api, "?tab=activity&kind=aws", RwSignal::new(0));
    let asked = api.asked("GET", &question()).await;
    assert_eq!(asked.query, "kind=aws&limit=50");
    asked.answer(200, &listed(&["StopWorkspaces"], Some("older"), 3));
    until("the event", || page.find(EVENT).is_some()).await;
    let pressed = || {
        let of = |kind: &TimelineKind| page.attribute(&format!("[data-testid=kind-{kind}]"), "aria-pressed");
        TimelineKind::ALL.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(pressed(), ["false", "false", "false", "true"]);
    assert_eq!(page.words("[data-testid=activity-range]"), "1–1 of 3");
    let older = page.attribute("[data-testid=activity-older]", "href");
    assert_eq!(older, Some(format!("/workspaces/{ID}?tab=activity&kind=aws&cursor=older")));
    assert!(page.find("[data-testid=activity-newest]").is_none(), "these are the newest");

    page.click("[data-testid=kind-action]").await;
    let asked = api.asked("GET", &question()).await;
    assert_eq!(asked.query, "kind=action%2Caws&limit=50");
    assert_eq!(search(), "?tab=activity&kind=action%2Caws");
    assert_eq!(pressed(), ["false", "false", "true", "true"]);
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert!(file.contains("kind=action%2Caws") && !file.contains("limit"), "{file}");
    let hidden = TimelineLeftOutView { kind: TimelineKind::Action, needs: vec![Permission::AuditRead] };
    asked.answer(200, &TimelineView { left_out: vec![hidden], ..listed(&[], None, 0) });
    until("that there is none", || page.find(NONE).is_some()).await;
    assert!(page.words(NONE).contains("Nothing like that happened"), "{}", page.words(NONE));
    let notes = page.words("[data-testid=activity-notes]");
    assert!(notes.contains("What was asked for here is not shown") && notes.contains("audit:read"), "{notes}");

    page.click("[data-testid=activity-clear]").await;
    let asked = api.asked("GET", &question()).await;
    assert_eq!((asked.query.as_str(), search().as_str()), ("limit=50", "?tab=activity"));
    asked.answer(200, &listed(&[], None, 0));
    until("that nothing happened", || page.words(NONE).contains("Nothing happened yet")).await;
    assert!(page.find("[data-testid=activity-clear]").is_none(), "there is nothing to clear");
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_cursor_that_is_none_is_told_and_a_page_further_back_stays_as_it_is() {
    let (api, happened) = (Api::new(), RwSignal::new(0));
    let page = tab(&api, "?tab=activity&kind=aws&cursor=none", happened);
    let refused = problem(400, code::BAD_CURSOR, "That is no cursor.");
    api.asked("GET", &question()).await.answer(400, &refused);
    let asked = api.asked("GET", &question()).await;
    assert_eq!((asked.query.as_str(), search().as_str()), ("kind=aws&limit=50", "?tab=activity&kind=aws"));
    asked.answer(200, &listed(&["StopWorkspaces"], Some("older"), 2));
    until("the event", || page.find(EVENT).is_some()).await;
    assert!(page.words("[data-testid=left-out]").contains("cursor=none"), "it is told what is not here");
    assert!(page.find("[role=alert]").is_none(), "nothing is wrong with what is shown");

    happened.set(1);
    let asked = api.asked("GET", &question()).await;
    assert_eq!(page.all(EVENT).len(), 1, "what is there stays while it is read again");
    asked.answer(200, &listed(&["StartWorkspaces", "StopWorkspaces"], Some("older"), 3));
    until("what happened", || page.all(EVENT).len() == 2).await;

    travel(&format!("/workspaces/{ID}?tab=activity&kind=aws&cursor=older")).await;
    assert!(page.find("[data-testid=left-out]").is_none(), "it was told of another address");
    let asked = api.asked("GET", &question()).await;
    assert_eq!(asked.query, "kind=aws&limit=50&cursor=older");
    asked.answer(200, &listed(&["RebootWorkspaces"], None, 3));
    until("the older one", || page.find("[data-id=RebootWorkspaces]").is_some()).await;
    let newest = page.attribute("[data-testid=activity-newest]", "href");
    assert_eq!(newest, Some(format!("/workspaces/{ID}?tab=activity&kind=aws")));
    happened.set(2);
    settle().await;
    assert_eq!(api.waiting(), 0, "somebody reads it");
    set_address("/");
}
