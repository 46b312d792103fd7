//! jobs.
use leptos::prelude::*;
/// Page.
#[component]
pub fn JobListPage() -> impl IntoView { view! { <p>"…"</p> } }
