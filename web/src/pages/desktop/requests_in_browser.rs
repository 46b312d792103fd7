//! One's own requests in a browser: taking one back, before and after the server has said something.
#![cfg(target_arch = "wasm32")]

use contract::page::Page;
use contract::paths;
use contract::requests::RequestView;
use domain::ids::{RequestId, UserId};
use domain::requests::{RequestKind, RequestStatus};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::requests::Requests;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, focused, problem, set_address, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::toasts::Toasts;

const ID: RequestId = RequestId(Uuid::from_u128(3));
const ROW: &str = "[data-testid=request-row]";
const WITHDRAW: &str = "[data-testid=request-withdraw]";

fn listed(status: RequestStatus) -> Page<RequestView> {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let request = RequestView {
        id: ID,
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".into(),
        own: true,
        kind: RequestKind::Other,
        status,
        desktop: None,
        bundle: None,
        note: "A second screen".into(),
        created_at: at,
        updated_at: at,
        version: 1,
    };
    Page { items: vec![request], next_cursor: None, total: 1 }
}

#[wasm_bindgen_test]
async fn what_is_taken_back_is_shown_so_at_once_and_is_there_again_where_that_is_refused() {
    let api = Api::new();
    set_address("/desktop");
    let page = stage(|| {
        provide_context(Live::start());
        provide_context(Now::start());
        provide_context(Toasts::new());
        view! { <Router><Requests sent=RwSignal::new(0)/></Router><ToastRegion/> }
    });
    api.asked("GET", paths::REQUESTS).await.answer(200, &listed(RequestStatus::Open));
    until("the request", || page.find(WITHDRAW).is_some()).await;
    let status = || page.attribute(ROW, "data-status").unwrap_or_default();
    let path = paths::with_id(paths::REQUEST, ID);

    page.click(WITHDRAW).await;
    page.click("[data-testid=confirm-do]").await;
    let call = api.asked("DELETE", &path).await;
    assert_eq!((status().as_str(), page.find(WITHDRAW).is_none()), ("withdrawn", true), "before there is an answer");
    assert!(page.find("[data-testid=confirm-do]").is_none(), "it is asked once");
    let at = || focused().get_attribute("data-testid");
    until("the focus stays in the row", || at().as_deref() == Some("request-open")).await;
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the message", || page.find(".toast-danger").is_some()).await;
    assert_eq!(page.words(".toast-text"), "Your request could not be withdrawn: Something broke.");
    assert_eq!((status().as_str(), page.find(WITHDRAW).is_some()), ("open", true));

    page.click(WITHDRAW).await;
    page.click("[data-testid=confirm-do]").await;
    api.asked("DELETE", &path).await.answer(200, &());
    api.asked("GET", paths::REQUESTS).await.answer(200, &listed(RequestStatus::Withdrawn));
    until("it is told", || page.find(".toast-success").is_some()).await;
    assert_eq!((status().as_str(), page.find(WITHDRAW).is_none()), ("withdrawn", true));
    set_address("/");
}
