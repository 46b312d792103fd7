//! Tabs whose choice is in the address: each is a link, so that one can be opened, shared and gone back from.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// What it is called.
    pub label: String,
    /// Its address.
    pub href: String,
    /// Tells it from the others.
    pub key: &'static str,
    /// How many things are in it.
    pub count: Option<u64>,
}

/// A row of tabs.
#[component]
pub fn Tabs(
    /// What the tabs are about.
    label: &'static str,
    /// The tabs.
    #[prop(into)]
    tabs: Signal<Vec<Tab>>,
    /// The key of the one that is open.
    #[prop(into)]
    current: Signal<&'static str>,
) -> impl IntoView {
    // Where they are wider than the screen, the one that is open is to be seen.
    let row = NodeRef::<html::Nav>::new();
    Effect::new(move |_| {
        current.track();
        let Some(row) = row.get() else { return };
        let open =
            row.query_selector("[aria-current]").ok().flatten().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(open) = open {
            row.set_scroll_left(open.offset_left() - row.offset_left() - row.client_width() / 4);
        }
    });
    view! {
        <nav class="tabs" aria-label=label node_ref=row>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        let key = tab.key;
                        view! {
                            <a
                                class="tab"
                                href=tab.href
                                data-tab=key
                                data-noscroll=""
                                aria-current=move || (current.get() == key).then_some("page")
                            >
                                {tab.label}
                                {tab.count.map(|n| view! { <span class="tab-count">{crate::format::thousands(n)}</span> })}
                            </a>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}
