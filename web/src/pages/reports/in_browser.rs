//! The form of a report, its preview and the progress of a run, in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use chrono::DateTime;
use contract::costs::CostSummaryView;
use contract::events::Event;
use contract::page::Page;
use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::reports::ReportPreviewView;
use contract::teams::TeamView;
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::access::Permission;
use domain::ids::{JobId, ReportId, TeamId};
use domain::jobs::{JobProgress, JobState};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::form::ReportForm;
use super::preview::Preview;
use super::progress::RunProgress;
use crate::stage::{Api, SignedIn, problem, settle, sign_in, stage, until};
use crate::state::live::{Live, LiveEvent};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: ReportId = ReportId(Uuid::from_u128(4));
const ACCOUNT: &str = "00000000-0000-0000-0000-00000000002a";
const SAVE: &str = "[data-testid=report-save]";
const LOOK: &str = "[data-testid=report-look]";
const TABLE: &str = "[data-testid=report-preview]";

fn rows(rows: &[[&str; 2]], more: bool) -> ReportPreviewView {
    let texts = |row: &[&str; 2]| row.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    ReportPreviewView { columns: texts(&["User", "Region"]), rows: rows.iter().map(texts).collect(), more }
}

#[wasm_bindgen_test]
async fn a_preview_is_asked_for_again_after_an_error_and_then_shows_its_rows() {
    let (api, path) = (Api::new(), paths::with_id(paths::REPORT_PREVIEW, ID));
    let page = stage(|| view! { <Preview id=ID/> });
    let call = api.asked("GET", &path).await;
    assert!(page.find(".skeleton").is_some() && page.find("table").is_none());
    call.answer(500, &problem(500, "internal", "It broke."));
    until("the error", || page.find("[role=alert]").is_some()).await;
    page.click("[role=alert] button").await;
    api.asked("GET", &path).await.answer(200, &rows(&[["ana", "eu-west-1"], ["ben", ""]], true));
    until("the rows", || page.find("table").is_some()).await;
    assert!(page.find("[role=alert]").is_none());
    assert_eq!(page.each_words("thead th"), ["User", "Region"]);
    assert_eq!(page.each_words("tbody tr"), ["anaeu-west-1", "ben–"]);
    assert_eq!(page.words("p.muted"), "The first 2 rows of what it would be now.");
}

#[wasm_bindgen_test]
async fn a_preview_says_when_it_has_all_rows_and_when_there_are_none() {
    let (api, path) = (Api::new(), paths::with_id(paths::REPORT_PREVIEW, ID));
    for (answer, words, tables) in [
        (rows(&[["ana", "eu-west-1"]], false), "Made now, it would have 1 row.", 1),
        (rows(&[], false), "Made now, it would have no rows.", 0),
    ] {
        let page = stage(|| view! { <Preview id=ID/> });
        api.asked("GET", &path).await.answer(200, &answer);
        until("the answer", || page.find("p.muted").is_some()).await;
        assert_eq!((page.words("p.muted").as_str(), page.all("table").len()), (words, tables));
    }
}

