//! Connecting an account in a browser: what the form sends for each kind of credentials, what it keeps, and the test of a connection.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::accounts::{AccountView, ConnectionCheckView, ConnectionTestView};
use contract::paths;
use contract::problem::{FieldError, Problem};
use domain::account::CredentialKind;
use domain::ids::AccountId;
use leptos::prelude::*;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::connect::ConnectDrawer;
use super::test::ConnectionTest;
use crate::stage::{Api, problem, settle, stage, until};

const ID: AccountId = AccountId(Uuid::from_u128(1));
const NAME: &str = "#account-name";
const REGIONS: &str = "[data-testid=account-regions]";
const REGIONS_WRONG: &str = "#account-regions-error";
const SAVE: &str = "[data-testid=account-save]";

fn account() -> AccountView {
    AccountView {
        id: ID,
        name: "Production".to_owned(),
        aws_account_id: None,
        credentials: CredentialKind::Simulated,
        role_arn: None,
        endpoint_url: None,
        regions: Vec::new(),
        workspaces: 0,
        created_at: DateTime::UNIX_EPOCH,
    }
}

#[wasm_bindgen_test]
async fn an_account_is_connected_as_it_stands_in_the_form_which_keeps_what_was_typed() {
    let (api, open, connected) = (Api::new(), RwSignal::new(true), RwSignal::new(None::<String>));
    let page = stage(move || {
        view! { <ConnectDrawer open on_connected=move |account: AccountView| connected.set(Some(account.name))/> }
    });
    until("the form", || page.find(NAME).is_some()).await;
    page.click(SAVE).await;
    let wrong = ["#account-name-error", REGIONS_WRONG, "#account-role-error"].map(|field| page.words(field).is_empty());
    assert_eq!((wrong, api.waiting()), ([false; 3], 0), "all of it is said at once, and nothing is sent");

    page.write(NAME, " Production ").await;
    page.write(REGIONS, "eu-central-1,").await;
    page.write(REGIONS, "eu-central-1 us-east-1 ").await;
    assert_eq!(page.each_words(".chip-value"), ["eu-central-1", "us-east-1"], "each once");
    assert_eq!((page.typed(REGIONS), page.words(REGIONS_WRONG)), (String::new(), String::new()));
    page.write("#account-role", "arn:aws:iam::123456789012:role/wheelhouse").await;
    // Closed by mistake: nothing is lost.
    open.set(false);
    until("it is closed", || page.find(NAME).is_none()).await;
    open.set(true);
    until("it is open again", || page.find(NAME).is_some()).await;
    assert_eq!((page.typed(NAME), page.all(".chip").len()), (" Production ".to_owned(), 2));

    page.choose("#account-credentials", "simulated").await;
    assert!(page.find("#account-role").is_none() && page.find("#account-external").is_none());
    page.click(SAVE).await;
    assert!(!page.words("#account-endpoint-error").is_empty() && api.waiting() == 0, "it has no address of its own");
    page.write("#account-endpoint", "http://127.0.0.1:4566").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::ACCOUNTS).await;
    let sent = ["name", "regions", "credentials", "role_arn", "endpoint_url"].map(|field| call.body[field].clone());
    let regions = json!(["eu-central-1", "us-east-1"]);
    // The role is of the credentials that were looked at before.
    let expected = [json!("Production"), regions, json!("simulated"), json!(null), json!("http://127.0.0.1:4566")];
    assert_eq!(sent, expected);
    let said =
        FieldError { field: "regions.1".into(), code: "unknown".into(), message: "it has no such region".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words(REGIONS_WRONG), "it has no such region");
    page.click(".chips li:nth-child(2) .chip").await;
    assert_eq!(page.words(REGIONS_WRONG), "", "it was said of what is gone");

    page.click(SAVE).await;
    let call = api.asked("POST", paths::ACCOUNTS).await;
    assert_eq!(call.body["regions"], json!(["eu-central-1"]));
    call.answer(201, &account());
    until("it is connected", || connected.get_untracked().as_deref() == Some("Production")).await;
    assert!(!open.get_untracked());
    open.set(true);
    until("the form of another", || page.find(NAME).is_some()).await;
    assert_eq!((page.typed(NAME), page.all(".chip").len()), (String::new(), 0));
    assert_eq!(page.words("#account-name-error"), "", "nobody is told off before they begin");
}

#[wasm_bindgen_test]
async fn a_test_of_the_connection_names_what_to_grant_and_is_made_again() {
    const RESULT: &str = "[data-testid=account-test-result]";
    let api = Api::new();
    let page = stage(|| view! { <ConnectionTest id=ID/> });
    let path = paths::with_id(paths::ACCOUNT_TEST, ID);
    let check = |operation: &str, ok: bool| ConnectionCheckView {
        region: "eu-west-1".parse().unwrap(),
        operation: operation.to_owned(),
        ok,
        code: (!ok).then(|| "denied".to_owned()),
        message: (!ok).then(|| "AWS refused it".to_owned()),
        missing_permission: (!ok).then(|| operation.to_owned()),
    };
    for tags in [false, true] {
        let call = api.asked("POST", &path).await;
        assert!(page.words(".dialog-body").contains("Trying each permission"), "what was found before is gone");
        assert!(page.find(RESULT).is_none());
        let checks = vec![check("workspaces:DescribeWorkspaces", true), check("workspaces:DescribeTags", tags)];
        let found = ConnectionTestView { ok: tags, aws_account_id: None, arn: None, checks };
        call.answer(200, &found);
        until("what was found", || page.find(RESULT).is_some()).await;
        assert_eq!(page.attribute(RESULT, "data-ok"), Some(tags.to_string()));
        let grant = if tags { Vec::new() } else { vec!["workspaces:DescribeTags".to_owned()] };
        assert_eq!(page.each_words(".permission"), grant);
        let told = if tags { "Everything that is needed works" } else { "1 check failed" };
        assert!(page.words(RESULT).contains(told), "{}", page.words(RESULT));
        if !tags {
            page.click(".dialog-foot button").await;
        }
    }
    settle().await;
    assert_eq!(api.waiting(), 0, "once is enough");
}
