//! Which key does what.

use leptos::html;
use leptos::prelude::*;

/// Keys, and what they do. Keys of one combination are joined by `+`; either of several is separated by a blank.
const KEYS: &[(&str, &str)] = &[
    ("Ctrl+K", "Go to a page or a WorkSpace, or do something, by a few letters of its name"),
    ("?", "This list"),
    (
        "Ctrl+Z",
        "Take back what the newest message with an Undo tells, unless something is being written or a dialog is open",
    ),
    ("Tab Shift+Tab", "To the next or the previous thing on the page"),
    ("Enter", "Open or press what has the focus; send a question to the assistant"),
    ("Space", "Choose the row or the box that has the focus"),
    ("Shift+Enter", "A new line in a question"),
    ("↑ ↓", "Through what the palette found"),
    ("↑ ↓ PageUp PageDown Home End", "Through the rows of the list of WorkSpaces"),
    ("← →", "Through the days of a chart, and through tabs"),
    ("Shift+← Shift+→", "Choose days of a chart; Enter shows them alone"),
    ("Escape", "Close a dialog or a menu; what was typed is not sent"),
];

/// The list.
pub fn keys() -> AnyView {
    let rows = KEYS
        .iter()
        .map(|(keys, what)| {
            let keys = keys
                .split(' ')
                .map(|combination| {
                    let keys = combination.split('+').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
                    view! { <span class="keys-combination">{keys}</span> }
                })
                .collect_view();
            view! { <tr><th scope="row">{keys}</th><td>{*what}</td></tr> }
        })
        .collect_view();
    let node = NodeRef::<html::Div>::new();
    // Whoever chose it in the palette had the focus in its field, which is gone.
    Effect::new(move |_| {
        if let Some(body) = node.get() {
            body.focus().unwrap_or_default();
        }
    });
    view! {
        <div class="dialog-body" tabindex="0" node_ref=node>
            <table class="keys" data-testid="keys">
                <caption class="visually-hidden">"Keys and what they do"</caption>
                <tbody>{rows}</tbody>
            </table>
            <p class="muted">"On a Mac the Command key stands for Ctrl."</p>
        </div>
    }
    .into_any()
}
