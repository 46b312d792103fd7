//! Where the page is. The runner has one page for all tests: a test that goes somewhere goes back to `/` at its end.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// Puts the page at an address, before a router reads it.
pub fn set_address(address: &str) {
    window().history().unwrap().replace_state_with_url(&JsValue::NULL, "", Some(address)).unwrap();
}

/// The query of the address, its question mark included; nothing where there is none.
pub fn search() -> String {
    window().location().search().unwrap()
}
