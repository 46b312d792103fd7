//! A text that is shown once in a browser: what is said of copying it is true.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::ShownOnce;
use crate::stage::{Clipboard, Stage, stage, until};

const REFUSED: &str = "[data-testid=once-not-copied]";

fn once() -> Stage {
    stage(|| view! { <ShownOnce words="Keep it." text="whk_secret" testid="key"/> })
}

#[wasm_bindgen_test]
async fn what_was_copied_is_said_to_be() {
    let clipboard = Clipboard::takes();
    let page = once();
    assert_eq!(page.words("button"), "Copy");
    page.click("button").await;
    until("it is copied", || page.words("button") == "Copied").await;
    assert_eq!(clipboard.written().as_deref(), Some("whk_secret"));
    assert!(page.find(REFUSED).is_none());
}

#[wasm_bindgen_test]
async fn what_was_not_copied_is_not_said_to_be_and_stays_to_be_marked() {
    for clipboard in [Clipboard::refuses, Clipboard::none] {
        let clipboard = clipboard();
        let page = once();
        page.click("button").await;
        until("it is said", || page.find(REFUSED).is_some()).await;
        assert_eq!((page.words("button"), clipboard.written()), ("Copy".to_owned(), None));
        assert_eq!(page.words("[data-testid=key]"), "whk_secret");
        // It is copied once the browser lets it be.
        drop(clipboard);
        let clipboard = Clipboard::takes();
        page.click("button").await;
        until("it is copied", || page.words("button") == "Copied").await;
        assert_eq!(clipboard.written().as_deref(), Some("whk_secret"));
        assert!(page.find(REFUSED).is_none());
    }
}