#[wasm_bindgen_test]
async fn a_report_is_narrowed_to_what_it_is_about() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Toasts::new());
        let form = move || session.signed_in().then(|| view! { <ReportForm report=None open on_saved=|()| ()/> });
        view! { {form}<SignedIn/> }
    });
    sign_in(&page, &api, &[Permission::UserRead]).await;
    let known =
        |value: &str| vec![FacetValue { value: value.into(), label: value.into(), count: 1, directory_id: None }];
    let facets = WorkspaceFacetsView {
        account: known(ACCOUNT),
        running_mode: known("AUTO_STOP"),
        ..WorkspaceFacetsView::default()
    };
    api.asked("GET", paths::WORKSPACE_FACETS).await.answer(200, &facets);
    // However many pages of teams there are.
    let team = |number: u128| TeamView {
        id: TeamId(Uuid::from_u128(number)),
        name: format!("Team {number}"),
        description: String::new(),
        member_count: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version: 1,
    };
    let teams = |number, next_cursor| Page { items: vec![team(number)], next_cursor, total: 2 };
    api.asked("GET", paths::TEAMS).await.answer(200, &teams(1, Some("second".to_owned())));
    api.asked("GET", paths::TEAMS).await.answer(200, &teams(2, None));
    let second = team(2).id;
    let box_of_second = format!("input[value='{second}']");
    until("what there is to choose from", || page.find("input[value=AUTO_STOP]").is_some()).await;
    until("the teams", || page.find(&box_of_second).is_some()).await;
    page.click(&format!("input[value='{ACCOUNT}']")).await;
    page.write("#report-name", "Fleet").await;
    page.write("#report-regions", "eu-west-1, frankfurt").await;
    page.click(SAVE).await;
    assert!(page.words("#report-regions-error").contains("frankfurt"));
    assert_eq!(api.waiting(), 0);
    page.write("#report-regions", "eu-west-1, us-east-1").await;
    assert_eq!(page.words("#report-regions-error"), "");
    page.click("input[value=AUTO_STOP]").await;
    page.click(&box_of_second).await;
    page.write("#report-tag", "Team=Blue").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::REPORTS).await;
    let (regions, modes) = (["eu-west-1", "us-east-1"], ["AUTO_STOP"]);
    let filter = json!({
        "accounts": [ACCOUNT], "regions": regions, "running_modes": modes, "tag": "Team=Blue", "teams": [second],
    });
    assert_eq!(call.body["filter"], filter);
    call.answer(500, &problem(500, "internal", "It broke."));
    until("the error", || page.find("[role=alert]").is_some()).await;

    // An audit log is about no desktop, and what was chosen of them is not sent.
    page.choose("#report-template", "audit").await;
    assert!(page.find("#report-tag").is_none() && page.find("#report-regions").is_none());
    page.click(SAVE).await;
    assert_eq!(api.asked("POST", paths::REPORTS).await.body["filter"], json!({}));
}

#[wasm_bindgen_test]
async fn what_a_form_holds_is_looked_at_before_it_is_saved() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Toasts::new());
        let form = move || session.signed_in().then(|| view! { <ReportForm report=None open on_saved=|()| ()/> });
        view! { {form}<SignedIn/> }
    });
    sign_in(&page, &api, &[]).await;
    api.asked("GET", paths::WORKSPACE_FACETS).await.answer(200, &WorkspaceFacetsView::default());
    until("the form", || page.find(LOOK).is_some()).await;
    page.write("#report-regions", "frankfurt").await;
    page.click(LOOK).await;
    assert!(page.words("#report-regions-error").contains("frankfurt"));
    assert_eq!(api.waiting(), 0);

    // It needs no name yet.
    page.write("#report-regions", "eu-west-1").await;
    page.click(LOOK).await;
    let call = api.asked("POST", paths::REPORT_DRAFT).await;
    let filter = json!({ "regions": ["eu-west-1"] });
    let wanted = json!({ "template": "inventory", "filter": filter, "span": "last-7-days", "zone": "UTC" });
    assert_eq!(call.body, wanted);
    let wrong = FieldError { field: "zone".into(), code: "unknown_value".into(), message: "no such zone".into() };
    let refused = problem(422, "invalid_body", "Some fields are wrong.");
    call.answer(422, &Problem { errors: vec![wrong], ..refused });
    until("why not", || page.words("#report-zone-error").contains("such zone")).await;
    assert!(page.find(TABLE).is_none());
    page.click(LOOK).await;
    api.asked("POST", paths::REPORT_DRAFT).await.answer(200, &rows(&[["ana", "eu-west-1"]], false));
    until("the rows", || page.find(TABLE).is_some()).await;
    assert_eq!(page.each_words("dialog tbody tr"), ["anaeu-west-1"]);
    assert_eq!((api.waiting(), open.get_untracked()), (0, true), "nothing is saved");
}

