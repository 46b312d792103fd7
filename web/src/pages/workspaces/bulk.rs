//! The bar that comes up when rows are chosen.

use contract::workspaces::MAX_ACTION_ITEMS;
use domain::access::Permission;
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use super::action_dialog::{Wanted, action_icon};
use super::state::Selection;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton};
use crate::format::{sentence, thousands};
use crate::state::session::use_session;

/// The permission an action needs.
pub fn permission_of(action: WorkspaceAction) -> Permission {
    match action {
        WorkspaceAction::Start => Permission::WorkspaceStart,
        WorkspaceAction::Stop => Permission::WorkspaceStop,
        WorkspaceAction::Reboot => Permission::WorkspaceReboot,
    }
}

/// The bar.
#[component]
pub fn BulkBar(selection: RwSignal<Selection>, wanted: RwSignal<Option<Wanted>>) -> impl IntoView {
    let session = use_session();
    let count = Memo::new(move |_| selection.with(Selection::len));
    let reason = move |action| {
        Signal::derive(move || {
            if count.get() > MAX_ACTION_ITEMS {
                Some(format!("At most {} at once", thousands(MAX_ACTION_ITEMS as u64)))
            } else if session.may(permission_of(action)) {
                None
            } else {
                Some("Your role may not do this".to_owned())
            }
        })
    };
    let testid = |action| match action {
        WorkspaceAction::Start => "bulk-start",
        WorkspaceAction::Stop => "bulk-stop",
        WorkspaceAction::Reboot => "bulk-reboot",
    };
    let buttons = move || {
        WorkspaceAction::ALL
            .iter()
            .map(|&action| {
                let want = move |()| {
                    let ids = selection.with_untracked(Selection::ids);
                    wanted.set(Some(Wanted { action, ids }));
                };
                view! {
                    <Button
                        size=ButtonSize::Small
                        icon=action_icon(action)
                        testid=testid(action)
                        reason=reason(action)
                        on_click=want
                    >
                        {sentence(action.as_str())}
                    </Button>
                }
            })
            .collect_view()
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="bulk" role="region" aria-label="Chosen WorkSpaces">
                <span class="bulk-count"><b>{move || thousands(count.get() as u64)}</b>" selected"</span>
                {buttons()}
                <IconButton icon=Icon::Close label="Clear the selection" on_click=move |()| selection.set(Selection::default())/>
            </div>
        </Show>
    }
}
