//! The frame's parts in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{KeyboardEvent, KeyboardEventInit};

use super::fetched::Fetched;
use super::palette::Palette;
use crate::components::ui::dialog::Dialog;
use crate::stage::{settle, stage, until};
use crate::state::toasts::Toasts;

thread_local! {
    static THERE: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

async fn load() -> Result<&'static str, ()> {
    ASKED.set(ASKED.get() + 1);
    THERE.get().then_some("inside").ok_or(())
}

#[wasm_bindgen_test]
async fn what_a_file_holds_is_fetched_when_it_is_opened_and_again_where_that_failed() {
    let open = RwSignal::new(false);
    let page = stage(move || {
        let inside = Fetched::when(open, load);
        move || inside.show(|words| view! { <p class="inside">{words}</p> }.into_any())
    });
    settle().await;
    assert_eq!(ASKED.get(), 0, "nobody has opened it");
    open.set(true);
    until("what to do", || page.find("p").is_some()).await;
    assert!(page.words("p").contains("could not be fetched"));
    THERE.set(true);
    for shown in [false, true, false, true] {
        open.set(shown);
        settle().await;
    }
    until("what it holds", || page.find(".inside").is_some()).await;
    assert_eq!(ASKED.get(), 2, "what is there is not fetched again");
}

#[wasm_bindgen_test]
async fn the_key_takes_back_once_and_not_behind_a_dialog() {
    let (toasts, open) = (Toasts::new(), RwSignal::new(true));
    let page = stage(move || {
        provide_context(toasts);
        view! { <Palette/><Dialog open title="Is it so?".to_owned()>"Say so."</Dialog> }
    });
    for text in ["first", "second"] {
        toasts.undoable(text, "It is back", || async { Ok(()) });
    }
    let left_after = |repeat: bool| {
        let init = KeyboardEventInit::new();
        init.set_key("z");
        init.set_ctrl_key(true);
        init.set_repeat(repeat);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        window().dispatch_event(&event).unwrap();
        toasts.list.with_untracked(|list| list.iter().filter(|toast| toast.undo.is_some()).count())
    };
    until("the dialog is open", || page.find("dialog:modal").is_some()).await;
    assert_eq!(left_after(false), 2, "the dialog comes first");
    open.set(false);
    until("it is closed", || page.find("dialog:modal").is_none()).await;
    assert_eq!(
        (left_after(true), left_after(false), left_after(true)),
        (2, 1, 1),
        "a key that is held is pressed once"
    );
}
