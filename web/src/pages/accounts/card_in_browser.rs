//! An account's card in a browser: its sync is begun, and is told of even where the card is gone by then.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::accounts::{AccountView, StartedJobsView};
use contract::paths;
use domain::access::Permission;
use domain::account::CredentialKind;
use domain::ids::{AccountId, JobId};
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::card::AccountCard;
use crate::components::ui::toast::ToastRegion;
use crate::stage::{Api, SignedIn, Stage, problem, settle, sign_in, stage, until};
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const ID: AccountId = AccountId(Uuid::from_u128(1));
const SYNC: &str = "[data-testid=account-sync]";
const TOAST: &str = ".toast-text";

fn account() -> AccountView {
    AccountView {
        id: ID,
        name: "Production".to_owned(),
        aws_account_id: None,
        credentials: CredentialKind::Simulated,
        role_arn: None,
        endpoint_url: None,
        regions: Vec::new(),
        workspaces: 1,
        created_at: DateTime::UNIX_EPOCH,
    }
}

/// The card while it is shown, and how often the accounts were to be read again.
async fn card(api: &Api, may: &[Permission], shown: RwSignal<bool>) -> (Stage, RwSignal<u32>) {
    let read = RwSignal::new(0);
    let page = stage(move || {
        provide_context(Toasts::new());
        provide_context(Session::load());
        let there = move || {
            let on_changed = move |()| read.update(|times| *times += 1);
            shown.get().then(|| view! { <AccountCard account=account() on_changed on_test=|()| ()/> })
        };
        view! { {there}<SignedIn/><ToastRegion/> }
    });
    sign_in(&page, api, may).await;
    (page, read)
}

fn jobs(numbers: &[u128]) -> StartedJobsView {
    StartedJobsView { job_ids: numbers.iter().map(|&number| JobId(Uuid::from_u128(number))).collect() }
}

#[wasm_bindgen_test]
async fn a_sync_is_told_of_and_led_to_and_one_that_was_refused_can_be_begun_again() {
    let (api, path) = (Api::new(), paths::with_id(paths::ACCOUNT_SYNC, ID));
    let (page, read) = card(&api, &[Permission::SyncRun], RwSignal::new(true)).await;
    assert_eq!(page.words(".account-count"), "1 WorkSpace");
    page.click("[data-testid=account-test]").await;
    assert_eq!(page.attribute("[data-testid=account-test]", "title").as_deref(), Some("Your role may not do this"));
    page.click(SYNC).await;
    let call = api.asked("POST", &path).await;
    assert_eq!(page.attribute(SYNC, "aria-busy").as_deref(), Some("true"));
    page.click(SYNC).await;
    assert_eq!(api.waiting(), 0, "it is begun once");
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("why not", || page.each_words(TOAST) == ["The sync could not be begun: Something broke."]).await;
    until("the accounts are read again", || read.get_untracked() == 1).await;
    assert_eq!(page.attribute(SYNC, "aria-busy"), None);

    page.click(SYNC).await;
    api.asked("POST", &path).await.answer(202, &jobs(&[5]));
    until("that it is under way", || page.all(TOAST).len() == 2).await;
    assert_eq!(page.each_words(TOAST)[1], "1 sync of Production under way Follow");
    let job = JobId(Uuid::from_u128(5));
    assert_eq!(page.attribute(".toast-text a", "href"), Some(format!("/jobs/{job}")));
}

#[wasm_bindgen_test]
async fn a_sync_is_told_of_where_its_card_is_gone_by_then() {
    let (api, shown) = (Api::new(), RwSignal::new(true));
    let (page, read) = card(&api, &[Permission::SyncRun], shown).await;
    page.click(SYNC).await;
    let call = api.asked("POST", &paths::with_id(paths::ACCOUNT_SYNC, ID)).await;
    shown.set(false);
    until("the card is gone", || page.find(SYNC).is_none()).await;
    call.answer(202, &jobs(&[5, 6]));
    until("it is told of", || page.each_words(TOAST) == ["2 syncs of Production under way Follow"]).await;
    assert_eq!(page.attribute(".toast-text a", "href").as_deref(), Some("/jobs?state=queued,running"));
    settle().await;
    assert_eq!(read.get_untracked(), 0, "nobody looks at the accounts any more");
}
