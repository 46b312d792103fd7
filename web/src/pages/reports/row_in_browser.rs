//! A report's row in a browser: what its switch shows before and after the server has said something.
#![cfg(target_arch = "wasm32")]

use chrono::{DateTime, Utc};
use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::reports::{ReportFilterBody, ReportView};
use domain::access::Permission;
use domain::ids::{ReportId, UserId};
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::row::ReportRow;
use crate::components::ui::editor::Editing;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, sign_in, stage, until};
use crate::state::{clock::Now, session::Session, toasts::Toasts};

const ID: ReportId = ReportId(Uuid::from_u128(4));
const SWITCH: &str = "[data-testid=report-pause]";
const MADE: &str = "[data-label=Made]";
const NEXT: &str = "[data-label=Next]";

fn report(frequency: ReportFrequency, enabled: bool, version: i64) -> ReportView {
    ReportView {
        id: ID,
        owner_id: UserId(Uuid::from_u128(7)),
        owner: "ana@example.com".to_owned(),
        name: "The fleet".to_owned(),
        template: ReportTemplate::Inventory,
        filter: ReportFilterBody::default(),
        span: ReportSpan::Last7Days,
        format: ReportFormat::Csv,
        frequency,
        zone: "UTC".to_owned(),
        hour: 7,
        day: 1,
        keep_runs: 12,
        enabled,
        recipients: Vec::new(),
        webhook_url: Some("https://hooks.example.com/reports".to_owned()),
        webhook_secret: None,
        next_run_at: enabled.then_some(DateTime::<Utc>::UNIX_EPOCH),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version,
    }
}

/// The row of a report for somebody who may do that, how often it was said that it was changed, and what is being changed.
async fn row(api: &Api, may: &[Permission], report: ReportView) -> (Stage, RwSignal<u32>, Editing<ReportView>) {
    let (saved, editing) = (RwSignal::new(0), Editing::new());
    let page = stage(move || {
        provide_context(Now::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let on_saved = Callback::new(move |()| saved.update(|count| *count += 1));
        let row = move || {
            let report = report.clone();
            let row = || view! { <ReportRow report editing on_preview=|_| () on_files=|_| () on_saved/> };
            session.signed_in().then(row)
        };
        view! { <table><tbody>{row}</tbody></table><ToastRegion/><SignedIn/> }
    });
    sign_in(&page, api, may).await;
    until("the row", || page.find("[data-testid=report-row]").is_some()).await;
    (page, saved, editing)
}

#[wasm_bindgen_test]
async fn a_pause_is_shown_at_once_and_taken_back_where_it_is_refused() {
    let api = Api::new();
    let (page, saved, editing) = row(&api, &[Permission::ReportManage], report(ReportFrequency::Daily, true, 3)).await;
    let path = paths::with_id(paths::REPORT, ID);
    let paused = || page.words(MADE).ends_with("(paused)");
    assert_eq!((page.words(SWITCH), paused()), ("Pause".to_owned(), false));
    let next = page.words(NEXT);
    page.click(SWITCH).await;
    let call = api.asked("PUT", &path).await;
    assert_eq!((&call.body["enabled"], call.version.as_deref()), (&json!(false), Some("\"3\"")));
    assert_eq!(call.body["webhook_url"], "https://hooks.example.com/reports", "all else stays as it is");
    assert_eq!((page.words(SWITCH), paused()), ("Resume".to_owned(), true));
    assert_eq!((page.words(NEXT), page.attribute(SWITCH, "aria-busy").as_deref()), ("–".to_owned(), Some("true")));
    page.click(SWITCH).await;
    assert_eq!(api.waiting(), 0, "once is enough");
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the message", || page.find(".toast-danger").is_some()).await;
    assert_eq!(page.words(".toast-text"), "The fleet could not be paused: Something broke.");
    assert_eq!((page.words(SWITCH), paused(), page.words(NEXT)), ("Pause".to_owned(), false, next));
    assert_eq!(saved.get_untracked(), 0);
    until("it can be tried again", || page.attribute(SWITCH, "aria-busy").is_none()).await;

    page.click(SWITCH).await;
    api.asked("PUT", &path).await.answer(200, &report(ReportFrequency::Daily, false, 4));
    until("what takes it back", || page.find("[data-testid=toast-undo]").is_some()).await;
    assert_eq!((page.words(SWITCH), paused(), saved.get_untracked()), ("Resume".to_owned(), true, 1));
    page.click("[data-testid=object-edit]").await;
    let edited = editing.object().map(|report| (report.version, report.enabled));
    assert_eq!(edited, Some((4, false)), "the form gets the report as it is now");
    page.click("[data-testid=toast-undo]").await;
    let call = api.asked("PUT", &path).await;
    assert_eq!((&call.body["enabled"], call.version.as_deref()), (&json!(true), Some("\"4\"")));
    call.answer(200, &report(ReportFrequency::Daily, true, 5));
    until("it is told", || page.each_words(".toast-success .toast-text") == ["The fleet goes on again"]).await;
    assert_eq!(saved.get_untracked(), 2, "the list is read again");
}

#[wasm_bindgen_test]
async fn a_refusal_of_a_field_is_told_with_what_is_wrong_with_it() {
    let api = Api::new();
    let (page, ..) = row(&api, &[Permission::ReportManage], report(ReportFrequency::Daily, false, 3)).await;
    page.click(SWITCH).await;
    let wrong = FieldError { field: "recipients".into(), code: "unknown".into(), message: "nobody has b@x.org".into() };
    let refused = problem(422, "invalid_body", "Some fields are wrong; `errors` names each.");
    let call = api.asked("PUT", &paths::with_id(paths::REPORT, ID)).await;
    call.answer(422, &Problem { errors: vec![wrong], ..refused });
    until("the message", || page.find(".toast-danger").is_some()).await;
    assert_eq!(page.words(".toast-text"), "The fleet could not be resumed: Nobody has b@x.org.");
    assert_eq!(page.words(SWITCH), "Resume");
}

#[wasm_bindgen_test]
async fn what_is_made_by_hand_or_may_not_be_changed_has_no_switch() {
    for (may, frequency) in [
        ([Permission::ReportRead].as_slice(), ReportFrequency::Daily),
        ([Permission::ReportManage].as_slice(), ReportFrequency::Never),
    ] {
        let api = Api::new();
        let (page, ..) = row(&api, may, report(frequency, true, 1)).await;
        assert!(page.find(SWITCH).is_none(), "{frequency}");
        assert!(page.find("[data-testid=report-runs-open]").is_some());
    }
}
