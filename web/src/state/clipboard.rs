//! Putting a text on the clipboard for somebody, and whether it came there: a page that is not fetched over HTTPS has none, and a
//! browser may refuse. Whoever asks says what is true then. Only for pages; nothing of it is in what is loaded first.

use leptos::prelude::window;
use leptos::task::spawn_local;

/// Puts a text on the clipboard, then tells whether it is there.
pub fn copy(text: &str, told: impl FnOnce(bool) + 'static) {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return told(false);
    }
    // Begun at once, while the browser still knows that somebody pressed a button.
    let written = clipboard.write_text(text);
    spawn_local(async move { told(written.await.is_ok()) });
}
