//! The form in its drawer, and what was begun on a desktop, in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::events::Event;
use contract::jobs::{JobDetailView, JobItemView, JobItemsView, JobView};
use contract::paths;
use contract::problem::FieldError;
use contract::requests::{RequestDetailView, RequestView};
use domain::ids::{JobId, RequestId, UserId, WorkspaceId};
use domain::jobs::{ItemOutcome, JobProgress, JobState};
use domain::requests::{RequestKind, RequestStatus};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::ask::AskForm;
use super::begun::{Begun, BegunNotice};
use crate::components::ui::dialog::{Dialog, Placement};
use crate::stage::{Api, Stage, action_job, problem, settle, stage, until};
use crate::state::live::{Live, LiveEvent};
use crate::state::toasts::Toasts;

const DESKTOP: &str = "00000000-0000-0000-0000-00000000002a";

/// The form in its open drawer, for somebody with one desktop.
async fn form(open: RwSignal<bool>, sent: RwSignal<u32>) -> Stage {
    form_of(Signal::stored(vec![(DESKTOP.to_owned(), "DESK-1".to_owned())]), open, sent).await
}

/// The same for somebody with those desktops.
async fn form_of(desktops: Signal<Vec<(String, String)>>, open: RwSignal<bool>, sent: RwSignal<u32>) -> Stage {
    let page = stage(move || {
        provide_context(Toasts::new());
        view! {
            <Dialog open title="Ask".to_owned() placement=Placement::Right>
                <AskForm open desktops on_sent=move |()| sent.update(|n| *n += 1)/>
            </Dialog>
        }
    });
    until("the form", || page.find("form").is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn what_is_missing_is_said_and_nothing_is_sent() {
    let (api, open, sent) = (Api::new(), RwSignal::new(true), RwSignal::new(0));
    let page = form(open, sent).await;
    page.choose("#ask-kind", "other_bundle").await;
    assert!(page.find("#ask-desktop").is_some() && page.find("#ask-bundle").is_some());
    assert_eq!(page.words("#ask-bundle-error"), "", "nobody is told off before they begin");
    page.click("[data-testid=ask-send]").await;
    assert_eq!(page.words("#ask-bundle-error"), "Say which bundle you need.");
    assert_eq!((api.waiting(), open.get_untracked(), sent.get_untracked()), (0, true, 0));
    page.choose("#ask-kind", "new_desktop").await;
    assert!(page.find("#ask-desktop").is_none(), "a new desktop is none of those there are");
}

#[wasm_bindgen_test]
async fn what_the_server_refuses_stands_at_its_field_and_what_was_typed_stays() {
    let (api, open, sent) = (Api::new(), RwSignal::new(true), RwSignal::new(0));
    let page = form(open, sent).await;
    page.choose("#ask-kind", "other_bundle").await;
    page.write("#ask-bundle", " Performance ").await;
    page.write("#ask-note", "It is slow").await;
    page.click("[data-testid=ask-send]").await;
    let call = api.asked("POST", paths::REQUESTS).await;
    let body = json!({"kind": "other_bundle", "workspace_id": DESKTOP, "bundle": "Performance", "note": "It is slow"});
    assert_eq!(call.body, body);
    assert_eq!(page.attribute("[data-testid=ask-send]", "aria-busy").as_deref(), Some("true"));
    page.click("[data-testid=ask-send]").await;
    assert_eq!(api.waiting(), 0, "once is enough");

    let said = FieldError { field: "bundle".into(), code: "unknown".into(), message: "there is no such bundle".into() };
    call.answer(
        422,
        &contract::problem::Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") },
    );
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words("#ask-bundle-error"), "there is no such bundle");
    assert_eq!(page.words(".notice-danger p"), "There is no such bundle.Request request-7");
    assert_eq!((page.typed("#ask-bundle"), page.typed("#ask-note")), (" Performance ".into(), "It is slow".into()));
    page.write("#ask-bundle", "Power").await;
    assert_eq!(page.words("#ask-bundle-error"), "");

    page.click("[data-testid=ask-send]").await;
    let call = api.asked("POST", paths::REQUESTS).await;
    assert_eq!((&call.body["bundle"], open.get_untracked()), (&json!("Power"), true));
    call.answer(201, &made());
    until("the drawer closes", || !open.get_untracked()).await;
    settle().await;
    assert_eq!((sent.get_untracked(), page.find("form").is_none()), (1, true));
}

#[wasm_bindgen_test]
async fn desktops_that_come_after_a_failed_read_are_offered_and_what_was_typed_stays() {
    const KINDS: &str = "#ask-kind option";
    const DESKTOPS: &str = "#ask-desktop option";
    let (api, open, sent) = (Api::new(), RwSignal::new(true), RwSignal::new(0));
    let known = RwSignal::new(Vec::<(String, String)>::new());
    let page = form_of(known.into(), open, sent).await;
    assert_eq!(page.all(KINDS).len(), 2, "who has no desktop is offered nothing about one");
    page.write("#ask-note", "It is slow").await;

    known.set(vec![(DESKTOP.to_owned(), "DESK-1".to_owned())]);
    until("what may be asked for about a desktop", || page.all(KINDS).len() == 4).await;
    page.choose("#ask-kind", "rebuild").await;
    assert_eq!(
        (page.each_words(DESKTOPS), page.typed("#ask-note")),
        (vec!["DESK-1".to_owned()], "It is slow".to_owned())
    );
    known.set(vec![(JOB.to_string(), "DESK-2".to_owned())]);
    settle().await;
    assert_eq!(page.each_words(DESKTOPS), ["DESK-1"], "what is chosen from stays");
    page.click("[data-testid=ask-send]").await;
    let call = api.asked("POST", paths::REQUESTS).await;
    assert_eq!(call.body, json!({"kind": "rebuild", "workspace_id": DESKTOP, "note": "It is slow"}));
}

fn made() -> RequestDetailView {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let request = RequestView {
        id: RequestId(Uuid::from_u128(1)),
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".into(),
        own: true,
        kind: RequestKind::OtherBundle,
        status: RequestStatus::Open,
        desktop: None,
        bundle: Some("Power".into()),
        note: "It is slow".into(),
        created_at: at,
        updated_at: at,
        version: 1,
    };
    RequestDetailView { request, steps: Vec::new() }
}

const JOB: JobId = JobId(Uuid::from_u128(9));
const BEGUN: &str = "[data-testid=my-begun]";

/// What the page is told of something that was begun.
#[derive(Clone, Copy)]
struct Told {
    taken: RwSignal<u32>,
    closed: RwSignal<u32>,
    asked: RwSignal<u32>,
}

/// A start that was begun, and what tells the page that its job moved.
async fn started(told: Told) -> (Stage, impl Fn(JobState)) {
    let stream = Rc::new(Cell::new(None));
    let kept = stream.clone();
    let page = stage(move || {
        let live = Live::start();
        kept.set(Some(live));
        provide_context(live);
        let (action, desktop) = (WorkspaceAction::Start, DESKTOP.parse().unwrap());
        let begun = Begun { job: JOB, action, desktop, name: "DESK-1".to_owned(), taken: false };
        view! {
            <BegunNotice
                begun may_ask=Signal::stored(true)
                on_taken=move |_: JobId| told.taken.update(|n| *n += 1)
                on_close=move |_: JobId| told.closed.update(|n| *n += 1)
                on_ask=move |()| told.asked.update(|n| *n += 1)
            />
        }
    });
    until("the notice", || page.find(BEGUN).is_some()).await;
    let moved = move |state| {
        let event = Event::Job {
            id: JOB,
            kind: "workspace-action".to_owned(),
            state,
            progress: JobProgress::default(),
            created_by: None,
            account_id: None,
            region: None,
        };
        stream.get().unwrap().tell(&LiveEvent::Happened(event));
    };
    (page, moved)
}

fn begun_job(state: JobState, outcome: ItemOutcome, code: Option<&str>) -> JobDetailView {
    let row = JobItemView {
        id: WorkspaceId(Uuid::from_u128(1)),
        aws_id: "ws-1".to_owned(),
        user_name: None,
        outcome,
        code: code.map(str::to_owned),
        message: code.map(|code| format!("{code} by the book")),
    };
    let items = JobItemsView { rows: vec![row], total: 1, ..JobItemsView::default() };
    JobDetailView { items: Some(items), ..action_job(JOB, state, None) }
}

fn nothing_told() -> Told {
    Told { taken: RwSignal::new(0), closed: RwSignal::new(0), asked: RwSignal::new(0) }
}

#[wasm_bindgen_test]
async fn what_aws_refuses_is_told_in_plain_words_with_what_to_do() {
    let (api, told) = (Api::new(), nothing_told());
    let (page, moved) = started(told).await;
    assert_eq!(page.words(BEGUN), "Starting DESK-1…", "it is told before anything is known of the job");
    let job = paths::with_id(paths::JOB, JOB);
    api.asked("GET", &job).await.answer(200, &begun_job(JobState::Queued, ItemOutcome::Waiting, None));
    settle().await;
    assert_eq!(page.attribute(BEGUN, "data-stand").as_deref(), Some("under-way"));

    moved(JobState::Running);
    moved(JobState::Done);
    let call = api.asked("GET", &job).await;
    assert_eq!(call.query, "limit=1");
    call.answer(200, &begun_job(JobState::Done, ItemOutcome::Failed, Some("denied")));
    until("the refusal", || page.attribute(BEGUN, "data-stand").as_deref() == Some("failed")).await;
    let words = page.words(&format!("{BEGUN} p"));
    assert!(words.starts_with("DESK-1 could not be started. AWS does not let Wheelhouse do this."), "{words}");
    assert!(words.contains("Tell those who run the fleet") && !words.contains("by the book"), "{words}");
    page.click("[data-testid=my-begun-ask]").await;
    page.click("[data-testid=my-begun-close]").await;
    let counts = [told.taken, told.closed, told.asked].map(|count| count.get_untracked());
    assert_eq!((counts, api.waiting()), ([0, 1, 1], 0), "two events are one reading");
}

#[wasm_bindgen_test]
async fn what_aws_has_taken_is_told_to_the_page_once() {
    let (api, told) = (Api::new(), nothing_told());
    let (page, moved) = started(told).await;
    let job = paths::with_id(paths::JOB, JOB);
    let late = begun_job(JobState::Queued, ItemOutcome::Waiting, None);
    let late =
        JobDetailView { job: JobView { error: Some("AWS throttled it".to_owned()), ..late.job.clone() }, ..late };
    api.asked("GET", &job).await.answer(200, &late);
    until("that it is late", || page.words(BEGUN).contains("tried again by itself")).await;
    for _ in 0..2 {
        moved(JobState::Done);
        api.asked("GET", &job).await.answer(200, &begun_job(JobState::Done, ItemOutcome::Done, None));
        settle().await;
    }
    until("it is told", || told.taken.get_untracked() > 0).await;
    assert_eq!((told.taken.get_untracked(), page.words(BEGUN)), (1, "Starting DESK-1…".to_owned()));
}
