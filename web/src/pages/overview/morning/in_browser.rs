//! The parts of the overview in a browser.
#![cfg(target_arch = "wasm32")]

use contract::data_sets::DataSetsView;
use contract::page::Page;
use contract::paths;
use domain::access::Permission;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Morning;
use super::budgets::{budgets, every, tests::spent};
use super::onboarding::onboarding;
use crate::stage::{Api, SignedIn, Stage, sign_in, stage, until};
use crate::state::clock::Now;
use crate::state::loader::Loader;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const CONNECT: &str = "[data-testid=onboarding-connect]";

#[wasm_bindgen_test]
async fn what_could_not_be_fetched_is_told_with_a_way_to_have_it() {
    let page = stage(|| {
        let sets = Loader::once(|| async { Ok(DataSetsView::default()) });
        let morning = Morning::once(async { Err(()) }, Signal::stored(None), sets);
        view! { <div id="button">{move || morning.button()}</div>{move || morning.below(true)} }
    });
    until("it is told", || page.find("[data-testid=chunk-reload]").is_some()).await;
    assert_eq!(page.words(".state-title"), "This could not be fetched");
    assert_eq!(page.words("#button"), "", "there is nothing behind it");
}

async fn without_a_fleet(api: &Api, may: &[Permission]) -> Stage {
    let page = stage(|| {
        provide_context(Now::start());
        provide_context(Toasts::new());
        provide_context(Session::load());
        view! { {onboarding()}<SignedIn/> }
    });
    sign_in(&page, api, may).await;
    page
}

#[wasm_bindgen_test]
async fn who_may_connect_an_account_is_led_there_and_others_are_told_whom_to_ask() {
    let api = Api::new();
    let page = without_a_fleet(&api, &[Permission::AccountRead, Permission::AccountWrite]).await;
    until("the way there", || page.find(CONNECT).is_some()).await;
    assert_eq!(page.attribute(CONNECT, "href").as_deref(), Some("/accounts?account=new"));
    drop(page);

    let page = without_a_fleet(&api, &[Permission::AccountRead, Permission::WorkspaceRead]).await;
    assert!(page.words(".state-text").contains("Ask an owner or an administrator"), "{}", page.words(".state-text"));
    assert!(page.find(CONNECT).is_none(), "they may not");
}

#[wasm_bindgen_test]
async fn budgets_of_every_page_are_ranked() {
    let api = Api::new();
    let page = stage(|| {
        let loader = Loader::once(every);
        move || loader.data.get().and_then(|all| budgets(all, false))
    });
    let answer = |percents: &[&str], next: Option<&str>| Page {
        items: percents.iter().map(|percent| spent(percent, "1", None)).collect(),
        next_cursor: next.map(Into::into),
        total: 4,
    };
    api.asked("GET", paths::BUDGETS).await.answer(200, &answer(&["10.0", "30.0", "20.0"], Some("further")));
    let further = api.asked("GET", paths::BUDGETS).await;
    assert!(further.query.contains("cursor=further"), "{}", further.query);
    further.answer(200, &answer(&["90.0"], None));
    until("the budgets", || page.find("[data-testid=morning-budgets]").is_some()).await;
    let shown = page.each_words("dd a");
    assert!(shown.iter().zip(["90.0 %", "30.0 %", "20.0 %"]).all(|(words, end)| words.ends_with(end)), "{shown:?}");
    assert_eq!((shown.len(), page.words(".muted")), (3, "and 1 more".to_owned()));
}
