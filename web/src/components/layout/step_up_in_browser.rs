//! The question for a fresh proof in a browser: what was refused for want of it goes on once it is given, and is told where it is not.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::paths;
use contract::problem::code;
use contract::profile::{MailRequestedView, ProfileView};
use contract::session::SetupView;
use domain::ids::UserId;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::step_up::StepUpDialog;
use crate::api::sessions;
use crate::components::ui::Button;
use crate::components::ui::states::FormFailure;
use crate::stage::{Api, Stage, answer, problem, settle, stage, until};
use crate::state::step_up::StepUp;
use crate::state::submit::Submit;

const GO: &str = "[data-testid=go]";
const PASSWORD: &str = "[data-testid=proof-password]";
const CODE: &str = "[data-testid=proof-code]";
const SEND: &str = "[data-testid=proof-send]";
const REFUSAL: &str = "dialog .notice-danger";

/// Ana, who has a password and no second factor.
fn ana() -> ProfileView {
    ProfileView {
        user_id: UserId(Uuid::from_u128(7)),
        email: "ana@example.com".to_owned(),
        display_name: "Ana".to_owned(),
        has_password: true,
        second_factor: false,
        recovery_codes_left: 0,
        single_sign_on: None,
        created_at: DateTime::UNIX_EPOCH,
        last_sign_in_at: None,
    }
}

/// A page whose button ends sessions, where that was refused for want of a proof; and how often it was done.
async fn refused(api: &Api) -> (Stage, RwSignal<u32>) {
    api.answers(|call| (call.path == paths::PROFILE).then(|| answer(200, &ana())));
    api.answers(|call| {
        let setup = SetupView { needs_owner: false, mail: true };
        (call.path == paths::SETUP).then(|| answer(200, &setup))
    });
    let done = RwSignal::new(0);
    let page = stage(move || {
        provide_context(StepUp::start());
        let submit = Submit::new();
        let go = move |()| submit.run(sessions::end_others(), move |()| done.update(|times| *times += 1));
        view! { <section><FormFailure submit/><Button testid="go" on_click=go>"Go"</Button></section><StepUpDialog/> }
    });
    page.click(GO).await;
    let wanted = problem(403, code::STEP_UP, "Prove who you are.");
    api.asked("DELETE", paths::PROFILE_SESSIONS).await.answer(403, &wanted);
    until("the question", || page.find(PASSWORD).is_some()).await;
    (page, done)
}

#[wasm_bindgen_test]
async fn what_was_refused_goes_on_by_itself_once_the_password_was_right() {
    let api = Api::new();
    let (page, done) = refused(&api).await;
    assert!(page.find("section .notice-danger").is_none(), "it is not over yet");
    page.click(SEND).await;
    assert_eq!((page.words("#proof-password-error").as_str(), api.waiting()), ("Fill this in.", 0));
    page.write(PASSWORD, " correct horse ").await;
    for right in [false, true] {
        page.click(SEND).await;
        let call = api.asked("POST", paths::SESSION_PROOF).await;
        assert_eq!(call.body, json!({ "password": " correct horse " }), "blanks are of it");
        if right {
            call.answer(200, &());
        } else {
            call.answer(401, &problem(401, code::BAD_CREDENTIALS, "That is not your password."));
            until("the refusal", || page.find(REFUSAL).is_some()).await;
            assert!(page.words(REFUSAL).contains("That is not your password."), "{}", page.words(REFUSAL));
        }
    }
    api.asked("DELETE", paths::PROFILE_SESSIONS).await.answer(200, &());
    until("it is done", || done.get_untracked() == 1).await;
    assert!(page.find(PASSWORD).is_none(), "nothing is asked any more");
    assert!(page.find(".notice-danger").is_none());
}

#[wasm_bindgen_test]
async fn a_mailed_code_is_a_proof_as_well_and_who_gives_none_is_told_what_was_refused() {
    let api = Api::new();
    let (page, done) = refused(&api).await;
    page.click(".dialog-foot button").await;
    until("what was refused", || page.find("section .notice-danger").is_some()).await;
    assert!(page.words("section .notice-danger").contains("Prove who you are."));
    settle().await;
    assert_eq!((api.waiting(), done.get_untracked()), (0, 0), "it is not sent again");

    page.click(GO).await;
    let wanted = problem(403, code::STEP_UP, "Prove who you are.");
    api.asked("DELETE", paths::PROFILE_SESSIONS).await.answer(403, &wanted);
    until("the question", || page.find(PASSWORD).is_some()).await;
    page.click("[data-testid=proof-by-mail]").await;
    assert!(page.find(CODE).is_none(), "there is no code yet");
    page.click(SEND).await;
    let call = api.asked("POST", paths::SESSION_EMAIL_CODE).await;
    assert_eq!(call.body, json!({ "email": "ana@example.com" }));
    call.answer(202, &MailRequestedView { detail: "Mail is on its way.".to_owned(), valid_minutes: 10 });
    until("where to type it", || page.find(CODE).is_some()).await;
    assert_eq!(page.words("dialog [role=status]"), "Mail is on its way.");
    page.write(CODE, "12345678").await;
    page.click(SEND).await;
    let call = api.asked("POST", paths::SESSION_PROOF).await;
    assert_eq!(call.body, json!({ "email_code": "12345678" }));
    call.answer(200, &());
    api.asked("DELETE", paths::PROFILE_SESSIONS).await.answer(200, &());
    until("it is done", || done.get_untracked() == 1).await;
}
