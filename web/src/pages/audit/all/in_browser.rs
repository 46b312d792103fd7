//! Everything that happened in a browser: rows that lead to where they are told in full, what filters, what is not shown.
#![cfg(target_arch = "wasm32")]

use chrono::{DateTime, TimeDelta};
use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityView};
use contract::audit::AuditStateView;
use contract::page::Page;
use contract::paths;
use contract::session::SessionView;
use contract::trail::TrailCoverageView;
use contract::views::SavedView;
use domain::access::Permission;
use domain::activity::ActivitySource;
use domain::ids::{TrailEventId, UserId};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::view::AllPage;
use crate::stage::{Api, Stage, answer, problem, search, session, set_address, stage, travel, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ROW: &str = "[data-testid=all-row]";
const OPEN: &str = "[data-testid=all-open]";
const ABOUT: &str = "[data-testid=all-about]";
const LEFT_OUT: &str = "[data-testid=all-left-out]";
const STANDING: &str = "[data-testid=audit-standing]";
const SOURCE: &str = "[data-testid=all-source]";
const WORKSPACE: &str = "0190b6a0-0000-7000-8000-000000000001";

/// Somebody stopped a WorkSpace here.
fn entry() -> ActivityItemView {
    ActivityItemView {
        id: "wheelhouse-7".to_owned(),
        at: DateTime::UNIX_EPOCH + TimeDelta::seconds(9),
        source: ActivitySource::Wheelhouse,
        what: "workspace.stop".to_owned(),
        who: None,
        actor_kind: Some("user".to_owned()),
        actor_id: Some(UserId(Uuid::from_u128(0x1234_5678 << 96))),
        object_kind: Some("workspace".to_owned()),
        object_id: Some(WORKSPACE.to_owned()),
        object_name: Some("grace".to_owned()),
        others: 0,
        outcome: "done".to_owned(),
        reason: None,
        audit_seq: Some(7),
        trail_event_id: None,
    }
}

/// AWS refused a call about three of them.
fn call() -> ActivityItemView {
    ActivityItemView {
        id: "aws-8".to_owned(),
        at: DateTime::UNIX_EPOCH,
        source: ActivitySource::Aws,
        what: "StopWorkspaces".to_owned(),
        actor_kind: None,
        actor_id: None,
        others: 2,
        outcome: "refused".to_owned(),
        audit_seq: None,
        trail_event_id: Some(TrailEventId(Uuid::from_u128(8))),
        ..entry()
    }
}

fn listed(items: Vec<ActivityItemView>, left_out: Vec<ActivityLeftOutView>) -> ActivityView {
    let total = Some(items.len() as u64);
    ActivityView { items, next_cursor: None, total, left_out }
}

/// The list at an address, of somebody who may do this.
fn all(api: &Api, address: &str, may: &[Permission]) -> Stage {
    all_of(api, address, session(may))
}

/// The list at an address, of that person.
fn all_of(api: &Api, address: &str, who: SessionView) -> Stage {
    api.answers(move |call| (call.path == paths::SESSION).then(|| answer(200, &who)));
    api.answers(|call| {
        let none = Page::<SavedView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == paths::VIEWS).then(|| answer(200, &none))
    });
    api.answers(|call| {
        let known = TrailCoverageView { from: None, to: None, unread: 0, places: Vec::new() };
        (call.path == paths::TRAIL_COVERAGE).then(|| answer(200, &known))
    });
    api.answers(|call| {
        let state =
            AuditStateView { head_seq: 1_234, head_hash: None, cut_seq: None, checkpoint: None, verification: None };
        (call.path == paths::AUDIT_STATE).then(|| answer(200, &state))
    });
    set_address(address);
    stage(|| {
        provide_context(Live::start());
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <Router><AllPage/></Router> }
    })
}

