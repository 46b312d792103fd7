//! How one signs in, in a browser: codes that are turned on and off, and single sign-on that one leaves.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::oidc::OidcView;
use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::profile::{JoinedView, ProfileView, RecoveryCodesView, TotpSetupView};
use domain::ids::UserId;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::factor::SecondFactor;
use super::sso::SingleSignOnCard;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, Stage, problem, settle, stage, until};
use crate::state::clock::Now;
use crate::state::toasts::Toasts;

const CODES: &str = "[data-testid=recovery-codes]";
const CONFIRM: &str = "[data-testid=factor-confirm]";
const YES: &str = "[data-testid=confirm-do]";
const LEAVE: &str = "[data-testid=sso-leave]";

fn person(second_factor: bool) -> ProfileView {
    ProfileView {
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".to_owned(),
        display_name: "Ana".to_owned(),
        has_password: true,
        second_factor,
        recovery_codes_left: if second_factor { 3 } else { 0 },
        single_sign_on: None,
        created_at: DateTime::UNIX_EPOCH,
        last_sign_in_at: None,
    }
}

/// The card of the second factor, and how often the person was to be read again.
fn factor(second_factor: bool) -> (Stage, RwSignal<u32>) {
    let read = RwSignal::new(0);
    let page = stage(move || {
        provide_context(Toasts::new());
        let changed = Callback::new(move |()| read.update(|times| *times += 1));
        view! { <SecondFactor view=person(second_factor) changed/><ToastRegion/> }
    });
    (page, read)
}

#[wasm_bindgen_test]
async fn codes_are_on_once_one_was_right_and_the_recovery_codes_stay_until_they_are_kept() {
    let api = Api::new();
    let (page, read) = factor(false);
    page.click("[data-testid=factor-begin]").await;
    let (secret, uri) = ("JBSWY3DP".to_owned(), "otpauth://totp/Wheelhouse".to_owned());
    let setup = TotpSetupView { secret, uri, qr_svg: "<svg></svg>".to_owned() };
    api.asked("POST", paths::PROFILE_TOTP).await.answer(200, &setup);
    until("the key", || page.find("[data-testid=factor-secret]").is_some()).await;
    assert!(page.find(".qr svg").is_some());

    page.click(CONFIRM).await;
    assert!(!page.words("#factor-code-error").is_empty() && api.waiting() == 0, "there is no code yet");
    page.write("#factor-code", "123 456").await;
    page.click(CONFIRM).await;
    let call = api.asked("POST", paths::PROFILE_TOTP_CONFIRM).await;
    assert_eq!(call.body, json!({ "code": "123456" }), "as apps write it");
    let said = FieldError { field: "code".into(), code: "wrong".into(), message: "that is not the code".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words("#factor-code-error"), "that is not the code");
    assert!(page.find(CODES).is_none());

    page.write("#factor-code", "654321").await;
    page.click(CONFIRM).await;
    let codes = RecoveryCodesView { codes: vec!["aaaa-bbbb".to_owned(), "cccc-dddd".to_owned()] };
    api.asked("POST", paths::PROFILE_TOTP_CONFIRM).await.answer(200, &codes);
    until("the recovery codes", || page.find(CODES).is_some()).await;
    settle().await;
    assert_eq!(page.words(CODES), "aaaa-bbbb\ncccc-dddd");
    assert_eq!(read.get_untracked(), 0, "the card stays while they are on it");
    assert!(page.find(CONFIRM).is_none());
    page.click("[data-testid=recovery-kept]").await;
    until("the card is read again", || read.get_untracked() == 1).await;
    assert!(page.find(CODES).is_none(), "they are shown once");
}

#[wasm_bindgen_test]
async fn codes_are_off_once_that_was_confirmed_and_taken() {
    let api = Api::new();
    let (page, read) = factor(true);
    assert!(page.words("[data-testid=factor-card]").contains("3 recovery codes left"));
    page.click("[data-testid=factor-remove]").await;
    assert_eq!(api.waiting(), 0, "it is asked first");
    page.click(YES).await;
    let call = api.asked("DELETE", paths::PROFILE_TOTP).await;
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert!(page.find(YES).is_some() && read.get_untracked() == 0, "it can be tried again");
    page.click(YES).await;
    api.asked("DELETE", paths::PROFILE_TOTP).await.answer(200, &());
    until("the card is read again", || read.get_untracked() == 1).await;
    assert_eq!(page.each_words(".toast-text"), ["Codes are turned off"]);
    assert!(page.find(YES).is_none());
}

/// The card of single sign-on for somebody who is joined to a person there.
async fn joined(api: &Api, has_password: bool) -> (Stage, RwSignal<u32>) {
    let read = RwSignal::new(0);
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Now::start());
        let (since, issuer) = (DateTime::UNIX_EPOCH, "https://login.example.com".to_owned());
        let joined = JoinedView { issuer, since, last_sign_in_at: since };
        let view = ProfileView { has_password, single_sign_on: Some(joined), ..person(false) };
        let changed = Callback::new(move |()| read.update(|times| *times += 1));
        view! { <SingleSignOnCard view changed/><ToastRegion/> }
    });
    api.asked("GET", paths::OIDC).await.answer(200, &OidcView { name: Some("Example".to_owned()) });
    until("the card", || page.find(LEAVE).is_some()).await;
    (page, read)
}

#[wasm_bindgen_test]
async fn who_has_a_password_leaves_single_sign_on() {
    let api = Api::new();
    let (page, read) = joined(&api, true).await;
    page.click(LEAVE).await;
    assert!(page.words("[data-testid=confirm]").contains("Your account at Example stays as it is."));
    page.click(YES).await;
    api.asked("DELETE", paths::OIDC_LINK).await.answer(200, &());
    until("the card is read again", || read.get_untracked() == 1).await;
    assert_eq!(page.each_words(".toast-text"), ["You left single sign-on"]);
}

#[wasm_bindgen_test]
async fn who_has_no_password_is_told_why_they_stay() {
    let api = Api::new();
    let (page, _) = joined(&api, false).await;
    let why = page.attribute(LEAVE, "title");
    assert_eq!(why.as_deref(), Some("Without a password it is your only way in"));
    page.click(LEAVE).await;
    assert!(page.find(YES).is_none() && api.waiting() == 0);
}

#[wasm_bindgen_test]
async fn where_no_provider_is_set_up_there_is_nothing_of_it() {
    let api = Api::new();
    let page = stage(|| {
        provide_context(Toasts::new());
        let changed = Callback::new(|()| ());
        view! { <SingleSignOnCard view=person(false) changed/> }
    });
    api.asked("GET", paths::OIDC).await.answer(200, &OidcView { name: None });
    settle().await;
    assert!(page.find("[data-testid=sso-card]").is_none());
}
