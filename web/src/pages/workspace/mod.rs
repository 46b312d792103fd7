//! workspace.
use leptos::prelude::*;
/// Page.
#[component]
pub fn WorkspaceDetailPage() -> impl IntoView { view! { <p>"…"</p> } }
