//! A POST whose answer tells nothing to anybody, and which outlives the page. It stands alone, without the rest of this folder, so that a
//! portal that broke can send it too.

use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::{Headers, RequestInit};

/// Sends this JSON; `None` where the browser can't.
pub fn post(path: &str, json: &str) -> Option<Promise> {
    let headers = Headers::new().ok()?;
    headers.set("content-type", "application/json").ok()?;
    headers.set("x-wheelhouse", "1").ok()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(json));
    Reflect::set(&init, &JsValue::from_str("keepalive"), &JsValue::TRUE).ok()?;
    Some(window().fetch_with_str_and_init(path, &init))
}
