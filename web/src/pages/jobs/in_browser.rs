//! The list of jobs in a browser: rows that follow what their jobs do, and filters and pages in the address.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::events::Event;
use contract::jobs::{JobSummaryView, JobView};
use contract::page::Page;
use contract::paths;
use contract::views::SavedView;
use domain::access::Permission;
use domain::ids::JobId;
use domain::jobs::{JobProgress, JobState};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::view::JobListPage;
use crate::stage::{Api, Stage, action_job, answer, search, session, set_address, stage, until};
use crate::state::clock::Now;
use crate::state::live::{Live, LiveEvent};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ROW: &str = "[data-testid=job-row]";
const NEXT: &str = "[data-testid=page-next]";
const PREVIOUS: &str = "[data-testid=page-previous]";
/// Longer than many changes in a row are one reading.
const SETTLED_MS: u32 = 900;

fn id(number: u128) -> JobId {
    JobId(Uuid::from_u128(number))
}

fn job(number: u128, kind: &str, state: JobState) -> JobView {
    JobView { kind: kind.to_owned(), ..action_job(id(number), state, None).job }
}

fn listed(items: Vec<JobView>, next: Option<&str>, total: u64) -> Page<JobView> {
    Page { items, next_cursor: next.map(Into::into), total }
}

/// The list at an address, and what tells it that a job moved. Only the jobs themselves wait for the test's answer.
async fn jobs(api: &Api, address: &str) -> (Stage, impl Fn(u128, JobState, &str)) {
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[Permission::JobRead]))));
    api.answers(|call| (call.path == paths::JOB_SUMMARY).then(|| answer(200, &JobSummaryView::default())));
    api.answers(|call| {
        let none = Page::<SavedView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == paths::VIEWS).then(|| answer(200, &none))
    });
    set_address(address);
    let stream = Rc::new(Cell::new(None));
    let kept = stream.clone();
    let page = stage(move || {
        let live = Live::start();
        kept.set(Some(live));
        provide_context(live);
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <Router><JobListPage/></Router> }
    });
    let moved = move |number: u128, state: JobState, note: &str| {
        let event = Event::Job {
            id: id(number),
            kind: "sync-workspaces".to_owned(),
            state,
            progress: JobProgress { note: note.to_owned(), ..JobProgress::default() },
            created_by: None,
            account_id: None,
            region: None,
        };
        stream.get().unwrap().tell(&LiveEvent::Happened(event));
    };
    (page, moved)
}

#[wasm_bindgen_test]
async fn a_row_follows_its_job_and_goes_when_it_belongs_there_no_more() {
    let api = Api::new();
    let (page, moved) = jobs(&api, "/jobs?state=queued,running").await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!(call.query, "state=queued%2Crunning");
    call.answer(200, &listed(vec![job(1, "sync-workspaces", JobState::Running)], None, 1));
    until("the job", || page.find(ROW).is_some()).await;
    assert_eq!(page.each_words(".cell-link"), ["Sync WorkSpaces"]);

    moved(1, JobState::Running, "half of it is read");
    until("how far it is", || page.words(".cell-clip") == "Half of it is read").await;
    moved(2, JobState::Dead, "");
    TimeoutFuture::new(SETTLED_MS).await;
    assert_eq!(api.waiting(), 0, "neither a step nor a job that is not of the list is a reason to read it again");

    moved(1, JobState::Done, "");
    let state = || page.attribute("[data-testid=job-state]", "data-state");
    until("that it is done", || state().as_deref() == Some("done")).await;
    api.asked("GET", paths::JOBS).await.answer(200, &listed(Vec::new(), None, 0));
    until("that there are none", || page.find(ROW).is_none() && page.find(".state-title").is_some()).await;
    assert_eq!(page.words(".state-title"), "No such jobs");
    set_address("/");
}

#[wasm_bindgen_test]
async fn filters_and_pages_are_in_the_address() {
    let api = Api::new();
    let (page, _) = jobs(&api, "/jobs?state=dead&x=1").await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!(call.query, "state=dead", "what there is not is not asked for");
    call.answer(200, &listed(vec![job(1, "backup", JobState::Dead)], None, 1));
    until("the job", || page.find(ROW).is_some()).await;
    assert!(page.words("[data-testid=left-out]").contains("x=1"));
    assert_eq!(page.attribute("[data-tab=dead]", "aria-current").as_deref(), Some("page"));

    page.choose("[data-testid=job-kind]", "prune").await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!((call.query.as_str(), search().as_str()), ("state=dead&kind=prune", "?state=dead&kind=prune"));
    call.answer(200, &listed(vec![job(2, "prune", JobState::Dead)], Some("further"), 2));
    until("the first page", || page.each_words(".cell-link") == ["Prune"]).await;
    assert_eq!(page.words(".pagination-range"), "1–1 of 2");
    assert_eq!(page.attribute("[data-tab=all]", "href").as_deref(), Some("/jobs?kind=prune"), "the kind stays");

    page.click(NEXT).await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!(call.query, "state=dead&kind=prune&cursor=further");
    call.answer(200, &listed(vec![job(3, "prune", JobState::Dead)], None, 2));
    until("the second page", || page.words(".pagination-range") == "1 of 2").await;
    let href = page.attribute("[data-tab=done]", "href");
    assert_eq!(href.as_deref(), Some("/jobs?state=done&kind=prune"), "other states begin at their first page");

    page.click(PREVIOUS).await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!((call.query.as_str(), search().as_str()), ("state=dead&kind=prune", "?state=dead&kind=prune"));
    set_address("/");
}
