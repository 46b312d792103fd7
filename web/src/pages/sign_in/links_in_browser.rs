//! The pages of mailed links in a browser: asking for a new password, setting it, and accepting an invitation.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::profile::MailRequestedView;
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{ForgotPage, InvitationPage, ResetPage};
use crate::stage::{Api, Stage, problem, session, set_address, stage, until};
use crate::state::session::Session;

const PASSWORD: &str = "[data-testid=new-password]";
const AGAIN: &str = "[data-testid=new-password2]";
const REFUSAL: &str = ".notice-danger";

fn reset(address: &str) -> Stage {
    set_address(address);
    stage(|| view! { <Router><ResetPage/></Router> })
}

/// A refusal that says this of that field.
fn refusal(field: &str, message: &str) -> Problem {
    let said = FieldError { field: field.into(), code: "invalid".into(), message: message.into() };
    Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") }
}

#[wasm_bindgen_test]
async fn a_link_is_asked_for_again_where_that_failed_and_the_answer_is_told_in_its_words() {
    const EMAIL: &str = "[data-testid=forgot-email]";
    const SEND: &str = "[data-testid=forgot-submit]";
    const SENT: &str = "[data-testid=forgot-sent]";
    let api = Api::new();
    set_address("/forgot-password");
    let page = stage(|| view! { <Router><ForgotPage/></Router> });
    page.click(SEND).await;
    assert_eq!((page.words("#email-error").as_str(), api.waiting()), ("Fill this in.", 0));
    page.write(EMAIL, "ana@example.com").await;
    page.click(SEND).await;
    let call = api.asked("POST", paths::PASSWORD_RESET).await;
    assert_eq!(call.body, json!({ "email": "ana@example.com" }));
    call.answer(429, &problem(429, "rate_limited", "Too many tries. Wait a minute."));
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert!(page.words(REFUSAL).contains("Too many tries."), "{}", page.words(REFUSAL));
    assert!(page.find(SENT).is_none(), "nothing is on its way");

    page.click(SEND).await;
    let told = MailRequestedView { detail: "Mail is on its way, if we know you.".to_owned(), valid_minutes: 30 };
    api.asked("POST", paths::PASSWORD_RESET).await.answer(202, &told);
    until("what was done", || page.find(SENT).is_some()).await;
    assert_eq!(page.words(SENT), "Mail is on its way, if we know you.");
    assert!(page.find(REFUSAL).is_none());
    assert_eq!(page.typed(EMAIL), "ana@example.com", "it may not have come: it is sent again from here");
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_new_password_is_typed_twice_and_set_with_the_token_of_the_link() {
    const SET: &str = "[data-testid=reset-submit]";
    let api = Api::new();
    let page = reset("/reset-password");
    assert_eq!(page.words("h1"), "The link is not whole");
    assert_eq!(page.attribute(".gate-actions a", "href").as_deref(), Some("/forgot-password"));
    assert!(page.find(PASSWORD).is_none());
    drop(page);

    let page = reset("/reset-password#token=once");
    page.click(SET).await;
    assert_eq!(page.words("#password-error"), "At least 8 characters.");
    page.write(PASSWORD, "correct horse").await;
    page.write(AGAIN, "correct house").await;
    page.click(SET).await;
    assert_eq!(["#password-error", "#password2-error"].map(|at| page.words(at)), ["", "The two passwords differ."]);
    assert_eq!(api.waiting(), 0, "nobody knows which of them is meant");
    page.write(AGAIN, "correct horse").await;
    page.click(SET).await;
    let call = api.asked("POST", paths::PASSWORD_RESET_CONFIRM).await;
    assert_eq!(call.body, json!({ "token": "once", "password": "correct horse" }));
    call.answer(422, &refusal("password", "too many people use it"));
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert_eq!(page.words("#password-error"), "too many people use it");
    page.write(PASSWORD, "battery staple").await;
    assert_eq!(page.words("#password-error"), "", "it was said of another");
    page.write(AGAIN, "battery staple").await;
    page.click(SET).await;
    let call = api.asked("POST", paths::PASSWORD_RESET_CONFIRM).await;
    assert_eq!(call.body["password"], json!("battery staple"));
    call.answer(200, &());
    until("that it is set", || page.find("[data-testid=reset-done]").is_some()).await;
    assert!(page.find(PASSWORD).is_none(), "the link is spent");
    assert_eq!(page.attribute(".gate-actions a", "href").as_deref(), Some("/sign-in"));
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_accepts_an_invitation_is_signed_in_and_goes_in() {
    const ACCEPT: &str = "[data-testid=accept-submit]";
    const NAME: &str = "[data-testid=accept-name]";
    let api = Api::new();
    set_address("/invitation?token=come");
    let page = stage(|| {
        provide_context(Session::load());
        view! { <Router><InvitationPage/></Router> }
    });
    api.asked("GET", paths::SESSION).await.answer(401, &problem(401, "unauthenticated", "Sign in first."));
    page.write(PASSWORD, "correct horse").await;
    page.write(AGAIN, "correct horse").await;
    page.click(ACCEPT).await;
    assert_eq!((page.words("#name-error").as_str(), api.waiting()), ("Fill this in.", 0));
    page.write(NAME, " Ana ").await;
    page.click(ACCEPT).await;
    let call = api.asked("POST", paths::INVITATION_ACCEPT).await;
    assert_eq!(call.body, json!({ "token": "come", "display_name": "Ana", "password": "correct horse" }));
    call.answer(422, &refusal("display_name", "write it on one line"));
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert_eq!(page.words("#name-error"), "write it on one line");
    assert_eq!(page.typed(PASSWORD), "correct horse", "what was right is not typed again");

    page.write(NAME, "Ana Byron").await;
    page.click(ACCEPT).await;
    api.asked("POST", paths::INVITATION_ACCEPT).await.answer(201, &());
    let call = api.asked("GET", paths::SESSION).await;
    assert_eq!(window().location().pathname().unwrap(), "/invitation", "who that is comes first");
    call.answer(200, &session(&[]));
    until("one goes in", || window().location().pathname().unwrap() == "/").await;
    assert_eq!(window().location().search().unwrap(), "", "the token is in no address any more");
}
