//! Roles in a browser: who may change which, and what the form sends.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::paths;
use contract::problem::{FieldError, Problem};
use contract::roles::{PermissionView, PermissionsView, RoleView, RolesView};
use domain::access::Permission;
use domain::ids::RoleId;
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::roles::RolesPage;
use crate::stage::{Api, SignedIn, Stage, problem, set_address, sign_in, stage, until};
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: RoleId = RoleId(Uuid::from_u128(8));
const SAVE: &str = "[data-testid=role-save]";
const NAME: &str = "#role-name";

fn permission(name: &str, words: &str) -> PermissionView {
    PermissionView { name: name.to_owned(), words: words.to_owned(), built_in_roles: Vec::new() }
}

/// A role of one's own that sees WorkSpaces.
fn help_desk(version: i64) -> RoleView {
    RoleView {
        id: Some(ID),
        name: "Help desk".to_owned(),
        built_in: false,
        description: "First line".to_owned(),
        permissions: vec!["workspace:read".to_owned()],
        holders: 2,
        created_at: Some(DateTime::UNIX_EPOCH),
        updated_at: Some(DateTime::UNIX_EPOCH),
        version: Some(version),
    }
}

/// Answers the page that asks what there is: a built-in role and that one.
async fn listed(api: &Api) {
    let built_in = RoleView { id: None, name: "viewer".to_owned(), built_in: true, version: None, ..help_desk(1) };
    let items = vec![permission("workspace:read", "See WorkSpaces."), permission("usage:read", "See hours.")];
    api.asked("GET", paths::PERMISSIONS).await.answer(200, &PermissionsView { items });
    api.asked("GET", paths::ROLES).await.answer(200, &RolesView { items: vec![built_in, help_desk(3)] });
}

/// The page for somebody who may do this.
async fn page(api: &Api, may: &[Permission]) -> Stage {
    set_address("/admin/roles");
    let page = stage(|| {
        provide_context(Live::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let there = move || session.signed_in().then(|| view! { <RolesPage/> });
        view! { <Router>{there}</Router><SignedIn/> }
    });
    sign_in(&page, api, may).await;
    listed(api).await;
    until("the roles", || page.all("[data-testid=role-line]").len() == 2).await;
    page
}

#[wasm_bindgen_test]
async fn a_role_is_made_of_what_was_chosen_and_changed_as_it_was_read() {
    let api = Api::new();
    let page = page(&api, &[Permission::UserRead, Permission::RoleWrite]).await;
    assert_eq!(page.all("[data-testid=object-edit]").len(), 1, "what is built in stays as it is");
    page.click("[data-testid=object-add]").await;
    until("the form", || page.find(NAME).is_some()).await;
    assert_eq!(page.each_words(".option"), ["See WorkSpaces", "See hours"]);
    page.click(SAVE).await;
    assert!(!page.words("#role-name-error").is_empty() && api.waiting() == 0, "a role has a name");
    page.write(NAME, " Counting ").await;
    page.click(".option input[value='workspace:read']").await;
    page.click(".option input[value='usage:read']").await;
    page.click(".option input[value='workspace:read']").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::ROLES).await;
    assert_eq!(call.body, json!({ "name": "Counting", "description": "", "permissions": ["usage:read"] }));
    let said = FieldError { field: "name".into(), code: "taken".into(), message: "a role has that name".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words("#role-name-error"), "a role has that name");
    page.write(NAME, "Accounting").await;
    page.click(SAVE).await;
    api.asked("POST", paths::ROLES).await.answer(201, &help_desk(1));
    until("the form closes", || page.find(NAME).is_none()).await;
    listed(&api).await;

    page.click("[data-testid=object-edit]").await;
    until("the form", || page.find(NAME).is_some()).await;
    assert_eq!((page.typed(NAME), page.typed("#role-description")), ("Help desk".into(), "First line".into()));
    page.click(".option input[value='usage:read']").await;
    page.click(SAVE).await;
    let call = api.asked("PATCH", &paths::with_id(paths::ROLE, ID)).await;
    let permissions = json!(["workspace:read", "usage:read"]);
    assert_eq!(call.body, json!({ "name": "Help desk", "description": "First line", "permissions": permissions }));
    assert_eq!(call.version.as_deref(), Some("\"3\""));
    call.answer(412, &problem(412, "precondition_failed", "Somebody changed it meanwhile."));
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert!(page.find(NAME).is_some(), "what was chosen is still there");
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_may_only_read_roles_is_offered_nothing_to_change() {
    let api = Api::new();
    let page = page(&api, &[Permission::UserRead]).await;
    assert!(page.find("[data-testid=object-edit]").is_none() && page.find("[data-testid=object-delete]").is_none());
    let why = page.attribute("[data-testid=object-add]", "title");
    assert_eq!(why.as_deref(), Some("Your role may not make a role"));
    page.click("[data-testid=object-add]").await;
    assert!(page.find(NAME).is_none());
    set_address("/");
}
