//! overview.
use leptos::prelude::*;
/// Page.
#[component]
pub fn OverviewPage() -> impl IntoView { view! { <p>"…"</p> } }
