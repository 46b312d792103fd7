//! How fresh each kind of data is, in a browser.
#![cfg(target_arch = "wasm32")]

use contract::data_sets::{DataSetQuery, DataSetView, DataSetsView};
use contract::paths;
use domain::sync::SyncKind;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::kinds::{DataKinds, tests::set};
use crate::api::data_sets as api;
use crate::stage::{Api, Stage, focused, problem, stage, until};
use crate::state::clock::{Now, right_now};
use crate::state::loader::Loader;

const ROW: &str = "[data-testid=kind-row]";

fn shown() -> Stage {
    stage(|| {
        provide_context(Now::start());
        let list = Loader::once(|| async { api::list(&DataSetQuery::default()).await });
        view! {
            <button id="again" on:click=move |_| list.reload()>"Again"</button>
            <DataKinds list/>
        }
    })
}

fn every(usage: &str, ago: i64) -> DataSetsView {
    let at = right_now().timestamp();
    let of = |kind: &SyncKind| -> Vec<DataSetView> {
        let status = if *kind == SyncKind::Usage { usage } else { "ok" };
        vec![set(*kind, "us-east-1", "ok", Some(at - 90)), set(*kind, "eu-west-1", status, Some(at - ago))]
    };
    let mut items: Vec<_> = SyncKind::ALL.iter().flat_map(of).collect();
    for set in items.iter_mut().filter(|set| set.kind == SyncKind::Quotas) {
        (set.status, set.fresh_at) = ("never".into(), None);
    }
    DataSetsView { items, spend: Vec::new() }
}

#[wasm_bindgen_test]
async fn each_kind_says_how_old_it_is_and_leads_to_its_places() {
    let api = Api::new();
    let page = shown();
    let call = api.asked("GET", paths::DATA_SETS).await;
    assert!(page.find(".skeleton").is_some(), "it is being read");
    call.answer(200, &every("failed", 630));
    until("every kind", || page.all(ROW).len() == SyncKind::ALL.len()).await;
    let usage = format!("{ROW}[data-kind=sync-usage]");
    assert_eq!(page.each_words(&format!("{usage} time")), ["10 min ago", "1 min ago"]);
    assert!(page.words(&format!("{usage} .cell-sub")).contains("Failed in 1 of 2 places"));
    let link = format!("{usage} a");
    assert_eq!(page.attribute(&link, "href").as_deref(), Some("/jobs/data-sets?kind=sync-usage"));
    let quotas = format!("{ROW}[data-kind=sync-quotas]");
    assert_eq!(page.each_words(&format!("{quotas} td")), ["How much AWS allowsNot read yet", "never", "never"]);
    assert!(page.find(&format!("{ROW}[data-kind=sync-prices] .cell-sub")).is_none(), "what is well needs no words");

    page.focus(&link).await;
    page.click("#again").await;
    api.asked("GET", paths::DATA_SETS).await.answer(200, &every("ok", 150));
    until("what is newer", || page.each_words(&format!("{usage} time")) == ["2 min ago", "1 min ago"]).await;
    assert!(page.find(&format!("{usage} .cell-sub")).is_none());
    assert_eq!(
        focused().get_attribute("href").as_deref(),
        Some("/jobs/data-sets?kind=sync-usage"),
        "the reader keeps their place"
    );
}

#[wasm_bindgen_test]
async fn what_could_not_be_read_is_told_with_another_try() {
    let api = Api::new();
    let page = shown();
    api.asked("GET", paths::DATA_SETS).await.answer(500, &problem(500, "internal", "Something broke."));
    until("what went wrong", || page.find(".notice").is_some()).await;
    assert!(page.words(".notice").contains("could not be read. Something broke."));
    assert!(page.find(".skeleton").is_none());
    page.click(".notice button").await;
    api.asked("GET", paths::DATA_SETS).await.answer(200, &every("ok", 60));
    until("every kind", || page.all(ROW).len() == SyncKind::ALL.len()).await;
    assert!(page.find(".notice").is_none());

    page.click("#again").await;
    api.asked("GET", paths::DATA_SETS).await.answer(200, &DataSetsView::default());
    until("nothing to tell", || page.find("[data-testid=data-kinds]").is_none()).await;
}
