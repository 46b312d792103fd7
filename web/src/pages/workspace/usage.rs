//! The tab of usage: which days, and the figures of them. What draws those is a file of its own, which is fetched when somebody comes
//! here.

use contract::workspaces::WorkspaceView;
use leptos::prelude::*;

use super::figures::{Inside, inside};
use crate::chunk::chunk;
use crate::components::layout::fetched::Fetched;
use crate::components::ui::states::Skeleton;

chunk!(usage: load_inside, preload_inside -> Inside = inside);

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
