//! Invitations in a browser: what the form sends, what becomes of the link, and taking one back.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::invitations::{InvitationView, InvitedView};
use contract::page::Page;
use contract::paths;
use contract::teams::TeamView;
use domain::access::Permission;
use domain::ids::{InvitationId, TeamId};
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::invitations::InvitationsPage;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, set_address, settle, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: InvitationId = InvitationId(Uuid::from_u128(4));
const TEAM: TeamId = TeamId(Uuid::from_u128(6));
const SEND: &str = "[data-testid=invite-send]";
const LINK: &str = "[data-testid=invite-link]";
const OVER: &str = "[data-testid=grant-over-what]";
const WHICH: &str = "[data-testid=grant-which]";
const REVOKE: &str = "[data-testid=invitation-revoke]";
const YES: &str = "[data-testid=confirm-do]";

fn invitation(id: InvitationId, state: &str) -> InvitationView {
    InvitationView {
        id,
        email: "grace@example.com".to_owned(),
        state: state.to_owned(),
        grants: Vec::new(),
        invited_by: None,
        invited_by_email: None,
        created_at: DateTime::UNIX_EPOCH,
        sent_at: DateTime::UNIX_EPOCH,
        expires_at: "2099-01-01T00:00:00Z".parse().unwrap(),
        accepted_at: None,
        revoked_at: None,
    }
}

/// Answers the page that asks which invitations there are.
async fn listed(api: &Api, states: &[&str]) {
    let numbered = (4_u128..).map(|number| InvitationId(Uuid::from_u128(number)));
    let items: Vec<_> = numbered.zip(states).map(|(id, state)| invitation(id, state)).collect();
    let total = items.len() as u64;
    api.asked("GET", paths::INVITATIONS).await.answer(200, &Page { items, next_cursor: None, total });
}

/// The page for somebody who may invite, with invitations in these states.
async fn page(api: &Api, states: &[&str]) -> Stage {
    set_address("/admin/invitations");
    let page = stage(|| {
        provide_context(Live::start());
        provide_context(Now::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let there = move || session.signed_in().then(|| view! { <InvitationsPage/> });
        view! { <Router>{there}</Router><ToastRegion/><SignedIn/> }
    });
    sign_in(&page, api, &[Permission::UserRead, Permission::UserWrite]).await;
    listed(api, states).await;
    settle().await;
    page
}

/// The form, once it knows which teams there are.
async fn form(api: &Api) -> Stage {
    let page = page(api, &[]).await;
    page.click("[data-testid=invite]").await;
    until("the form", || page.find("#invite-email").is_some()).await;
    let team = TeamView {
        id: TEAM,
        name: "Design".to_owned(),
        description: String::new(),
        member_count: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version: 1,
    };
    let teams = Page { items: vec![team], next_cursor: None, total: 1 };
    api.asked("GET", paths::TEAMS).await.answer(200, &teams);
    settle().await;
    page
}

#[wasm_bindgen_test]
async fn somebody_is_invited_to_what_was_chosen_and_the_link_is_shown_once() {
    let api = Api::new();
    let page = form(&api).await;
    page.choose(OVER, "team").await;
    assert_eq!(page.each_words(&format!("{WHICH} option")), ["Choose…", "Design"]);
    page.choose(WHICH, &TEAM.to_string()).await;
    // What was chosen of one kind is nothing of another.
    page.choose(OVER, "account").await;
    assert_eq!((page.each_words(&format!("{WHICH} option")), page.typed(WHICH)), (vec!["Choose…".into()], "".into()));
    let waiting = api.waiting();
    page.click(SEND).await;
    assert_eq!(api.waiting(), waiting, "nothing is sent");
    assert!(!page.words("#invite-email-error").is_empty());
    assert_eq!(page.words(".dialog-body > .field-error"), "Choose what each role reaches.");

    page.write("#invite-email", " grace@example.com ").await;
    page.choose(OVER, "team").await;
    page.choose(WHICH, &TEAM.to_string()).await;
    assert_eq!(page.words(".dialog-body > .field-error"), "");
    page.click(SEND).await;
    let call = api.asked("POST", paths::INVITATIONS).await;
    let grant = json!({ "role": "viewer", "reach": "team", "team_id": TEAM });
    assert_eq!(call.body, json!({ "email": "grace@example.com", "grants": [grant] }));
    let link = "https://wheelhouse.example.com/invitation#token=t".to_owned();
    call.answer(201, &InvitedView { invitation: invitation(ID, "open"), mailed: false, link: Some(link.clone()) });
    until("the link", || page.find(LINK).is_some()).await;
    settle().await;
    assert_eq!((page.words(LINK), page.find(SEND).is_none()), (link, true));
    listed(&api, &["open"]).await;
    page.click("[data-testid=invite-kept]").await;
    assert!(page.find(LINK).is_none());
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_gets_a_mail_is_said_and_no_link_is_shown() {
    let api = Api::new();
    let page = form(&api).await;
    page.write("#invite-email", "grace@example.com").await;
    page.click(SEND).await;
    let call = api.asked("POST", paths::INVITATIONS).await;
    call.answer(409, &problem(409, "email_taken", "There is a user with this address."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.typed("#invite-email"), "grace@example.com");
    page.click(SEND).await;
    let answer = InvitedView { invitation: invitation(ID, "open"), mailed: true, link: None };
    api.asked("POST", paths::INVITATIONS).await.answer(201, &answer);
    until("it is said", || page.each_words(".toast-text") == ["grace@example.com is invited by mail"]).await;
    listed(&api, &["open"]).await;
    settle().await;
    assert!(page.find(LINK).is_none() && page.find(SEND).is_none());
    set_address("/");
}

#[wasm_bindgen_test]
async fn one_is_taken_back_after_a_question_and_only_while_it_is_good_for_something() {
    let api = Api::new();
    let page = page(&api, &["open", "accepted"]).await;
    until("both", || page.all("[data-testid=invitation-row]").len() == 2).await;
    assert_eq!(page.all(REVOKE).len(), 1, "who has accepted is a user");
    page.click(REVOKE).await;
    assert!(page.words("[data-testid=confirm]").contains("The link for grace@example.com opens nothing any more."));
    page.click(YES).await;
    let path = paths::with_id(paths::INVITATION, ID);
    api.asked("DELETE", &path).await.answer(500, &problem(500, "internal", "Something broke."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    page.click(YES).await;
    api.asked("DELETE", &path).await.answer(200, &());
    listed(&api, &["revoked"]).await;
    until("it is shown so", || page.all(REVOKE).is_empty()).await;
    assert!(page.find(YES).is_none());
    set_address("/");
}
