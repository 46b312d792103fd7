//! The runs of a report, in a browser: all pages of them, what can be done with each, and by whom.
#![cfg(target_arch = "wasm32")]

use std::slice::from_ref;

use chrono::{DateTime, Utc};
use contract::page::Page;
use contract::paths;
use contract::reports::{ReportDeliveryView, ReportLinkView, ReportRunView};
use domain::access::Permission;
use domain::ids::{JobId, ReportDeliveryId, ReportId, ReportRunId};
use domain::reports::{DeliveryState, DeliveryWay, ReportFormat, ReportRunState};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::runs::Runs;
use crate::stage::{Api, SignedIn, Stage, focused, problem, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: ReportId = ReportId(Uuid::from_u128(4));
const ROWS: &str = "[data-testid=report-run-row]";
const MORE: &str = "[data-testid=report-runs-more]";
const CANCEL: &str = "[data-testid=report-run-cancel]";
const AGAIN: &str = "[data-testid=report-send-again]";
const LINK: &str = "[data-testid=report-link]";
const UNTIL: &str = "[data-testid=report-link-until]";
const DELETE: &str = "[data-testid=report-run-delete]";
const UNLINK: &str = "[data-testid=report-unlink]";
const MADE: &str = "[data-testid=report-link-text]";
const YES: &str = "[data-testid=confirm-do]";

/// A run whose file is there.
fn run(number: u128) -> ReportRunView {
    ReportRunView {
        id: ReportRunId(Uuid::from_u128(number)),
        report_id: ID,
        job_id: Some(JobId(Uuid::from_u128(number))),
        state: ReportRunState::Done,
        format: ReportFormat::Csv,
        by_hand: true,
        created_at: DateTime::UNIX_EPOCH,
        finished_at: Some(DateTime::UNIX_EPOCH),
        rows: 7,
        total: None,
        bytes: Some(70),
        sha256: None,
        error: None,
        link_expires_at: None,
        links_until: None,
        deliveries: Vec::new(),
    }
}

fn delivery(number: u128, state: DeliveryState) -> ReportDeliveryView {
    ReportDeliveryView {
        id: ReportDeliveryId(Uuid::from_u128(number)),
        way: DeliveryWay::Mail,
        to: format!("user{number}@example.com"),
        state,
        tries: 1,
        error: None,
        job_id: None,
        delivered_at: None,
    }
}

fn page_of(items: &[ReportRunView], next: Option<&str>, total: u64) -> Page<ReportRunView> {
    Page { items: items.to_vec(), next_cursor: next.map(str::to_owned), total }
}

/// The drawer's inside for somebody who may do that, with these runs.
async fn runs(api: &Api, permissions: &[Permission], items: &[ReportRunView]) -> Stage {
    let page = stage(|| {
        let session = Session::load();
        provide_context(session);
        provide_context(Toasts::new());
        provide_context(Live::start());
        provide_context(Now::start());
        let inside = move || session.signed_in().then(|| view! { <Runs id=ID/> });
        view! { {inside}<SignedIn/> }
    });
    sign_in(&page, api, permissions).await;
    read(api, items).await;
    until("the runs", || page.all(ROWS).len() == items.len()).await;
    page
}

/// Answers the next reading of the first page.
async fn read(api: &Api, items: &[ReportRunView]) {
    let call = api.asked("GET", &paths::with_id(paths::REPORT_RUNS, ID)).await;
    call.answer(200, &page_of(items, None, items.len() as u64));
}

#[wasm_bindgen_test]
async fn every_run_can_be_come_to() {
    let (api, path) = (Api::new(), paths::with_id(paths::REPORT_RUNS, ID));
    let page = stage(|| {
        provide_context(Session::load());
        provide_context(Toasts::new());
        provide_context(Live::start());
        provide_context(Now::start());
        view! { <Runs id=ID/> }
    });
    let first = api.asked("GET", &path).await;
    assert_eq!(first.query, "");
    first.answer(200, &page_of(&[run(3), run(2)], Some("older"), 3));
    until("the first page", || page.all(ROWS).len() == 2).await;
    assert_eq!(page.words(".more .muted"), "2 of 3");
    page.click(MORE).await;
    let second = api.asked("GET", &path).await;
    assert_eq!(second.query, "cursor=older");
    second.answer(200, &page_of(&[run(1)], None, 3));
    until("the last run", || page.all(ROWS).len() == 3).await;
    assert!(page.find(MORE).is_none(), "there are no more");
}

#[wasm_bindgen_test]
async fn what_waits_or_is_made_is_cancelled_by_who_may_stop_jobs() {
    let api = Api::new();
    let waits = ReportRunView { state: ReportRunState::Queued, bytes: None, ..run(3) };
    let made = ReportRunView { state: ReportRunState::Running, bytes: None, ..run(2) };
    let items = [waits.clone(), made.clone(), run(1)];
    let page = runs(&api, &[Permission::ReportManage], &items).await;
    assert!(page.find(CANCEL).is_none(), "it is a job that is stopped");
    drop(page);

    let page = runs(&api, &[Permission::ReportManage, Permission::JobWrite], &items).await;
    assert_eq!(page.all(CANCEL).len(), 2, "what is done can't be cancelled");
    page.click(&format!("{ROWS}[data-state=running] {CANCEL}")).await;
    let path = paths::with_id(paths::JOB_CANCEL, Uuid::from_u128(2));
    api.asked("POST", &path).await.answer(200, &json!({}));
    let gone = ReportRunView { state: ReportRunState::Cancelled, ..made };
    read(&api, &[waits, gone, run(1)]).await;
    until("it is cancelled", || page.find(&format!("{ROWS}[data-state=cancelled]")).is_some()).await;
    assert_eq!(page.all(CANCEL).len(), 1);

    // Too late: that is told, and nothing else happens.
    page.click(CANCEL).await;
    let path = paths::with_id(paths::JOB_CANCEL, Uuid::from_u128(3));
    api.asked("POST", &path).await.answer(409, &problem(409, "conflict", "It has ended."));
    until("why not", || page.find("[role=alert]").is_some()).await;
    assert!(page.words("[role=alert]").contains("It has ended."));
}

#[wasm_bindgen_test]
async fn a_link_says_until_when_it_holds() {
    let api = Api::new();
    let until_when = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (later, over) = (until_when("2099-06-15T12:00:00Z"), until_when("2001-06-15T12:00:00Z"));
    let ended = ReportRunView { link_expires_at: Some(over), ..run(1) };
    let page = runs(&api, &[Permission::ReportManage], from_ref(&ended)).await;
    assert!(page.find(UNTIL).is_none(), "it holds no more");
    page.click(LINK).await;
    let made = ReportLinkView { url: "https://wheelhouse.example.org/x".to_owned(), expires_at: later };
    let path = paths::with_id(paths::REPORT_LINK, ended.id);
    api.asked("POST", &path).await.answer(200, &made);
    until("the link", || page.find(MADE).is_some()).await;
    assert!(page.words(".once .notice").contains("2099"), "{}", page.words(".once .notice"));
    read(&api, &[ReportRunView { link_expires_at: Some(later), ..ended }]).await;
    until("how long it holds", || page.find(UNTIL).is_some()).await;
    assert!(page.words(UNTIL).contains("2099"), "{}", page.words(UNTIL));
}

#[wasm_bindgen_test]
async fn a_link_goes_with_its_run() {
    let api = Api::new();
    let page = runs(&api, &[Permission::ReportManage], &[run(2), run(1)]).await;
    page.click(LINK).await;
    let expires_at = "2099-06-15T12:00:00Z".parse().unwrap();
    let made = ReportLinkView { url: "https://wheelhouse.example.org/x".to_owned(), expires_at };
    api.asked("POST", &paths::with_id(paths::REPORT_LINK, run(2).id)).await.answer(200, &made);
    until("the link", || page.find(MADE).is_some()).await;
    read(&api, &[run(2), run(1)]).await;

    page.click(&format!("{ROWS}:nth-child(2) {DELETE}")).await;
    api.asked("DELETE", &paths::with_id(paths::REPORT_RUN, run(1).id)).await.answer(200, &());
    read(&api, &[run(2)]).await;
    until("the other one is gone", || page.all(ROWS).len() == 1).await;
    assert!(page.find(MADE).is_some(), "it opens the file of one that is there");

    page.click(DELETE).await;
    api.asked("DELETE", &paths::with_id(paths::REPORT_RUN, run(2).id)).await.answer(200, &());
    read(&api, &[]).await;
    until("it is gone", || page.find(ROWS).is_none()).await;
    assert!(page.find(MADE).is_none(), "its link opens nothing");
}

#[wasm_bindgen_test]
async fn the_focus_does_not_go_with_a_run() {
    let api = Api::new();
    let page = runs(&api, &[Permission::ReportManage], from_ref(&run(1))).await;
    page.focus(DELETE).await;
    page.click(DELETE).await;
    api.asked("DELETE", &paths::with_id(paths::REPORT_RUN, run(1).id)).await.answer(200, &());
    read(&api, &[]).await;
    until("the focus is at the runs", || focused().class_name() == "dialog-body").await;
}

#[wasm_bindgen_test]
async fn links_are_taken_back_after_a_question_while_one_holds() {
    let api = Api::new();
    let when = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let (later, over) = (when("2099-06-15T12:00:00Z"), when("2001-06-15T12:00:00Z"));
    // One that was sent is enough.
    let sent = ReportRunView { links_until: later, ..run(2) };
    let ended = ReportRunView { link_expires_at: over, links_until: over, ..run(1) };
    let page = runs(&api, &[Permission::ReportRead], &[sent.clone(), ended.clone()]).await;
    assert!(page.find(UNLINK).is_none(), "who only looks takes nothing back");
    drop(page);

    let page = runs(&api, &[Permission::ReportManage], &[sent.clone(), ended.clone()]).await;
    assert_eq!(page.all(UNLINK).len(), 1, "what has ended needs no end");
    page.click(LINK).await;
    let path = paths::with_id(paths::REPORT_LINK, sent.id);
    let made = ReportLinkView { url: "https://wheelhouse.example.org/x".to_owned(), expires_at: later.unwrap() };
    api.asked("POST", &path).await.answer(200, &made);
    until("the link", || page.find(MADE).is_some()).await;
    let linked = ReportRunView { link_expires_at: later, ..sent };
    read(&api, &[linked.clone(), ended.clone()]).await;
    until("how long it holds", || page.find(UNTIL).is_some()).await;

    page.click(UNLINK).await;
    assert!(page.words("[data-testid=confirm]").contains("those that were sent"));
    page.click(YES).await;
    api.asked("DELETE", &path).await.answer(500, &problem(500, "internal", "Something broke."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert!(page.find(MADE).is_some(), "it still opens the file");
    page.click(YES).await;
    api.asked("DELETE", &path).await.answer(200, &());
    let unlinked = ReportRunView { link_expires_at: None, links_until: None, ..linked };
    read(&api, &[unlinked, ended]).await;
    until("they are gone", || page.find(UNLINK).is_none()).await;
    assert!(page.find(YES).is_none() && page.find(MADE).is_none() && page.find(UNTIL).is_none());
}

#[wasm_bindgen_test]
async fn what_could_not_be_sent_is_sent_again() {
    let api = Api::new();
    let sent = ReportRunView { deliveries: vec![delivery(1, DeliveryState::Delivered)], ..run(2) };
    let failed = [delivery(1, DeliveryState::Delivered), delivery(2, DeliveryState::Failed)];
    let unsent = ReportRunView { deliveries: failed.to_vec(), ..run(1) };
    let page = runs(&api, &[Permission::ReportRead], &[sent.clone(), unsent.clone()]).await;
    assert!(page.find(AGAIN).is_none(), "who only looks sends nothing");
    drop(page);

    let page = runs(&api, &[Permission::ReportManage], &[sent.clone(), unsent.clone()]).await;
    assert_eq!(page.all(AGAIN).len(), 1, "only where it failed");
    page.click(AGAIN).await;
    let waits = [delivery(1, DeliveryState::Delivered), delivery(2, DeliveryState::Waiting)];
    let again = ReportRunView { deliveries: waits.to_vec(), ..unsent };
    let path = paths::with_id(paths::REPORT_DELIVER, again.id);
    api.asked("POST", &path).await.answer(202, &again);
    read(&api, &[sent, again]).await;
    until("it is on its way", || page.find("[data-testid=report-delivery][data-state=waiting]").is_some()).await;
    assert!(page.find(AGAIN).is_none());
}
