//! The portal: a Leptos application that runs in the browser and talks to `/api/v1`.
//!
//! Folders: `api` is the only code that calls the network; `pages/<feature>` has one folder per page (`state.rs` decides,
//! `view.rs` shows, `mod.rs` joins them); `components` are dumb and know no feature; `state` is what the whole portal shares.
//! To add a page: a folder in `pages`, its calls in `api`, a route in [`app`], and a link in `components::layout`.
#![expect(
    clippy::needless_pass_by_value,
    reason = "components receive their properties by value; the framework decides"
)]

mod api;
mod app;
mod chunk;
mod components;
mod format;
mod pages;
#[cfg(test)]
mod stage;
mod state;

use wasm_bindgen::JsCast;

fn main() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show_stopped_notice();
        api::stopped::tell(&info.to_string());
    }));
    let document = leptos::prelude::document();
    let Some(root) = document.get_element_by_id("app").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    leptos::mount::mount_to(root, app::App).forget();
}

/// After a panic nothing on the page works any more: say so in place of it all (the notice waits hidden in `index.html`). An open
/// dialog would lie over the notice and keep everybody from it.
fn show_stopped_notice() {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    if let (Some(body), Some(notice)) = (document.body(), document.get_element_by_id("stopped")) {
        // A failure leaves nothing further to fall back to.
        let _ = notice.remove_attribute("hidden");
        body.replace_children_with_node_1(&notice);
    }
}
