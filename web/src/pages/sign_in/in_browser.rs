//! The sign-in in a browser: its steps, what is said of a refusal, and where one goes after.
#![cfg(target_arch = "wasm32")]

use contract::oidc::OidcView;
use contract::paths;
use contract::session::{SecondFactorView, SetupView};
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::SignInPage;
use crate::stage::{Api, Stage, answer, problem, search, session, set_address, stage, until};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const EMAIL: &str = "[data-testid=signin-email]";
const PASSWORD: &str = "[data-testid=signin-password]";
const SUBMIT: &str = "[data-testid=signin-submit]";
const CODE: &str = "[data-testid=signin-code]";
const GO_ON: &str = "[data-testid=signin-code-submit]";
const REFUSAL: &str = ".notice-danger";

/// The page at an address while it is shown, where nobody is signed in and no provider is set up.
async fn page(api: &Api, address: &str, shown: RwSignal<bool>) -> Stage {
    api.answers(|call| {
        let setup = SetupView { needs_owner: false, mail: true };
        (call.path == paths::SETUP).then(|| answer(200, &setup))
    });
    api.answers(|call| (call.path == paths::OIDC).then(|| answer(200, &OidcView { name: None })));
    set_address(address);
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Session::load());
        let there = move || shown.get().then(|| view! { <SignInPage/> });
        view! { <Router>{there}</Router> }
    });
    api.asked("GET", paths::SESSION).await.answer(401, &problem(401, "unauthenticated", "Sign in first."));
    until("the form", || page.find(PASSWORD).is_some()).await;
    page
}

fn here() -> String {
    window().location().pathname().unwrap()
}

#[wasm_bindgen_test]
async fn a_password_leads_to_the_code_that_is_wanted_and_that_to_where_one_was() {
    let api = Api::new();
    let page = page(&api, "/sign-in?next=%2Fworkspaces%3Fstate%3DSTOPPED", RwSignal::new(true)).await;
    page.click(SUBMIT).await;
    assert_eq!(["#email-error", "#password-error"].map(|field| page.words(field)), ["Fill this in."; 2]);
    assert_eq!(api.waiting(), 0, "nothing is sent of what is not whole");

    page.write(EMAIL, "ana@example.com").await;
    page.write(PASSWORD, " correct horse ").await;
    page.click(SUBMIT).await;
    let call = api.asked("POST", paths::SESSION).await;
    assert_eq!(call.body, json!({ "email": "ana@example.com", "password": " correct horse " }), "blanks are of it");
    call.answer(401, &problem(401, "bad_credentials", "Address or password is wrong."));
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert!(page.words(REFUSAL).contains("Address or password is wrong."), "{}", page.words(REFUSAL));
    assert_eq!([EMAIL, PASSWORD].map(|field| page.typed(field)), ["ana@example.com", " correct horse "]);

    for challenge in ["first", "second"] {
        page.write(PASSWORD, "correct horse").await;
        page.click(SUBMIT).await;
        let wanted = SecondFactorView {
            challenge: challenge.to_owned(),
            methods: vec!["totp".to_owned()],
            expires_at: "2099-01-01T00:00:00Z".parse().unwrap(),
        };
        api.asked("POST", paths::SESSION).await.answer(202, &wanted);
        until("the next step", || page.find(CODE).is_some()).await;
        assert_eq!(page.words("h1"), "One more step");
        if challenge == "first" {
            page.click(".gate-links button").await;
            until("the beginning", || page.find(PASSWORD).is_some()).await;
            assert_eq!([EMAIL, PASSWORD].map(|field| page.typed(field)), ["ana@example.com", ""]);
        }
    }
    for (code, right) in [("000000", false), ("123456", true)] {
        page.write(CODE, code).await;
        page.click(GO_ON).await;
        let call = api.asked("POST", paths::SESSION_SECOND_FACTOR).await;
        assert_eq!(call.body, json!({ "challenge": "second", "code": code }));
        if right {
            call.answer(201, &());
        } else {
            call.answer(401, &problem(401, "bad_code", "That is not the code."));
            until("the refusal", || page.find(REFUSAL).is_some()).await;
            assert_eq!(page.typed(CODE), code);
        }
    }
    api.asked("GET", paths::SESSION).await.answer(200, &session(&[]));
    until("where one was", || here() == "/workspaces").await;
    assert_eq!(search(), "?state=STOPPED");
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_is_signed_in_is_read_even_where_the_page_was_left_and_what_fails_of_it_is_said() {
    let (api, shown) = (Api::new(), RwSignal::new(true));
    let page = page(&api, "/sign-in?next=%2F%2Felsewhere.example", shown).await;
    page.write(EMAIL, "ana@example.com").await;
    page.write(PASSWORD, "correct horse").await;
    page.click(SUBMIT).await;
    api.asked("POST", paths::SESSION).await.answer(201, &());
    let call = api.asked("GET", paths::SESSION).await;
    assert_eq!(page.attribute(SUBMIT, "aria-busy").as_deref(), Some("true"));
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("why one is not there", || page.find(REFUSAL).is_some()).await;
    assert!(page.words(REFUSAL).contains("Something broke."), "{}", page.words(REFUSAL));

    page.click(SUBMIT).await;
    let call = api.asked("POST", paths::SESSION).await;
    shown.set(false);
    until("the page is left", || page.find(SUBMIT).is_none()).await;
    call.answer(201, &());
    api.asked("GET", paths::SESSION).await.answer(200, &session(&[]));
    assert_eq!(here(), "/sign-in", "nobody is taken away from where they went");
    shown.set(true);
    until("there is nothing to sign in for", || here() == "/").await;
}
