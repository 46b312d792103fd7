//! The menu of the actions that have no button of their own, for the chosen rows and for one WorkSpace.

use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use super::action_words::{MORE, action_icon, action_label};
use crate::components::ui::IconView;
use crate::components::ui::popover::Popover;

/// The menu.
#[component]
pub fn MoreActions(
    /// Before the name of the action, for browser tests: `bulk` or `action`.
    prefix: &'static str,
    /// Why an action can't be done now; `None` when it can.
    #[prop(into)]
    reason: Callback<WorkspaceAction, Option<String>>,
    /// Told what somebody wants.
    #[prop(into)]
    on_want: Callback<WorkspaceAction>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Popover open label="More actions" testid=format!("{prefix}-more") class="more-actions" head=|| "More">
            <ul class="facet-list">
                {MORE.iter().map(|&action| {
                    let why = Memo::new(move |_| reason.run(action));
                    let choose = move |_| {
                        if why.with_untracked(Option::is_none) {
                            open.set(false);
                            on_want.run(action);
                        }
                    };
                    view! {
                        <li>
                            <button
                                class="menu-item" type="button" data-testid=format!("{prefix}-{action}")
                                aria-disabled=move || why.with(Option::is_some).then_some("true")
                                title=move || why.get()
                                on:click=choose
                            >
                                <IconView icon=action_icon(action)/>
                                {action_label(action)}
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
        </Popover>
    }
}
