//! Where the page is. The runner has one page for all tests: a test that goes somewhere goes back to `/` at its end.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::Event;

use super::settle;

/// Puts the page at an address, before a router reads it.
pub fn set_address(address: &str) {
    window().history().unwrap().replace_state_with_url(&JsValue::NULL, "", Some(address)).unwrap();
}

/// Goes to an address while a router stands, as Back and Forward do.
pub async fn travel(address: &str) {
    set_address(address);
    window().dispatch_event(&Event::new("popstate").unwrap()).unwrap();
    settle().await;
}

/// The query of the address, its question mark included; nothing where there is none.
pub fn search() -> String {
    window().location().search().unwrap()
}
