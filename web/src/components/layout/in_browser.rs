//! The frame's parts in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::fetched::Fetched;
use crate::stage::{settle, stage, until};

thread_local! {
    static THERE: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

async fn load() -> Result<&'static str, ()> {
    ASKED.set(ASKED.get() + 1);
    THERE.get().then_some("inside").ok_or(())
}

#[wasm_bindgen_test]
async fn what_a_file_holds_is_fetched_when_it_is_opened_and_again_where_that_failed() {
    let open = RwSignal::new(false);
    let page = stage(move || {
        let inside = Fetched::when(open, load);
        move || inside.show(|words| view! { <p class="inside">{words}</p> }.into_any())
    });
    settle().await;
    assert_eq!(ASKED.get(), 0, "nobody has opened it");
    open.set(true);
    until("what to do", || page.find("p").is_some()).await;
    assert!(page.words("p").contains("could not be fetched"));
    THERE.set(true);
    for shown in [false, true, false, true] {
        open.set(shown);
        settle().await;
    }
    until("what it holds", || page.find(".inside").is_some()).await;
    assert_eq!(ASKED.get(), 2, "what is there is not fetched again");
}
