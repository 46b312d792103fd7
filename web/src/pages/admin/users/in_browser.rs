//! One person in a browser, as others change them meanwhile.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use contract::events::Event;
use contract::page::Page;
use contract::paths;
use contract::session::{SessionItemView, SessionView};
use contract::users::{GrantBody, GrantView, UserView};
use domain::access::Permission;
use domain::ids::UserId;
use leptos::prelude::*;
use leptos_router::components::Router;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::UserPage;
use crate::stage::{Api, Stage, answer, session, settle, stage, until};
use crate::state::clock::Now;
use crate::state::live::{Live, LiveEvent};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: UserId = UserId(Uuid::from_u128(9));
const ROLES: &str = "[data-testid=user-grants] [data-testid=grant-row]";

/// Somebody who holds these roles over everything.
fn person(name: &str, roles: &[&str], version: i64) -> UserView {
    let grant = |role: &&str| GrantView {
        grant: GrantBody { role: Some((*role).to_owned()), reach: "everything".to_owned(), ..GrantBody::default() },
        role_name: (*role).to_owned(),
        reach_name: None,
    };
    UserView {
        id: ID,
        email: "bob@example.com".to_owned(),
        display_name: name.to_owned(),
        enabled: true,
        grants: roles.iter().map(grant).collect(),
        teams: Vec::new(),
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        last_sign_in_at: None,
        version,
    }
}

/// The page of that person, read once; and what tells it of a change.
async fn page(api: &Api) -> (Stage, impl Fn()) {
    page_for(api, session(&[Permission::UserRead, Permission::UserWrite])).await
}

/// The same for that reader.
async fn page_for(api: &Api, reader: SessionView) -> (Stage, impl Fn()) {
    let sessions = paths::with_id(paths::USER_SESSIONS, ID);
    api.answers(move |call| {
        let none = Page::<SessionItemView> { items: Vec::new(), next_cursor: None, total: 0 };
        (call.path == sessions).then(|| answer(200, &none))
    });
    let stream = Rc::new(Cell::new(None));
    let kept = stream.clone();
    let page = stage(move || {
        let live = Live::start();
        kept.set(Some(live));
        provide_context(live);
        provide_context(Now::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let there = move || session.signed_in().then(|| view! { <UserPage id=ID.to_string()/> });
        view! { <Router>{there}</Router> }
    });
    api.asked("GET", paths::SESSION).await.answer(200, &reader);
    api.asked("GET", &user()).await.answer(200, &person("Bob", &["viewer"], 1));
    until("the person", || page.all(ROLES).len() == 1).await;
    let changed = move || {
        let event = Event::Changed { what: "user".to_owned(), user_id: None, account_id: None, region: None };
        stream.get().unwrap().tell(&LiveEvent::Happened(event));
    };
    (page, changed)
}

fn user() -> String {
    paths::with_id(paths::USER, ID)
}

#[wasm_bindgen_test]
async fn what_others_change_of_a_person_is_followed() {
    let api = Api::new();
    let (page, changed) = page(&api).await;
    let file = format!("{}?format=csv", paths::with_id(paths::EXPORT_USER_GRANTS, ID));
    assert_eq!(page.attribute("[data-testid=user-grants] [data-testid=export-csv]", "href"), Some(file));
    changed();
    api.asked("GET", &user()).await.answer(200, &person("Robert", &["viewer", "operator"], 2));
    until("the new name", || page.words("[data-testid=user-name]") == "Robert").await;
    until("the new role", || page.all(ROLES).len() == 2).await;
}

#[wasm_bindgen_test]
async fn what_they_did_is_offered_to_who_may_read_all_of_the_log() {
    let may = [Permission::UserRead, Permission::UserWrite, Permission::AuditRead];
    let in_parts = vec![Permission::AuditRead.as_str().to_owned()];
    for (reader, offered) in [
        (session(&may), true),
        (SessionView { in_parts, ..session(&may) }, false),
        (session(&[Permission::UserRead, Permission::UserWrite]), false),
    ] {
        let api = Api::new();
        let (page, _) = page_for(&api, reader).await;
        assert_eq!(page.find("a[href^='/audit/log']").is_some(), offered);
    }
}

#[wasm_bindgen_test]
async fn what_the_reader_makes_of_roles_is_kept_and_does_not_go_over_what_others_made() {
    let api = Api::new();
    let (page, changed) = page(&api).await;
    page.click("[data-testid=grant-add]").await;
    changed();
    api.asked("GET", &user()).await.answer(200, &person("Robert", &["viewer"], 2));
    until("the new name", || page.words("[data-testid=user-name]") == "Robert").await;
    settle().await;
    assert_eq!(page.all(ROLES).len(), 2, "the row that is not sent yet");
    changed();
    api.asked("GET", &user()).await.answer(200, &person("Rob", &["auditor"], 3));
    until("the newest name", || page.words("[data-testid=user-name]") == "Rob").await;
    settle().await;
    assert_eq!(page.all(ROLES).len(), 2);
    page.click("[data-testid=grants-save]").await;
    let sent = api.asked("PUT", &paths::with_id(paths::USER_GRANTS, ID)).await;
    assert_eq!((sent.body["grants"].as_array().unwrap().len(), sent.version.as_deref()), (2, Some("\"2\"")));
}
