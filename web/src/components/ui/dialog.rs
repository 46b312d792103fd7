//! Dialogs and drawers over the native `<dialog>`: it keeps the focus inside, closes on Escape and gives the focus back.

use leptos::html;
use leptos::prelude::*;

use super::button::IconButton;
use super::icon::Icon;

/// Where a dialog stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Placement {
    /// In the middle.
    #[default]
    Centre,
    /// A drawer at the right edge.
    Right,
}

/// A modal dialog that is open while `open` is true. Its content is made when it opens, and ends when it closes.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where it stands.
    #[prop(optional)]
    placement: Placement,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Its content.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                // It fails only for a dialog that is not in the page; then there is nothing to show.
                let _ = dialog.show_modal();
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let class = match placement {
        Placement::Centre => "dialog",
        Placement::Right => "dialog drawer",
    };
    let on_backdrop = move |event: leptos::ev::MouseEvent| {
        // The backdrop belongs to the dialog element itself; everything inside lies in `.dialog-inner`.
        let target = event.target();
        let is_self = node.get_untracked().is_some_and(|dialog| {
            let element: &web_sys::EventTarget = dialog.as_ref();
            target.as_ref() == Some(element)
        });
        if is_self && placement == Placement::Centre {
            open.set(false);
        }
    };
    // Told a moment later: it may be open again by then.
    let on_close = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=node
            class=class
            data-testid=testid
            aria-label=move || title.get()
            on:close=on_close
            on:click=on_backdrop
        >
            <div class="dialog-inner">
                <header class="dialog-head">
                    <h2>{move || title.get()}</h2>
                    <IconButton icon=Icon::Close label="Close" on_click=move |()| open.set(false)/>
                </header>
                <Show when=move || open.get()>{move || children.with_value(|children| children())}</Show>
            </div>
        </dialog>
    }
}
