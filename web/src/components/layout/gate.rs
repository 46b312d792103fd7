//! The card of the pages before sign-in.

use leptos::prelude::*;

use crate::components::ui::icon::Helm;

/// A card in the middle of an otherwise empty page, under the sign of the house.
#[component]
pub fn Gate(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A line below it.
    #[prop(into)]
    lead: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="gate">
            <div class="gate-brand"><Helm/><span>"Wheelhouse"</span></div>
            <section class="gate-card">
                <h1>{title}</h1>
                <p class="gate-lead">{lead}</p>
                {children()}
            </section>
            <p class="gate-foot">"The control room for your Amazon WorkSpaces"</p>
        </main>
    }
}
