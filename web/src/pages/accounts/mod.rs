//! accounts.
use leptos::prelude::*;
/// Page.
#[component]
pub fn AccountListPage() -> impl IntoView { view! { <p>"…"</p> } }
