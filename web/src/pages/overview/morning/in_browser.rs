//! The budgets of the overview in a browser.
#![cfg(target_arch = "wasm32")]

use contract::page::Page;
use contract::paths;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::budgets::{budgets, every, tests::spent};
use crate::stage::{Api, stage, until};
use crate::state::loader::Loader;

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
