//! A field with a list in a browser: what it shows is its value, however that came.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::choice::Choice;
use crate::stage::{stage, until};

#[wasm_bindgen_test]
async fn a_list_shows_its_value_whatever_was_chosen_by_hand() {
    const LIST: &str = "#kind";
    let value = RwSignal::new("a".to_owned());
    let page = stage(move || {
        let options = ["a", "b"].map(|name| (name.to_owned(), name.to_uppercase())).to_vec();
        view! { <Choice id="kind" label="Kind" options=Signal::stored(options) value/> }
    });
    until("what it begins with", || page.typed(LIST) == "a").await;
    for name in ["b", "a"] {
        page.choose(LIST, name).await;
        assert_eq!(value.get_untracked(), name);
    }
    // Both were chosen by hand before.
    for name in ["b", "a", "b"] {
        value.set(name.to_owned());
        until("what the page says", || page.typed(LIST) == name).await;
    }
}
