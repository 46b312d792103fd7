//! The preview of a report, in a browser.
#![cfg(target_arch = "wasm32")]

use contract::paths;
use contract::reports::ReportPreviewView;
use domain::ids::ReportId;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::preview::Preview;
use crate::stage::{Api, problem, stage, until};

const ID: ReportId = ReportId(Uuid::from_u128(4));

fn rows(rows: &[[&str; 2]], more: bool) -> ReportPreviewView {
    let texts = |row: &[&str; 2]| row.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    ReportPreviewView { columns: texts(&["User", "Region"]), rows: rows.iter().map(texts).collect(), more }
}

#[wasm_bindgen_test]
async fn a_preview_is_asked_for_again_after_an_error_and_then_shows_its_rows() {
    let (api, path) = (Api::new(), paths::with_id(paths::REPORT_PREVIEW, ID));
    let page = stage(|| view! { <Preview id=ID/> });
    let call = api.asked("GET", &path).await;
    assert!(page.find(".skeleton").is_some() && page.find("table").is_none());
    call.answer(500, &problem(500, "internal", "It broke."));
    until("the error", || page.find("[role=alert]").is_some()).await;
    page.click("[role=alert] button").await;
    api.asked("GET", &path).await.answer(200, &rows(&[["ana", "eu-west-1"], ["ben", ""]], true));
    until("the rows", || page.find("table").is_some()).await;
    assert!(page.find("[role=alert]").is_none());
    assert_eq!(page.each_words("thead th"), ["User", "Region"]);
    assert_eq!(page.each_words("tbody tr"), ["anaeu-west-1", "ben–"]);
    assert_eq!(page.words("p.muted"), "The first 2 rows of what it would be now.");
}

#[wasm_bindgen_test]
async fn a_preview_says_when_it_has_all_rows_and_when_there_are_none() {
    let (api, path) = (Api::new(), paths::with_id(paths::REPORT_PREVIEW, ID));
    for (answer, words, tables) in [
        (rows(&[["ana", "eu-west-1"]], false), "Made now, it would have 1 row.", 1),
        (rows(&[], false), "Made now, it would have no rows.", 0),
    ] {
        let page = stage(|| view! { <Preview id=ID/> });
        api.asked("GET", &path).await.answer(200, &answer);
        until("the answer", || page.find("p.muted").is_some()).await;
        assert_eq!((page.words("p.muted").as_str(), page.all("table").len()), (words, tables));
    }
}
