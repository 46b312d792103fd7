//! The last thing that a portal which stopped can do: tell the server. Without the rest of this folder, which may be what broke.

use contract::paths;
use contract::portal_errors::{MESSAGE_MAX, PAGE_MAX, ReportPortalErrorRequest};
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::{Headers, RequestInit};

/// Sends what went wrong, and does not wait for an answer: after a panic nothing waits for anything any more.
pub fn tell(message: &str) {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let page = window().location().pathname().unwrap_or_default();
    let report = ReportPortalErrorRequest { message: cut(message, MESSAGE_MAX), page: cut(&page, PAGE_MAX) };
    // Nobody is left to be told that it can't be sent.
    let _ = send(&report);
}

fn send(report: &ReportPortalErrorRequest) -> Option<()> {
    let headers = Headers::new().ok()?;
    headers.set("content-type", "application/json").ok()?;
    headers.set("x-wheelhouse", "1").ok()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&serde_json::to_string(report).ok()?));
    // Its promise is nobody's.
    drop(window().fetch_with_str_and_init(paths::PORTAL_ERRORS, &init));
    Some(())
}
