//! The page for addresses that lead nowhere, and what stands in for a page whose code could not be fetched.

use leptos::prelude::*;

use crate::components::layout::gate::Gate;
use crate::components::ui::states::EmptyState;
use crate::components::ui::{Button, ButtonKind, Icon};
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

/// The code of this page, or of a part of it, could not be fetched: no connection, or the portal was updated since it was opened.
#[component]
pub fn ChunkMissing() -> impl IntoView {
    view! {
        <EmptyState
            icon=Icon::Offline title="This could not be fetched"
            text="The connection was lost, or Wheelhouse was updated since you opened it. Your fleet is not affected."
        >
            <Button kind=ButtonKind::Primary testid="chunk-reload" on_click=move |()| {
                // A page that can't be reloaded stays as it is; the reader's own reload is left.
                let _ = window().location().reload();
            }>"Load it again"</Button>
        </EmptyState>
    }
}
