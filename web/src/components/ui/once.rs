//! Something shown once and never again: a key, a link, recovery codes.

use leptos::prelude::*;

use super::button::Button;
use super::icon::{Icon, IconView};

/// The text with a button that copies it.
#[component]
pub fn ShownOnce(
    /// What it is, and that it can't be had again.
    #[prop(into)]
    words: String,
    /// The text.
    #[prop(into)]
    text: String,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let shown = text.clone();
    let copy = move |()| {
        // A browser that refuses leaves the text to be marked by hand.
        let _ = window().navigator().clipboard().write_text(&text);
        copied.set(true);
    };
    view! {
        <div class="once">
            <div class="notice notice-warning"><IconView icon=Icon::Alert/><p>{words}</p></div>
            <pre class="once-text" data-testid=testid tabindex="0">{shown}</pre>
            <Button icon=Icon::Check on_click=copy>{move || if copied.get() { "Copied" } else { "Copy" }}</Button>
        </div>
    }
}
