//! The parts of the overview in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityView};
use contract::data_sets::DataSetsView;
use contract::events::Event;
use contract::jobs::JobView;
use contract::page::Page;
use contract::paths;
use domain::access::Permission;
use domain::activity::ActivitySource;
use domain::ids::JobId;
use domain::jobs::{JobProgress, JobState};
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Morning;
use super::budgets::{budgets, every, tests::spent};
use super::events::tests::{call, entry};
use super::onboarding::onboarding;
use super::view::cards;
use crate::stage::{Api, SignedIn, Stage, action_job, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::live::{Live, LiveEvent};
use crate::state::loader::Loader;
use crate::state::session::{Session, use_session};
use crate::state::toasts::Toasts;

const CONNECT: &str = "[data-testid=onboarding-connect]";
const JOB: &str = "[data-testid=morning-job]";
const LEFT_OUT: &str = "[data-testid=morning-left-out]";
const CHANGE: &str = "[data-testid=morning-change]";

#[wasm_bindgen_test]
async fn what_could_not_be_fetched_is_told_with_a_way_to_have_it() {
    let page = stage(|| {
        let sets = Loader::once(|| async { Ok(DataSetsView::default()) });
        let morning = Morning::once(async { Err(()) }, Signal::stored(None), sets);
        view! { <div id="button">{move || morning.button()}</div>{move || morning.below(true)} }
    });
    until("it is told", || page.find("[data-testid=chunk-reload]").is_some()).await;
    assert_eq!(page.words(".state-title"), "This could not be fetched");
    assert_eq!(page.words("#button"), "", "there is nothing behind it");
}

async fn without_a_fleet(api: &Api, may: &[Permission]) -> Stage {
    let page = stage(|| {
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { {onboarding()}<SignedIn/> }
    });
    sign_in(&page, api, may).await;
    page
}

#[wasm_bindgen_test]
async fn who_may_connect_an_account_is_led_there_and_others_are_told_whom_to_ask() {
    let api = Api::new();
    let page = without_a_fleet(&api, &[Permission::AccountRead, Permission::AccountWrite]).await;
    until("the way there", || page.find(CONNECT).is_some()).await;
    assert_eq!(page.attribute(CONNECT, "href").as_deref(), Some("/accounts?account=new"));
    drop(page);

    let page = without_a_fleet(&api, &[Permission::AccountRead, Permission::WorkspaceRead]).await;
    assert!(page.words(".state-text").contains("Ask an owner or an administrator"), "{}", page.words(".state-text"));
    assert!(page.find(CONNECT).is_none(), "they may not");
}

#[wasm_bindgen_test]
async fn budgets_of_every_page_are_ranked() {
    let api = Api::new();
    let page = stage(|| {
        let loader = Loader::once(every);
        move || loader.data.get().and_then(|all| budgets(all, false))
    });
    let answer = |percents: &[&str], next: Option<&str>| Page {
        items: percents.iter().map(|percent| spent(percent, "1", None)).collect(),
        next_cursor: next.map(Into::into),
        total: 4,
    };
    api.asked("GET", paths::BUDGETS).await.answer(200, &answer(&["10.0", "30.0", "20.0"], Some("further")));
    let further = api.asked("GET", paths::BUDGETS).await;
    assert!(further.query.contains("cursor=further"), "{}", further.query);
    further.answer(200, &answer(&["90.0"], None));
    until("the budgets", || page.find("[data-testid=morning-budgets]").is_some()).await;
    let shown = page.each_words("dd a");
    assert!(shown.iter().zip(["90.0 %", "30.0 %", "20.0 %"]).all(|(words, end)| words.ends_with(end)), "{shown:?}");
    assert_eq!((shown.len(), page.words(".muted")), (3, "and 1 more".to_owned()));
}

/// The cards as somebody sees them who may do this, and the live stream that they listen to.
async fn seen_by(api: &Api, may: &[Permission]) -> (Stage, Live) {
    let stream = Rc::new(Cell::new(None));
    let kept = stream.clone();
    let page = stage(move || {
        let live = Live::start();
        kept.set(Some(live));
        provide_context(live);
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        let session = use_session();
        let sets = Loader::once(|| async { Ok(DataSetsView::default()) });
        view! { {move || session.signed_in().then(|| cards(Signal::stored(None), sets))}<SignedIn/> }
    });
    sign_in(&page, api, may).await;
    (page, stream.get().unwrap())
}

fn job(number: u128, kind: &str, state: JobState) -> JobView {
    JobView { kind: kind.to_owned(), ..action_job(JobId(Uuid::from_u128(number)), state, None).job }
}

/// The stream tells that a job stands so.
fn moved(number: u128, kind: &str, state: JobState) -> LiveEvent {
    LiveEvent::Happened(Event::Job {
        id: JobId(Uuid::from_u128(number)),
        kind: kind.to_owned(),
        state,
        progress: JobProgress::default(),
        created_by: None,
        account_id: None,
        region: None,
    })
}

#[wasm_bindgen_test]
async fn a_job_that_is_asked_for_while_the_first_are_read_is_not_missed() {
    let api = Api::new();
    let (page, live) = seen_by(&api, &[Permission::JobRead]).await;
    let first = api.asked("GET", paths::JOBS).await;
    live.tell(&moved(2, "prune", JobState::Queued));
    let none = Page::<JobView> { items: Vec::new(), next_cursor: None, total: 0 };
    first.answer(200, &none);
    until("that there are none", || page.find("[data-testid=morning-jobs] .state-title").is_some()).await;
    let listed = Page { items: vec![job(2, "prune", JobState::Queued)], next_cursor: None, total: 1 };
    api.asked("GET", paths::JOBS).await.answer(200, &listed);
    until("the job", || page.all(JOB).len() == 1).await;
}

#[wasm_bindgen_test]
async fn who_may_not_see_what_changed_sees_the_newest_jobs_and_how_they_move() {
    let api = Api::new();
    let (page, live) = seen_by(&api, &[Permission::JobRead]).await;
    let call = api.asked("GET", paths::JOBS).await;
    assert_eq!(call.query, "limit=6");
    let listed = |items: Vec<JobView>| Page { total: items.len() as u64, items, next_cursor: None };
    let prune = job(1, "prune", JobState::Done);
    call.answer(200, &listed(vec![job(2, "sync-workspaces", JobState::Running), prune.clone()]));
    until("the jobs", || page.all(JOB).len() == 2).await;
    assert_eq!(page.each_words("[data-testid=morning-job] a"), ["Sync WorkSpaces", "Prune"]);
    let href = format!("/jobs/{}", Uuid::from_u128(2));
    assert_eq!(page.attribute("[data-testid=morning-job] a", "href"), Some(href));
    assert_eq!(page.attribute("[data-testid=morning-jobs] header a", "href").as_deref(), Some("/jobs"));
    assert!(page.find("#events-title").is_none(), "they may not see those");

    live.tell(&moved(2, "sync-workspaces", JobState::Done));
    api.asked("GET", paths::JOBS).await.answer(200, &listed(vec![job(2, "sync-workspaces", JobState::Done), prune]));
    let state = || page.attribute("[data-testid=job-state]", "data-state");
    until("that it is done", || state().as_deref() == Some("done")).await;
}

#[wasm_bindgen_test]
async fn who_may_see_what_changed_sees_that_and_who_may_see_neither_is_shown_neither() {
    let api = Api::new();
    let (page, _) = seen_by(&api, &[Permission::AuditRead, Permission::JobRead]).await;
    let asked = api.asked("GET", paths::ACTIVITY).await;
    assert_eq!(asked.query, "changes=true&count=false&limit=6");
    let none = ActivityView { items: Vec::new(), next_cursor: None, total: None, left_out: Vec::new() };
    asked.answer(200, &none);
    until("that there are none", || page.find(".state-title").is_some()).await;
    assert!(page.find("#recent-jobs-title").is_none() && page.find("#events-title").is_some());
    assert_eq!(api.waiting(), 0, "jobs are not asked for");
    drop(page);

    let (page, _) = seen_by(&api, &[Permission::WorkspaceRead]).await;
    until("the cards", || page.find("#attention-title").is_some()).await;
    assert!(page.find("#recent-jobs-title").is_none() && page.find("#events-title").is_none());
    assert_eq!(api.waiting(), 0, "nothing is asked for that they may not see");
}

#[wasm_bindgen_test]
async fn who_may_not_see_all_that_changed_is_told_what_is_not_shown() {
    let api = Api::new();
    let (page, live) = seen_by(&api, &[Permission::AuditRead]).await;
    let found = |items: Vec<ActivityItemView>| {
        let out = ActivityLeftOutView { source: ActivitySource::Wheelhouse, needs: Permission::AuditRead };
        ActivityView { items, next_cursor: None, total: None, left_out: vec![out] }
    };
    api.asked("GET", paths::ACTIVITY).await.answer(200, &found(Vec::new()));
    until("what is not shown", || page.find(LEFT_OUT).is_some()).await;
    let words = page.words(LEFT_OUT);
    assert!(words.contains("in Wheelhouse is not shown") && words.contains("audit:read on everything"), "{words}");
    assert!(page.words(".state-text").starts_with("What CloudTrail writes down"), "{}", page.words(".state-text"));

    live.tell(&LiveEvent::ReadAgain);
    api.asked("GET", paths::ACTIVITY).await.answer(200, &found(vec![call()]));
    until("the change", || page.all(CHANGE).len() == 1).await;
    assert!(page.find(LEFT_OUT).is_some(), "it is said beside what there is, too");
}

#[wasm_bindgen_test]
async fn changes_of_both_records_lead_to_their_own_and_new_ones_appear() {
    let api = Api::new();
    let (page, live) = seen_by(&api, &[Permission::AuditRead]).await;
    let found =
        |items: Vec<ActivityItemView>| ActivityView { items, next_cursor: None, total: None, left_out: Vec::new() };
    api.asked("GET", paths::ACTIVITY).await.answer(200, &found(vec![entry(), call()]));
    until("the changes", || page.all(CHANGE).len() == 2).await;
    assert_eq!(page.each_words("[data-testid=morning-change] a"), ["Team: create", "StopWorkspaces"]);
    let links = page.all("[data-testid=morning-change] a");
    let hrefs: Vec<_> = links.iter().filter_map(|link| link.get_attribute("href")).collect();
    assert_eq!(hrefs, ["/audit/log?entry=7".to_owned(), format!("/audit?event={}", Uuid::from_u128(8))]);
    assert_eq!(page.all(".morning-refused").len(), 1);
    assert!(page.words(".morning-refused .cell-sub").ends_with("refused: AccessDenied"), "AWS's own code");
    assert!(page.find(LEFT_OUT).is_none(), "nothing is kept from them");

    let changed = Event::Changed { what: "team".to_owned(), user_id: None, account_id: None, region: None };
    live.tell(&LiveEvent::Happened(changed));
    let new = ActivityItemView { id: "wheelhouse-9".to_owned(), what: "team.delete".to_owned(), ..entry() };
    api.asked("GET", paths::ACTIVITY).await.answer(200, &found(vec![new, entry(), call()]));
    until("the new one", || page.all(CHANGE).len() == 3).await;
}
