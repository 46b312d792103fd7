//! The head of a page: its name, a line about it, and what can be done.

use leptos::prelude::*;

/// The head of a page.
#[component]
pub fn PageHead(
    /// The page's name.
    #[prop(into)]
    title: Signal<String>,
    /// A line about it.
    #[prop(optional)]
    lead: Option<AnyView>,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-head">
            <div class="page-head-words">
                <h1 class="page-title">{move || title.get()}</h1>
                {lead.map(|lead| view! { <div class="page-lead">{lead}</div> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}
