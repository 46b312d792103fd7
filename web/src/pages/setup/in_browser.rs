//! The first run in a browser: the owner is created with the token of the link, and goes in.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::problem::{FieldError, Problem, code};
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::SetupPage;
use crate::stage::{Api, Stage, problem, session, set_address, stage, until};
use crate::state::session::Session;

const EMAIL: &str = "[data-testid=setup-email]";
const PASSWORD: &str = "[data-testid=setup-password]";
const AGAIN: &str = "[data-testid=setup-password2]";
const CREATE: &str = "[data-testid=setup-submit]";
const REFUSAL: &str = ".notice-danger";

/// The page at an address, where nobody is signed in.
async fn page(api: &Api, address: &str) -> Stage {
    set_address(address);
    let page = stage(|| {
        provide_context(Session::load());
        view! { <Router><SetupPage/></Router> }
    });
    api.asked("GET", paths::SESSION).await.answer(401, &problem(401, "unauthenticated", "Sign in first."));
    page
}

#[wasm_bindgen_test]
async fn the_owner_is_created_as_it_stands_in_the_form_and_goes_in() {
    let api = Api::new();
    let page = page(&api, "/setup#token=once").await;
    page.click(CREATE).await;
    assert!(!page.words("#email-error").is_empty());
    assert_eq!(page.words("#password-error"), "At least 8 characters.");
    page.write(EMAIL, "ana@example.com").await;
    page.write(PASSWORD, "correct horse").await;
    page.write(AGAIN, "correct house").await;
    page.click(CREATE).await;
    let wrong = ["#email-error", "#password-error", "#password2-error"];
    assert_eq!(wrong.map(|field| page.words(field)), ["", "", "The two passwords differ."]);
    assert_eq!(api.waiting(), 0, "nothing is sent of what is not whole");
    page.write(AGAIN, "correct horse").await;
    page.click(CREATE).await;
    let call = api.asked("POST", paths::SETUP).await;
    assert_eq!(call.body, json!({ "token": "once", "email": "ana@example.com", "password": "correct horse" }));
    page.click(CREATE).await;
    assert_eq!(api.waiting(), 0, "it is sent once");
    let said = FieldError { field: "password".into(), code: "common".into(), message: "many people use it".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert_eq!(page.words("#password-error"), "many people use it");
    assert!(page.find(".notice-danger a").is_none(), "it can be mended here");

    for field in [PASSWORD, AGAIN] {
        page.write(field, "battery staple").await;
    }
    assert_eq!(wrong.map(|field| page.words(field)), [""; 3]);
    page.click(CREATE).await;
    let call = api.asked("POST", paths::SETUP).await;
    assert_eq!(call.body["password"], json!("battery staple"));
    call.answer(201, &());
    api.asked("GET", paths::SESSION).await.answer(200, &session(&[]));
    until("the owner is in", || window().location().pathname().unwrap() == "/").await;
    assert_eq!(window().location().hash().unwrap(), "", "the token is in no address any more");
}

#[wasm_bindgen_test]
async fn a_link_that_is_spent_or_not_whole_leads_to_the_sign_in() {
    let api = Api::new();
    let bare = page(&api, "/setup").await;
    assert_eq!(bare.words("h1"), "The link is not whole");
    assert!(bare.find(CREATE).is_none());
    assert_eq!(bare.attribute(".gate-actions a", "href").as_deref(), Some("/sign-in"));
    drop(bare);

    let page = page(&api, "/setup?token=spent").await;
    page.write(EMAIL, "ana@example.com").await;
    for field in [PASSWORD, AGAIN] {
        page.write(field, "correct horse").await;
    }
    page.click(CREATE).await;
    let spent = problem(410, code::LINK_SPENT, "The link was used already.");
    api.asked("POST", paths::SETUP).await.answer(410, &spent);
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert!(page.words(REFUSAL).contains("The link was used already."), "{}", page.words(REFUSAL));
    assert_eq!(page.attribute(".notice-danger a", "href").as_deref(), Some("/sign-in"));
    assert_eq!(page.typed(EMAIL), "ana@example.com");
    set_address("/");
}
