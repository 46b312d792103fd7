//! A button that opens a panel under it: closed by Escape, which gives the focus back, and by a press elsewhere. Not a dialog: the
//! page stays usable beside it.

use leptos::children::ViewFn;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Icon, IconView};

/// The button and its panel, whose content is made when it opens.
#[component]
pub fn Popover(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What the panel is, for those who can't see it.
    label: &'static str,
    /// The button's, for browser tests.
    testid: String,
    /// Whether something is chosen in it.
    #[prop(into, optional)]
    active: Signal<bool>,
    /// Further classes of the whole.
    #[prop(optional)]
    class: &'static str,
    /// What is on the button.
    #[prop(into)]
    head: ViewFn,
    /// The panel.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        if open.get_untracked() && node.get_untracked().is_some_and(|n| !n.contains(target.as_ref())) {
            open.set(false);
        }
    });
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && open.get_untracked() {
            open.set(false);
        }
    });
    // The focus that was in the panel goes with it, and would be nowhere.
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true)
            && !now
            && lost(node)
            && let Some(button) = button.get_untracked()
        {
            // A button that can't take the focus leaves it where it is.
            let _ = button.focus();
        }
        now
    });
    on_cleanup(move || {
        outside.remove();
        escape.remove();
    });
    let children = StoredValue::new(children);
    view! {
        <div class=format!("facet {class}") node_ref=node>
            <button
                class="facet-button"
                class:facet-active=move || active.get()
                type="button"
                node_ref=button
                data-testid=testid
                aria-haspopup="true"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {head.run()}
                <IconView icon=Icon::Down/>
            </button>
            <Show when=move || open.get()>
                <div class="facet-menu" role="group" aria-label=label>{children.with_value(|children| children())}</div>
            </Show>
        </div>
    }
}

/// Whether the focus is nowhere, or in that part of the page.
fn lost(part: NodeRef<html::Div>) -> bool {
    document().active_element().is_none_or(|focus| {
        let within = part.get_untracked().is_some_and(|part| part.contains(Some(&focus)));
        within || focus.tag_name() == "BODY"
    })
}
