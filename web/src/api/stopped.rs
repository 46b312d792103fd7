//! The last thing that a portal which stopped can do: tell the server. Without the rest of this folder, which may be what broke.

use contract::paths;
use contract::portal_errors::{MESSAGE_MAX, PAGE_MAX, ReportPortalErrorRequest};
use leptos::prelude::window;

use super::aside;

/// Sends what went wrong, and does not wait for an answer: after a panic nothing waits for anything any more.
pub fn tell(message: &str) {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let page = window().location().pathname().unwrap_or_default();
    let report = ReportPortalErrorRequest { message: cut(message, MESSAGE_MAX), page: cut(&page, PAGE_MAX) };
    let json = serde_json::to_string(&report).unwrap_or_default();
    // Nobody is left to be told that it can't be sent, and its promise is nobody's.
    drop(aside::post(paths::PORTAL_ERRORS, &json));
}
