//! Where the focus goes when what had it goes. Not the focus of dialogs, which the browser keeps (`dialog`), nor of panels (`popover`).

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Puts the focus on the page's content, past the side bar.
pub fn to_main() {
    let main = document().get_element_by_id("main").and_then(|main| main.dyn_into().ok());
    to(main);
}

/// Puts the focus on an element, where there is one.
pub fn to(element: Option<HtmlElement>) {
    if let Some(element) = element {
        // A part of the page that can't take the focus leaves it where it is.
        let _ = element.focus();
    }
}
