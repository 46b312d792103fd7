//! The tab of usage: which days, and the figures of them. What draws those is a file of its own, which is fetched when somebody comes
//! here.

use contract::workspaces::WorkspaceView;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::figures::{Inside, inside};
use crate::components::layout::fetched::Fetched;
use crate::components::ui::states::Skeleton;

#[wasm_split(usage, wasm_split_path = ::leptos::wasm_split, preload(preload_inside), fallible)]
fn load_inside() -> Result<Inside, SplitLoaderError> {
    Ok(inside)
}

/// The tab.
#[component]
pub fn UsageTab(workspace: WorkspaceView) -> impl IntoView {
    let content = Fetched::when(RwSignal::new(true), load_inside);
    let workspace = StoredValue::new(workspace);
    move || {
        content
            .show(|inside| inside(workspace.get_value()))
            .unwrap_or_else(|| view! { <div class="card"><Skeleton lines=6/></div> }.into_any())
    }
}
