//! Budgets in a browser: what the form sends for each thing that a budget can be for, and what becomes of a change.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::budgets::BudgetView;
use contract::costs::MoneyView;
use contract::page::Page;
use contract::paths;
use contract::problem::{FieldError, Problem};
use domain::access::Permission;
use domain::ids::BudgetId;
use leptos::prelude::*;
use leptos_router::components::Router;
use serde_json::json;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::budgets::Budgets;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, sign_in, stage, until};
use crate::state::live::Live;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: BudgetId = BudgetId(Uuid::from_u128(5));
const SAVE: &str = "[data-testid=budget-save]";
const UNDO: &str = "[data-testid=toast-undo]";

fn account(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

fn usd(amount: &str) -> MoneyView {
    MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
}

/// A budget for a region, of so much a month.
fn budget(amount: &str, version: i64) -> BudgetView {
    BudgetView {
        id: ID,
        name: "Desktops".to_owned(),
        reach: "region".to_owned(),
        account_id: None,
        account: None,
        region: "eu-west-1".parse().ok(),
        tag_key: None,
        tag_value: None,
        amount: usd(amount),
        thresholds: vec![50, 100],
        month: "2026-11".parse().unwrap(),
        spent: usd("25"),
        estimated: false,
        percent: "25.0".to_owned(),
        forecast: None,
        crossed: Vec::new(),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        version,
    }
}

/// Answers the page that asks which budgets there are.
async fn listed(api: &Api, budget: BudgetView) {
    let page = Page { items: vec![budget], next_cursor: None, total: 1 };
    api.asked("GET", paths::BUDGETS).await.answer(200, &page);
}

/// The budgets of somebody who may manage them; there are two accounts.
async fn page(api: &Api) -> Stage {
    let page = stage(|| {
        provide_context(Live::start());
        provide_context(Toasts::new());
        let session = Session::load();
        provide_context(session);
        let accounts = Memo::new(|_| vec![(account(1), "Main".to_owned()), (account(2), "Branch".to_owned())]);
        let there = move || session.signed_in().then(|| view! { <Budgets accounts ready=Signal::stored(false)/> });
        view! { <Router>{there}</Router><ToastRegion/><SignedIn/> }
    });
    sign_in(&page, api, &[Permission::CostRead, Permission::BudgetManage]).await;
    listed(api, budget("100", 3)).await;
    until("the budget", || page.find("[data-testid=budget-row]").is_some()).await;
    page
}

#[wasm_bindgen_test]
async fn a_budget_is_for_what_was_chosen_and_for_nothing_else() {
    let api = Api::new();
    let page = page(&api).await;
    page.click("[data-testid=object-add]").await;
    until("the form", || page.find("#budget-name").is_some()).await;
    page.click(SAVE).await;
    let wrong = ["#budget-name-error", "#budget-amount-error"].map(|field| page.words(field).is_empty());
    assert_eq!((wrong, api.waiting()), ([false, false], 0), "both are said at once, and nothing is sent");

    page.write("#budget-name", " Teams ").await;
    page.write("#budget-amount", "99.50").await;
    page.write("#budget-thresholds", "50, 100 %").await;
    page.choose("#budget-reach", "account").await;
    page.choose("#budget-account", &account(2)).await;
    // What was typed for something else is not sent, and who comes back finds the account that they chose.
    page.choose("#budget-reach", "region").await;
    page.write("#budget-region", "eu-central-1").await;
    page.choose("#budget-reach", "account").await;
    assert_eq!(page.typed("#budget-account"), account(2));
    page.click(SAVE).await;
    let call = api.asked("POST", paths::BUDGETS).await;
    let sent = json!({
        "name": "Teams", "reach": "account", "account_id": account(2), "amount": "99.50", "currency": "USD",
        "thresholds": [50, 100],
    });
    assert_eq!(call.body, sent);
    let said = FieldError { field: "name".into(), code: "taken".into(), message: "a budget has that name".into() };
    call.answer(422, &Problem { errors: vec![said], ..problem(422, "invalid_body", "Look at the fields.") });
    until("the refusal", || page.find(".notice-danger").is_some()).await;
    assert_eq!(page.words("#budget-name-error"), "a budget has that name");

    page.write("#budget-name", "Untagged").await;
    page.choose("#budget-reach", "tag").await;
    page.click(SAVE).await;
    assert!(!page.words("#budget-tag-key-error").is_empty() && api.waiting() == 0, "a tag has a key");
    page.write("#budget-tag-key", "Team").await;
    page.click(SAVE).await;
    let call = api.asked("POST", paths::BUDGETS).await;
    let sent = json!({
        "name": "Untagged", "reach": "tag", "tag_key": "Team", "tag_value": "", "amount": "99.50", "currency": "USD",
        "thresholds": [50, 100],
    });
    assert_eq!(call.body, sent);
    call.answer(201, &budget("99.50", 1));
    until("the form closes", || page.find(SAVE).is_none()).await;
    listed(&api, budget("99.50", 1)).await;
}

#[wasm_bindgen_test]
async fn a_budget_keeps_what_it_is_for_and_a_change_of_it_is_taken_back() {
    let api = Api::new();
    let page = page(&api).await;
    page.click("[data-testid=object-edit]").await;
    until("the form", || page.find("#budget-name").is_some()).await;
    assert!(page.find("#budget-reach").is_none() && page.find("#budget-currency").is_none(), "that stays");
    assert_eq!((page.typed("#budget-amount"), page.typed("#budget-thresholds")), ("100".into(), "50, 100".into()));
    page.write("#budget-amount", "200").await;
    page.click(SAVE).await;
    let path = paths::with_id(paths::BUDGET, ID);
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.body, json!({ "name": "Desktops", "amount": "200", "thresholds": [50, 100] }));
    assert_eq!(call.version.as_deref(), Some("\"3\""));
    call.answer(200, &budget("200", 4));
    until("what takes it back", || page.find(UNDO).is_some()).await;
    listed(&api, budget("200", 4)).await;

    page.click(UNDO).await;
    let call = api.asked("PATCH", &path).await;
    assert_eq!(call.body, json!({ "name": "Desktops", "amount": "100", "thresholds": [50, 100] }));
    assert_eq!(call.version.as_deref(), Some("\"4\""), "not over what somebody else made of it meanwhile");
    call.answer(200, &budget("100", 5));
    until("it is said", || page.each_words(".toast-text") == ["Desktops is as it was"]).await;
    listed(&api, budget("100", 5)).await;
    until("it is as it was", || page.words("[data-testid=budget-row]").contains("100.00 USD")).await;
}
