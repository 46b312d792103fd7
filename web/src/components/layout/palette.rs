//! The key that opens the command palette (Ctrl-K, Cmd-K) and the one that opens the list of keys (`?`), and the dialog they
//! open. What is in it is a file of its own (`pages::palette`), fetched when it is opened for the first time. And the key that takes back
//! what a message tells (Ctrl-Z, Cmd-Z): it too works on every page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::fetched::Fetched;
use crate::chunk::chunk;
use crate::components::ui::dialog::Dialog;
use crate::pages::palette::{Face, Inside, inside};
use crate::state::toasts::use_toasts;

chunk!(palette: load_inside, preload_inside -> Inside = inside);

/// The dialog and its keys; once in the page.
#[component]
pub fn Palette() -> impl IntoView {
    let open = RwSignal::new(false);
    let face = RwSignal::new(Face::Commands);
    let content = Fetched::when(open, load_inside);
    let toasts = use_toasts();
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.meta_key();
        let chord = modified && !event.alt_key() && !event.shift_key();
        let wanted = match event.key().as_str() {
            "k" | "K" if chord => Face::Commands,
            "z" | "Z" if chord && !typing(&event) => {
                if !event.repeat() && !dialog_open() && toasts.undo(None) {
                    event.prevent_default();
                }
                return;
            }
            "?" if !modified && !event.alt_key() && !typing(&event) => Face::Keys,
            _ => return,
        };
        event.prevent_default();
        // The same key again closes it.
        let again = open.get_untracked() && face.get_untracked() == wanted;
        face.set(wanted);
        open.set(!again);
    });
    on_cleanup(move || keys.remove());
    let title = Signal::derive(move || face.get().title().to_owned());
    view! {
        <Dialog open title testid="palette">
            {move || content.show(|inside| inside(open, face))}
        </Dialog>
    }
}

/// Whether a dialog is open, which comes first.
fn dialog_open() -> bool {
    document().body().is_some_and(|body| matches!(body.query_selector("dialog[open]"), Ok(Some(_))))
}

/// Whether a key belongs to what is being written.
fn typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    target.is_some_and(|element| {
        element.is_content_editable() || ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
    })
}
