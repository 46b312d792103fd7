//! The page for addresses that lead nowhere.

use leptos::prelude::*;

use crate::components::layout::gate::Gate;
use crate::state::use_title;

/// 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    use_title(|| Some("Not found".to_owned()));
    view! {
        <Gate title="There is no such page" lead="The address may be misspelt, or what it led to is gone.">
            <p class="gate-actions"><a class="btn btn-primary" href="/">"To the overview"</a></p>
        </Gate>
    }
}
