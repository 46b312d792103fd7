//! Something shown once and never again: a key, a link, recovery codes.

#[cfg(test)]
mod in_browser;

use leptos::prelude::*;

use super::button::Button;
use super::icon::{Icon, IconView};
use crate::state::clipboard;

/// The text with a button that copies it. Where the browser does not, that is said; a click marks the whole text.
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
    // Whether it was copied, once it was tried.
    let copied = RwSignal::new(None::<bool>);
    let shown = text.clone();
    let copy = move |()| {
        // It may be gone from the page by then.
        clipboard::copy(&text, move |done| {
            copied.try_set(Some(done));
        });
    };
    let refused = move || {
        (copied.get() == Some(false)).then(|| {
            view! {
                <p class="field-error" role="alert" data-testid="once-not-copied">
                    "The browser did not copy it. Click the text to mark it, then copy it by hand."
                </p>
            }
        })
    };
    view! {
        <div class="once">
            <div class="notice notice-warning"><IconView icon=Icon::Alert/><p>{words}</p></div>
            <pre class="once-text" data-testid=testid tabindex="0">{shown}</pre>
            {refused}
            <Button icon=Icon::Check on_click=copy>
                {move || if copied.get() == Some(true) { "Copied" } else { "Copy" }}
            </Button>
        </div>
    }
}
