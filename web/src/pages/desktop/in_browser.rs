//! The form in its drawer, in a browser.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::problem::FieldError;
use contract::requests::{RequestDetailView, RequestView};
use domain::ids::{RequestId, UserId};
use domain::requests::{RequestKind, RequestStatus};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::ask::AskForm;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::stage::{Api, Stage, problem, settle, stage, until};
use crate::state::toasts::Toasts;

const DESKTOP: &str = "00000000-0000-0000-0000-00000000002a";

/// The form in its open drawer, for somebody with one desktop.
async fn form(open: RwSignal<bool>, sent: RwSignal<u32>) -> Stage {
    let page = stage(move || {
        provide_context(Toasts::new());
        view! {
            <Dialog open title="Ask".to_owned() placement=Placement::Right>
                <AskForm open desktops=vec![(DESKTOP.to_owned(), "DESK-1".to_owned())] on_sent=move |()| sent.update(|n| *n += 1)/>
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