#[wasm_bindgen_test]
async fn a_row_says_where_it_happened_and_leads_to_where_it_is_told() {
    let api = Api::new();
    let may = &[Permission::AuditRead, Permission::AuditExport, Permission::WorkspaceRead];
    let page = all(&api, "/audit/all", may);
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![entry(), call()], Vec::new()));
    until("the rows", || page.all(ROW).len() == 2).await;
    assert_eq!(page.each_words(OPEN), ["Workspace: stop", "StopWorkspaces"]);
    let hrefs: Vec<_> = page.all(OPEN).iter().filter_map(|link| link.get_attribute("href")).collect();
    let event = TrailEventId(Uuid::from_u128(8));
    assert_eq!(hrefs, ["/audit/log?entry=7".to_owned(), format!("/audit?event={event}")]);
    assert_eq!(page.each_words("[data-label=Where]"), ["Wheelhouse", "AWS"]);
    assert_eq!(page.each_words("[data-label=Who]"), ["erased · 12345678", "–"]);
    assert_eq!(page.each_words("[data-label=Outcome]"), ["Done", "Refused"]);
    assert_eq!(page.each_words("[data-label=About]"), ["graceWorkspace", "graceand 2 others"]);
    until("what they are about is led to", || page.all(ABOUT).len() == 2).await;
    assert_eq!(page.attribute(ABOUT, "href"), Some(format!("/workspaces/{WORKSPACE}")));
    assert!(page.find(LEFT_OUT).is_none(), "nothing is kept from them");
    until("how our own log stands", || page.find(STANDING).is_some()).await;
    let words = page.words(STANDING);
    assert!(["Wheelhouse's log", "1,234", "Not verified yet"].iter().all(|part| words.contains(part)), "{words}");
    until("a file has it all", || page.words("[data-testid=export]") == "Export").await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn what_is_not_shown_is_said_and_what_one_may_not_see_is_no_link() {
    let api = Api::new();
    let page = all(&api, "/audit/all", &[Permission::AuditRead]);
    let out = ActivityLeftOutView { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead };
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![call()], vec![out]));
    until("the row", || page.find(ROW).is_some()).await;
    until("what is not shown", || page.find(LEFT_OUT).is_some()).await;
    let words = page.words(LEFT_OUT);
    assert!(words.contains("in Wheelhouse is not shown") && words.contains("audit:read on everything"), "{words}");
    assert!(page.find(ABOUT).is_none(), "they may not see WorkSpaces");
    assert!(page.find(STANDING).is_none(), "nor how a log stands that they are not shown");
    until("what a file has", || page.words("[data-testid=export]") == "Export AWS events").await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_file_of_who_may_take_a_part_along_alone_has_nothing_of_our_own_log() {
    let audit = [Permission::AuditRead, Permission::AuditExport];
    let may = [Permission::AuditRead, Permission::AuditExport, Permission::WorkspaceRead];
    for (in_parts, words) in
        [(Vec::new(), "Export"), (audit.map(|one| one.as_str().to_owned()).to_vec(), "Export AWS events")]
    {
        let api = Api::new();
        let page = all_of(&api, "/audit/all", SessionView { in_parts, ..session(&may) });
        api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![call()], Vec::new()));
        until("it is known what they may", || page.find(ABOUT).is_some()).await;
        assert_eq!(page.words("[data-testid=export]"), words);
        set_address("/");
    }
}

#[wasm_bindgen_test]
async fn how_many_there_are_is_asked_for_whatever_the_address_says() {
    let api = Api::new();
    let page = all(&api, "/audit/all?source=aws&count=false", &[Permission::AuditRead]);
    let asked = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(asked.query, "source=aws");
    asked.answer(200, &listed(vec![call()], Vec::new()));
    until("the row", || page.all(ROW).len() == 1).await;
    assert!(page.words("[data-testid=left-out]").contains("count=false"));
}