#[wasm_bindgen_test]
async fn costs_are_told_apart_by_what_is_chosen() {
    let (api, open) = (Api::new(), RwSignal::new(true));
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Toasts::new());
        let form = move || session.signed_in().then(|| view! { <ReportForm report=None open on_saved=|()| ()/> });
        view! { {form}<SignedIn/> }
    });
    sign_in(&page, &api, &[Permission::UsageRead]).await;
    api.asked("GET", paths::WORKSPACE_FACETS).await.answer(200, &WorkspaceFacetsView::default());
    until("the form", || page.find(LOOK).is_some()).await;
    assert!(page.find("#report-by").is_none(), "an inventory is not told apart");
    page.choose("#report-template", "cost").await;
    let summary = CostSummaryView {
        month: "2026-11".parse().unwrap(),
        today: "2026-11-21".parse().unwrap(),
        currencies: Vec::new(),
        accounts: Vec::new(),
        not_forecast: Vec::new(),
        tag_keys: vec!["Team".to_owned(), "Stage".to_owned()],
    };
    api.asked("GET", paths::COSTS_SUMMARY).await.answer(200, &summary);
    until("the tags", || page.find("#report-by option[value='tag:Stage']").is_some()).await;
    assert!(page.find("#report-by option[value='estimate:team']").is_none(), "which is for those who may see people");
    let looked = async || {
        page.click(LOOK).await;
        let call = api.asked("POST", paths::REPORT_DRAFT).await;
        let filter = call.body["filter"].clone();
        call.answer(500, &problem(500, "internal", "It broke."));
        until("the error", || page.find("[role=alert]").is_some()).await;
        filter
    };
    page.write("#report-regions", "eu-west-1").await;
    assert_eq!(looked().await, json!({ "regions": ["eu-west-1"] }));
    page.choose("#report-by", "estimate:bundle").await;
    assert_eq!(looked().await, json!({ "regions": ["eu-west-1"], "by": "estimate:bundle" }));
    // Bills by tag know no regions.
    page.choose("#report-by", "tag:Stage").await;
    assert!(page.find("#report-regions").is_none());
    assert_eq!(looked().await, json!({ "by": "tag:Stage" }));
    page.choose("#report-template", "usage").await;
    assert_eq!(looked().await, json!({ "regions": ["eu-west-1"] }), "usage is not told apart");
}

#[wasm_bindgen_test]
async fn estimates_by_team_are_offered_to_those_who_may_read_the_teams() {
    for refused in [true, false] {
        let (api, open) = (Api::new(), RwSignal::new(true));
        let page = stage(move || {
            let session = Session::load();
            provide_context(session);
            provide_context(Toasts::new());
            let form = move || session.signed_in().then(|| view! { <ReportForm report=None open on_saved=|()| ()/> });
            view! { {form}<SignedIn/> }
        });
        sign_in(&page, &api, &[Permission::UsageRead, Permission::UserRead]).await;
        let teams = api.asked("GET", paths::TEAMS).await;
        if refused {
            teams.answer(403, &problem(403, "forbidden", "It needs user:read on everything."));
        } else {
            teams.answer(200, &Page::<TeamView> { items: Vec::new(), next_cursor: None, total: 0 });
        }
        settle().await;
        page.choose("#report-template", "cost").await;
        until("estimates", || page.find("#report-by option[value='estimate:bundle']").is_some()).await;
        settle().await;
        assert_eq!(page.find("#report-by option[value='estimate:team']").is_none(), refused);
    }
}

#[wasm_bindgen_test]
async fn a_run_that_is_made_follows_its_job() {
    let (job, other) = (JobId(Uuid::from_u128(1)), JobId(Uuid::from_u128(2)));
    let stream = Rc::new(Cell::new(None));
    let kept = stream.clone();
    let page = stage(move || {
        let live = Live::start();
        kept.set(Some(live));
        provide_context(live);
        view! { <RunProgress job=Some(job) rows=100 total=Some(400)/> }
    });
    let bar = "[role=progressbar]";
    let told = |id, done, total| {
        let progress = JobProgress { done, total, note: "rows read".to_owned() };
        let (kind, state) = ("run-report".to_owned(), JobState::Running);
        let event = Event::Job { id, kind, state, progress, created_by: None, account_id: None, region: None };
        stream.get().unwrap().tell(&LiveEvent::Happened(event));
    };
    assert_eq!(page.words(".progress-numbers"), "100 of 400", "known before its job says anything");
    assert_eq!(page.attribute(bar, "aria-valuenow").as_deref(), Some("25"));
    told(other, 900, Some(900));
    settle().await;
    assert_eq!(page.words(".progress-numbers"), "100 of 400", "another run's");
    told(job, 200, Some(800));
    until("the bar moves", || page.words(".progress-numbers") == "200 of 800").await;
    let values = ["aria-valuemin", "aria-valuenow", "aria-valuemax"].map(|name| page.attribute(bar, name));
    assert_eq!(values, ["0", "25", "100"].map(|value| Some(value.to_owned())));
    told(job, 300, None);
    until("an end that is not known", || page.words(".progress-numbers") == "300").await;
    assert_eq!(page.attribute(bar, "aria-valuenow"), None);
}
