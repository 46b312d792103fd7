//! A schedule's row in a browser: what a change does before and after the server has said something.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::schedules::ScheduleView;
use domain::access::Permission;
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::row::ScheduleRow;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, sign_in, stage, until};
use crate::state::{clock::Now, session::Session, toasts::Toasts};

const SWITCH: &str = "[data-testid=schedule-pause]";

fn schedule(paused: bool) -> ScheduleView {
    ScheduleView {
        name: "sync-usage".into(),
        configured_period_secs: 3600,
        period_secs: 3600,
        period_changed: false,
        min_period_secs: 60,
        max_period_secs: 86_400,
        paused,
        changed_at: None,
        changed_by: None,
        places: 0,
        last_tick_at: None,
        next_tick_at: None,
        last_job: None,
        data_sets: None,
    }
}

async fn row(api: &Api, may: &[Permission]) -> Stage {
    let page = stage(|| {
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! {
            <table><tbody><ScheduleRow schedule=ArcRwSignal::new(schedule(false)) on_edit=|_| ()/></tbody></table>
            <ToastRegion/>
            <SignedIn/>
        }
    });
    sign_in(&page, api, may).await;
    page
}

#[wasm_bindgen_test]
async fn a_change_is_shown_at_once_and_taken_back_where_it_is_refused() {
    let api = Api::new();
    let page = row(&api, &[Permission::ScheduleWrite]).await;
    let path = paths::with_id(paths::SCHEDULE, "sync-usage");
    page.click(SWITCH).await;
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.body, json!({"paused": true}));
    assert_eq!(page.attribute(SWITCH, "aria-busy").as_deref(), Some("true"));
    assert!(page.find("[data-testid=schedule-paused]").is_some(), "before there is an answer");
    assert_eq!(page.words(SWITCH), "Resume");
    page.click(SWITCH).await;
    assert_eq!(api.waiting(), 0, "once is enough");
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the message", || page.find(".toast-danger").is_some()).await;
    assert_eq!(page.words(".toast-text"), "Sync usage could not be paused: Something broke.");
    assert_eq!((page.words(SWITCH), page.find("[data-testid=schedule-paused]").is_none()), ("Pause".to_owned(), true));
    assert_eq!(page.attribute(SWITCH, "aria-busy"), None);

    page.click(SWITCH).await;
    api.asked("PATCH", &path).await.answer(200, &schedule(true));
    until("it is paused", || page.find("[data-testid=schedule-paused]").is_some()).await;
    assert_eq!(page.words(SWITCH), "Resume");
    until("it is kept", || page.attribute(SWITCH, "aria-busy").is_none()).await;

    until("what takes it back", || page.find("[data-testid=toast-undo]").is_some()).await;
    page.click("[data-testid=toast-undo]").await;
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.body, json!({"paused": false}));
    call.answer(200, &schedule(false));
    until("it goes on", || page.words(SWITCH) == "Pause").await;
    until("it is told", || page.each_words(".toast-success .toast-text") == ["Sync usage goes on again"]).await;
}

#[wasm_bindgen_test]
async fn who_may_not_change_it_is_told_why() {
    let api = Api::new();
    let page = row(&api, &[Permission::SyncRun]).await;
    assert_eq!(page.attribute(SWITCH, "title").as_deref(), Some("Your role may not do this"));
    page.click(SWITCH).await;
    assert_eq!(api.waiting(), 0);
    assert_eq!(page.attribute("[data-testid=schedule-run]", "title"), None);
}
