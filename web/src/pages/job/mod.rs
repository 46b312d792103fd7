//! job.
use leptos::prelude::*;
/// Page.
#[component]
pub fn JobDetailPage() -> impl IntoView { view! { <p>"…"</p> } }