#[wasm_bindgen_test]
async fn a_record_an_outcome_and_changes_alone_are_asked_for_and_are_in_the_address() {
    let api = Api::new();
    let page = all(&api, "/audit/all", &[Permission::AuditRead]);
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![entry(), call()], Vec::new()));
    until("the rows", || page.all(ROW).len() == 2).await;
    page.choose(SOURCE, "aws").await;
    let asked = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(asked.query, "source=aws");
    asked.answer(200, &listed(vec![call()], Vec::new()));
    page.choose("[data-testid=all-outcome]", "refused").await;
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![call()], Vec::new()));
    page.click("[data-testid=all-changes]").await;
    let asked = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(asked.query, "source=aws&outcome=refused&changes=true");
    asked.answer(200, &listed(vec![call()], Vec::new()));
    until("the address has it", || search().contains("changes=true")).await;
    assert_eq!(page.each_words(".chip-value"), ["AWS", "Refused"]);
    until("our own log is not among it", || page.find(STANDING).is_none()).await;
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert!(file.contains("source=aws") && file.contains("outcome=refused") && file.contains("changes=true"), "{file}");

    page.click("[data-testid=filters-clear]").await;
    let asked = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(asked.query, "");
    asked.answer(200, &listed(vec![entry(), call()], Vec::new()));
    until("all of it is there again", || page.all(ROW).len() == 2 && page.find(".chip").is_none()).await;
    assert_eq!(page.typed(SOURCE), "");
    set_address("/");
}

#[wasm_bindgen_test]
async fn the_menus_show_what_the_address_says_whatever_was_chosen_by_hand() {
    let api = Api::new();
    api.answers(|call| (call.path == paths::ACTIVITY).then(|| answer(200, &listed(vec![entry()], Vec::new()))));
    let page = all(&api, "/audit/all", &[Permission::AuditRead]);
    until("the row", || page.find(ROW).is_some()).await;
    for source in ["aws", "wheelhouse", ""] {
        page.choose(SOURCE, source).await;
        until("the choice", || page.typed(SOURCE) == source).await;
    }
    // Each was chosen by hand before.
    for source in ["aws", "wheelhouse"] {
        travel(&format!("/audit/all?source={source}")).await;
        until("what another address says", || page.typed(SOURCE) == source).await;
    }
    travel("/audit/all").await;
    until("that nothing narrows the list", || page.typed(SOURCE).is_empty()).await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn how_a_log_stands_that_is_not_shown_is_not_missed() {
    let api = Api::new();
    api.answers(|call| {
        let gone = problem(503, "unavailable", "The log can't be read now.");
        (call.path == paths::AUDIT_STATE).then(|| answer(503, &gone))
    });
    let page = all(&api, "/audit/all", &[Permission::AuditRead]);
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![entry()], Vec::new()));
    until("what could not be read", || page.find(".notice-warning").is_some()).await;
    assert!(page.words(".notice-warning").contains("How Wheelhouse's log stands"), "{}", page.words(".notice-warning"));

    page.choose(SOURCE, "aws").await;
    let out = ActivityLeftOutView { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead };
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(vec![call()], vec![out]));
    until("what is not shown", || page.find(LEFT_OUT).is_some()).await;
    until("nothing is said of the log", || page.find(".notice-warning").is_none()).await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn what_filters_is_in_the_address_and_goes_with_it() {
    let api = Api::new();
    let page = all(&api, &format!("/audit/all?workspace={WORKSPACE}&limit=25"), &[Permission::AuditRead]);
    let call = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(call.query, format!("workspace={WORKSPACE}&limit=25"));
    call.answer(200, &listed(vec![entry()], Vec::new()));
    until("the row", || page.find(ROW).is_some()).await;
    assert_eq!(page.each_words(".chip-value"), ["0190b6a0"]);
    let file = page.attribute("[data-testid=export-csv]", "href").unwrap_or_default();
    assert!(file.starts_with(paths::EXPORT_ACTIVITY) && file.contains(&format!("workspace={WORKSPACE}")), "{file}");

    page.write("[data-testid=all-from]", "2026-11-01").await;
    page.leave("[data-testid=all-from]").await;
    until("the day is in the address", || search().contains("from=2026-1")).await;
    api.asked("GET", paths::ACTIVITY).await.answer(200, &listed(Vec::new(), Vec::new()));
    until("there are none", || page.find(".state-title").is_some()).await;
    assert!(page.words("[data-testid=trail-coverage]").contains("No events were read yet"), "how far they are known");
    page.click(".chip").await;
    until("it is gone", || !search().contains("workspace=") && page.find(".chip").is_none()).await;
    assert!(search().contains("from=2026-1") && search().contains("limit=25"), "{}", search());
    set_address("/");
}
