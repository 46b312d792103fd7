//! Tabs whose choice is in the address: each is a link, so that one can be opened, shared and gone back from.

use leptos::prelude::*;

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
    view! {
        <nav class="tabs" aria-label=label>
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
