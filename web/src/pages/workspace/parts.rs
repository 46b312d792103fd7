//! Lists of facts.

use leptos::prelude::*;

/// A list of facts.
#[component]
pub fn Facts(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <h2 class="card-title">{title}</h2>
            <dl class="facts">{children()}</dl>
        </section>
    }
}

/// One fact.
#[component]
pub fn Fact(label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="fact"><dt>{label}</dt><dd>{children()}</dd></div>
    }
}

/// The text, or a dash.
pub fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

/// A name with its id, or the id alone.
pub fn named(name: Option<String>, id: String) -> AnyView {
    match name {
        Some(name) => view! { {name}<code class="fact-id">{id}</code> }.into_any(),
        None => view! { <code>{id}</code> }.into_any(),
    }
}
