//! Who one is, in a browser: a name that is changed and changed back, and a new password.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::oidc::OidcView;
use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::profile::ProfileView;
use domain::ids::UserId;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::account::AccountPart;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, Stage, answer, problem, session, stage, until};
use crate::state::clock::Now;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const NAME: &str = "[data-testid=profile-name]";
const SAVE: &str = "[data-testid=profile-save]";
const CURRENT: &str = "[data-testid=password-current]";
const PASSWORD: &str = "[data-testid=new-password]";
const AGAIN: &str = "[data-testid=new-password2]";
const SET: &str = "[data-testid=password-save]";
const REFUSAL: &str = ".notice-danger";
const TOAST: &str = ".toast-text";

fn person(name: &str, has_password: bool) -> ProfileView {
    ProfileView {
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".to_owned(),
        display_name: name.to_owned(),
        has_password,
        second_factor: false,
        recovery_codes_left: 0,
        single_sign_on: None,
        created_at: DateTime::UNIX_EPOCH,
        last_sign_in_at: None,
    }
}

/// The account of Ana, who has a password here or none.
async fn account(api: &Api, has_password: bool) -> Stage {
    api.answers(|call| (call.path == paths::SESSION).then(|| answer(200, &session(&[]))));
    api.answers(|call| (call.path == paths::OIDC).then(|| answer(200, &OidcView { name: None })));
    let page = stage(|| {
        provide_context(Toasts::new());
        provide_context(Now::start());
        provide_context(Session::load());
        view! { <AccountPart/><ToastRegion/> }
    });
    api.asked("GET", paths::PROFILE).await.answer(200, &person("Ana", has_password));
    until("the account", || page.find(NAME).is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn a_name_is_changed_as_the_server_takes_it_and_is_what_it_was_again() {
    let api = Api::new();
    let page = account(&api, false).await;
    assert!(page.find(SET).is_none(), "who signs in elsewhere has no password to change");
    assert_eq!(page.typed(NAME), "Ana");
    page.write(NAME, " ").await;
    page.click(SAVE).await;
    assert_eq!((page.words("#name-error").as_str(), api.waiting()), ("Fill this in.", 0));
    page.write(NAME, " Ana Byron ").await;
    page.click(SAVE).await;
    let call = api.asked("PATCH", paths::PROFILE).await;
    assert_eq!(call.body, json!({ "display_name": "Ana Byron" }));
    let said = FieldError { field: "display_name".into(), code: "invalid".into(), message: "it is taken".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(REFUSAL).is_some()).await;
    assert_eq!(page.words("#name-error"), "it is taken");
    assert!(page.find(TOAST).is_none());

    page.write(NAME, "Ana Lovelace").await;
    assert_eq!(page.words("#name-error"), "", "it was said of another name");
    page.click(SAVE).await;
    api.asked("PATCH", paths::PROFILE).await.answer(200, &person("Ana Lovelace", false));
    until("that it is changed", || page.each_words(TOAST) == ["Your name is changed"]).await;
    assert!(page.find(REFUSAL).is_none());
    page.click("[data-testid=toast-undo]").await;
    let call = api.asked("PATCH", paths::PROFILE).await;
    assert_eq!(call.body, json!({ "display_name": "Ana" }));
    call.answer(200, &person("Ana", false));
    until("that it is as it was", || page.each_words(TOAST) == ["Your name is Ana again"]).await;
    assert_eq!(page.typed(NAME), "Ana");
}

#[wasm_bindgen_test]
async fn a_password_is_changed_by_who_knows_it_and_leaves_nothing_in_the_form() {
    let api = Api::new();
    let page = account(&api, true).await;
    page.click(SET).await;
    let wrong = ["#current-error", "#password-error", "#password2-error"];
    assert_eq!(wrong.map(|field| page.words(field)), ["Fill this in.", "At least 8 characters.", ""]);
    page.write(CURRENT, "until now").await;
    page.write(PASSWORD, "correct horse").await;
    page.write(AGAIN, "correct horse ").await;
    page.click(SET).await;
    assert_eq!((page.words("#password2-error").as_str(), api.waiting()), ("The two passwords differ.", 0));
    page.write(AGAIN, "correct horse").await;
    for right in [false, true] {
        page.click(SET).await;
        let call = api.asked("PUT", paths::PROFILE_PASSWORD).await;
        assert_eq!(call.body, json!({ "current_password": "until now", "new_password": "correct horse" }));
        if right {
            call.answer(200, &());
        } else {
            call.answer(401, &problem(401, "bad_credentials", "That is not your password."));
            until("the refusal", || page.find(REFUSAL).is_some()).await;
            assert!(page.words(REFUSAL).contains("That is not your password."), "{}", page.words(REFUSAL));
            assert_eq!(page.typed(PASSWORD), "correct horse", "what was right is not typed again");
        }
    }
    until("that it is set", || page.each_words(TOAST) == ["The new password is set"]).await;
    assert_eq!([CURRENT, PASSWORD, AGAIN].map(|field| page.typed(field)), [""; 3]);
    assert_eq!(wrong.map(|field| page.words(field)), [""; 3], "nobody is told off before they begin again");
    assert!(page.find(REFUSAL).is_none());
}
