//! The form of a team in a browser: the team and its members are sent one after the other, and another try goes on where the first
//! one ended.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::page::Page;
use contract::paths;
use contract::teams::{TeamDetailView, TeamMemberView, TeamView};
use contract::users::UserView;
use domain::access::Permission;
use domain::ids::{TeamId, UserId};
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::teams::TeamsPage;
use crate::stage::{Api, SignedIn, Stage, answer, problem, set_address, settle, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: TeamId = TeamId(Uuid::from_u128(6));
const ANA: UserId = UserId(Uuid::from_u128(9));
const SAVE: &str = "[data-testid=team-save]";
const NAME: &str = "#team-name";

/// The team, with Ana in it.
fn team(version: i64) -> TeamDetailView {
    let team = TeamView {
        id: ID,
        name: "Design".to_owned(),
        description: String::new(),
        member_count: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version,
    };
    let (email, display_name) = ("ana@example.com".to_owned(), "Ana".to_owned());
    TeamDetailView { team, members: vec![TeamMemberView { id: ANA, email, display_name, enabled: true }] }
}

/// Answers the page that asks which teams there are.
async fn listed(api: &Api) {
    let page = Page { items: vec![team(3).team], next_cursor: None, total: 1 };
    api.asked("GET", paths::TEAMS).await.answer(200, &page);
}

/// The page for somebody who may change teams.
async fn page(api: &Api) -> Stage {
    set_address("/admin/teams");
    let page = stage(|| {
        provide_context(Live::start());
        provide_context(Now::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let there = move || session.signed_in().then(|| view! { <TeamsPage/> });
        view! { <Router>{there}</Router><SignedIn/> }
    });
    sign_in(&page, api, &[Permission::UserRead, Permission::TeamWrite]).await;
    listed(api).await;
    until("the team", || page.find("[data-testid=team-row]").is_some()).await;
    page
}

/// Refuses the members that are sent next, and waits until that is said.
async fn refuse_members(page: &Stage, api: &Api, sent: &[UserId]) {
    let call = api.asked("PUT", &paths::with_id(paths::TEAM_MEMBERS, ID)).await;
    assert_eq!(call.body, json!({ "user_ids": sent }));
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
}

/// Takes the members that are sent next, with which the form is done.
async fn take_members(page: &Stage, api: &Api) {
    api.asked("PUT", &paths::with_id(paths::TEAM_MEMBERS, ID)).await.answer(200, &());
    until("the form closes", || page.find(NAME).is_none()).await;
    listed(api).await;
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_change_whose_members_were_refused_is_sent_again_as_it_stands_then() {
    let api = Api::new();
    let page = page(&api).await;
    page.click("[data-testid=object-edit]").await;
    let path = paths::with_id(paths::TEAM, ID);
    api.asked("GET", &path).await.answer(200, &team(3));
    until("the form", || page.find(NAME).is_some()).await;
    page.write("#team-description", "Who draws").await;
    page.click(SAVE).await;
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.body, json!({ "name": "Design", "description": "Who draws" }));
    assert_eq!(call.version.as_deref(), Some("\"3\""));
    call.answer(200, &team(4));
    refuse_members(&page, &api, &[ANA]).await;
    assert_eq!(page.typed("#team-description"), "Who draws");

    page.click(SAVE).await;
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.version.as_deref(), Some("\"4\""), "what the first try made of it");
    call.answer(200, &team(5));
    take_members(&page, &api).await;
}

#[wasm_bindgen_test]
async fn a_team_that_was_made_before_its_members_were_refused_is_not_made_twice() {
    let api = Api::new();
    let page = page(&api).await;
    page.click("[data-testid=object-add]").await;
    until("the form", || page.find(NAME).is_some()).await;
    let nobody = Page::<UserView> { items: Vec::new(), next_cursor: None, total: 0 };
    api.asked("GET", paths::USERS).await.answer(200, &nobody);
    page.click(SAVE).await;
    assert!(!page.words("#team-name-error").is_empty() && api.waiting() == 0, "a team has a name");
    page.write(NAME, " Design ").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::TEAMS).await;
    assert_eq!(call.body, json!({ "name": "Design", "description": "" }));
    call.answer(201, &team(1));
    refuse_members(&page, &api, &[]).await;

    page.write(NAME, "Designers").await;
    page.click(SAVE).await;
    let call = api.asked("PATCH", &paths::with_id(paths::TEAM, ID)).await;
    assert_eq!(call.body, json!({ "name": "Designers", "description": "" }));
    assert_eq!(call.version.as_deref(), Some("\"1\""));
    call.answer(200, &team(2));
    take_members(&page, &api).await;
}

#[wasm_bindgen_test]
async fn an_answer_closes_no_other_form_that_was_opened_meanwhile() {
    let api = Api::new();
    let page = page(&api).await;
    api.answers(|call| {
        let nobody = Page::<UserView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == paths::USERS).then(|| answer(200, &nobody))
    });
    page.click("[data-testid=object-add]").await;
    until("the form", || page.find(NAME).is_some()).await;
    page.write(NAME, "Design").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::TEAMS).await;
    page.click("[data-testid=object-dialog] .dialog-head button").await;
    until("it is closed", || page.find(NAME).is_none()).await;
    page.click("[data-testid=object-add]").await;
    until("the form of another", || page.find(NAME).is_some()).await;
    assert_eq!(page.typed(NAME), "");
    page.write(NAME, "Writers").await;
    call.answer(201, &team(1));
    api.asked("PUT", &paths::with_id(paths::TEAM_MEMBERS, ID)).await.answer(200, &());
    settle().await;
    assert_eq!(page.typed(NAME), "Writers", "what was begun since stays");
    set_address("/");
}
