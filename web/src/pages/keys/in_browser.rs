//! API keys in a browser: the form of a new one, and what can be done to each in the table.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::api_keys::{ApiKeyView, MadeApiKeyView};
use contract::paths;
use contract::problem::{FieldError, Problem};
use domain::access::Permission;
use domain::ids::{ApiKeyId, UserId};
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::create::CreateKeyDialog;
use super::table::row;
use crate::stage::{Api, SignedIn, Stage, problem, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const SAVE: &str = "[data-testid=key-save]";
const NONE_CHOSEN: &str = ".options + .field-error";

fn key(state: &str) -> ApiKeyView {
    ApiKeyView {
        id: ApiKeyId(Uuid::from_u128(1)),
        user_id: UserId(Uuid::from_u128(7)),
        owner: "ana@example.com".to_owned(),
        name: "Nightly".to_owned(),
        prefix: "wh_abcd".to_owned(),
        permissions: vec!["usage:read".to_owned(), "cost:read".to_owned()],
        state: state.to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        expires_at: None,
        last_used_at: None,
        last_used_ip: None,
        revoked_at: None,
        replaced_by: None,
        good_until: "2099-01-01T00:00:00Z".parse().ok(),
    }
}

/// The form for somebody who may see usage and make keys.
async fn form(api: &Api, open: RwSignal<bool>, made: RwSignal<Option<MadeApiKeyView>>) -> Stage {
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { <CreateKeyDialog open on_made=move |answer: MadeApiKeyView| made.set(Some(answer))/><SignedIn/> }
    });
    sign_in(&page, api, &[Permission::UsageRead, Permission::KeyWrite]).await;
    open.set(true);
    until("the form", || page.find("form").is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn a_key_is_made_for_what_was_chosen_and_only_for_that() {
    let (api, open, made) = (Api::new(), RwSignal::new(false), RwSignal::new(None::<MadeApiKeyView>));
    let page = form(&api, open, made).await;
    assert_eq!(page.each_words(".option"), ["See hours and sessions", "Make API keys of one's own"]);
    page.click(SAVE).await;
    assert_eq!(page.words(NONE_CHOSEN), "Choose at least one permission.");
    assert!(!page.words("#key-name-error").is_empty() && api.waiting() == 0, "it needs a name, too");

    page.click(".option input[value='usage:read']").await;
    assert!(page.find(NONE_CHOSEN).is_none());
    page.write("#key-name", " Nightly ").await;
    page.choose("#key-days", "").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::API_KEYS).await;
    assert_eq!(call.body, json!({ "name": "Nightly", "permissions": ["usage:read"] }), "it never ends");
    let said = FieldError { field: "name".into(), code: "taken".into(), message: "a key has that name".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!((page.words("#key-name-error").as_str(), open.get_untracked()), ("a key has that name", true));

    page.write("#key-name", "Weekly").await;
    page.choose("#key-days", "30").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::API_KEYS).await;
    assert_eq!(call.body, json!({ "name": "Weekly", "permissions": ["usage:read"], "expires_in_days": 30 }));
    call.answer(201, &MadeApiKeyView { secret: "wh_abcd_secret".to_owned(), key: key("active") });
    until("the form closes", || !open.get_untracked()).await;
    let secret = || made.with_untracked(|made| made.as_ref().map(|made| made.secret.clone()));
    until("the key is handed on", || secret().as_deref() == Some("wh_abcd_secret")).await;
}

#[wasm_bindgen_test]
async fn what_can_be_done_to_a_key_is_what_its_state_and_its_reader_allow() {
    const REPLACE: &str = "[data-testid=key-rotate]";
    const REVOKE: &str = "[data-testid=key-revoke]";
    for (state, everybody, replace, revoke) in [
        ("active", false, true, true),
        ("active", true, false, true),
        ("replaced", false, false, true),
        ("expired", false, false, false),
        ("revoked", true, false, false),
    ] {
        let asked = RwSignal::new(Vec::<String>::new());
        let page = stage(move || {
            provide_context(Now::start());
            let ask = |what: &'static str| {
                Callback::new(move |key: ApiKeyView| asked.update(|asked| asked.push(format!("{what} {}", key.name))))
            };
            view! { <table><tbody>{row(key(state), everybody, ask("replace"), ask("revoke"))}</tbody></table> }
        });
        let there = (page.find(REPLACE).is_some(), page.find(REVOKE).is_some());
        assert_eq!(there, (replace, revoke), "{state} {everybody}");
        assert_eq!(page.find("[data-label=Owner]").is_some(), everybody, "{state}");
        let waits = page.words("[data-label=State]").contains("works until");
        assert_eq!(waits, state == "replaced", "{state}: a key that was replaced works beside its successor");
        assert_eq!(page.words("[data-label=May]"), "2 permissions");
        if replace {
            page.click(REPLACE).await;
        }
        if revoke {
            page.click(REVOKE).await;
        }
        let expected = [(replace, "replace Nightly"), (revoke, "revoke Nightly")];
        let expected: Vec<_> = expected.into_iter().filter(|(is, _)| *is).map(|(_, asked)| asked).collect();
        assert_eq!(asked.get_untracked(), expected, "{state} {everybody}");
    }
}
