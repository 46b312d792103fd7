//! What people ask for, in a browser: filters that are in the address, and one request in its drawer.
#![cfg(target_arch = "wasm32")]

use contract::page::Page;
use contract::paths;
use contract::requests::{RequestDesktopView, RequestDetailView, RequestStepView, RequestView};
use domain::access::Permission;
use domain::ids::{RequestId, UserId, WorkspaceId};
use domain::requests::{RequestKind, RequestStatus};
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::RequestsPage;
use crate::stage::{Api, Stage, answer, search, session, set_address, settle, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: RequestId = RequestId(Uuid::from_u128(3));
const ROW: &str = "[data-testid=request-row]";
const STATUS: &str = "[data-testid=requests-status]";
const DRAWER: &str = "[data-testid=request-drawer]";

/// A request about a desktop that nobody knows any more.
fn request() -> RequestView {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let id = WorkspaceId(Uuid::from_u128(42));
    RequestView {
        id: ID,
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".to_owned(),
        own: false,
        kind: RequestKind::OtherBundle,
        status: RequestStatus::Open,
        desktop: Some(RequestDesktopView { id, aws_id: None, computer_name: None }),
        bundle: Some("Power".to_owned()),
        note: "Builds take an hour".to_owned(),
        created_at: at,
        updated_at: at,
        version: 1,
    }
}

fn listed(items: Vec<RequestView>) -> Page<RequestView> {
    let total = items.len() as u64;
    Page { items, next_cursor: None, total }
}

/// The page at an address, for somebody who may read requests.
fn page(api: &Api, address: &str) -> Stage {
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[Permission::RequestRead]))));
    set_address(address);
    stage(|| {
        provide_context(Live::start());
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <Router><RequestsPage/></Router> }
    })
}

#[wasm_bindgen_test]
async fn filters_are_in_the_address_and_several_values_stay_until_one_is_chosen() {
    let api = Api::new();
    let page = page(&api, "/requests?status=open,withdrawn&kind=other_bundle");
    let call = api.asked("GET", paths::REQUESTS).await;
    assert_eq!(call.query, "status=open%2Cwithdrawn&kind=other_bundle");
    call.answer(200, &listed(vec![request()]));
    until("the request", || page.find(ROW).is_some()).await;
    assert_eq!(page.words("[data-testid=requests-total]"), "1 request");
    assert_eq!(page.words(".request-said"), "Power · Builds take an hour");
    assert_eq!(page.typed(STATUS), "open,withdrawn");
    assert_eq!(page.each_words(&format!("{STATUS} option")), ["Any", "Open", "Withdrawn", "Several"]);

    page.choose(STATUS, "withdrawn").await;
    let call = api.asked("GET", paths::REQUESTS).await;
    assert_eq!(
        (call.query.as_str(), search().as_str()),
        ("status=withdrawn&kind=other_bundle", "?status=withdrawn&kind=other_bundle")
    );
    call.answer(200, &listed(Vec::new()));
    until("that there are none", || page.find(".state-title").is_some()).await;
    assert_eq!(page.words(".state-title"), "No such requests");
    assert_eq!(page.each_words(&format!("{STATUS} option")), ["Any", "Open", "Withdrawn"]);

    page.choose(STATUS, "").await;
    let call = api.asked("GET", paths::REQUESTS).await;
    assert_eq!((call.query.as_str(), search().as_str()), ("kind=other_bundle", "?kind=other_bundle"));
    set_address("/");
}

#[wasm_bindgen_test]
async fn one_is_shown_in_full_beside_its_list() {
    let api = Api::new();
    let page = page(&api, "/requests?status=open");
    api.asked("GET", paths::REQUESTS).await.answer(200, &listed(vec![request()]));
    until("the request", || page.find(ROW).is_some()).await;
    page.click("[data-testid=request-open]").await;
    let call = api.asked("GET", &paths::with_id(paths::REQUEST, ID)).await;
    assert_eq!(search(), format!("?status=open&request={ID}"), "a reload shows it again");
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    let steps = vec![RequestStepView { at, status: RequestStatus::Open, email: Some("ana@example.com".to_owned()) }];
    call.answer(200, &RequestDetailView { request: request(), steps });
    until("the whole of it", || page.find(".facts").is_some()).await;
    settle().await;
    let told = page.words(DRAWER);
    for words in
        [RequestKind::OtherBundle.words(), "ana@example.com", "no longer known", "Power", "Builds take an hour"]
    {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert!(page.find(".facts a").is_none(), "there is no desktop to go to");
    assert_eq!((page.all(".request-step").len(), api.waiting()), (1, 0), "the list is not read again for it");
    set_address("/");
}
