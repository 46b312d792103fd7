//! The bar that comes up when rows are chosen, with the way to choose all that match, wherever in the list they are.

use contract::workspaces::WorkspaceQuery;
use domain::workspace::{MOST_AT_ONCE, WorkspaceAction};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action_dialog::Wanted;
use super::action_menu::MoreActions;
use super::action_words::{FIRST, action_icon, action_label};
use super::state::Selection;
use crate::api::workspaces as api;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton, Tone};
use crate::format::thousands;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

/// The bar.
#[component]
pub fn BulkBar(
    /// The rows chosen.
    selection: RwSignal<Selection>,
    /// The action that is asked for.
    wanted: RwSignal<Option<Wanted>>,
    /// What the list is narrowed to.
    query: Signal<WorkspaceQuery>,
    /// How many match; `None` while it is read.
    total: Signal<Option<u64>>,
) -> impl IntoView {
    let session = use_session();
    let count = Memo::new(move |_| selection.with(Selection::len));
    let reason = move |action: WorkspaceAction| {
        if count.get() > action.most() {
            Some(format!("At most {} at once", thousands(action.most() as u64)))
        } else if session.may(action.permission()) {
            None
        } else {
            Some("Your role may not do this".to_owned())
        }
    };
    let want = move |action| {
        let ids = selection.with_untracked(Selection::ids);
        wanted.set(Some(Wanted::new(action, ids)));
    };
    let testid = |action| match action {
        WorkspaceAction::Start => "bulk-start",
        WorkspaceAction::Stop => "bulk-stop",
        _ => "bulk-reboot",
    };
    let buttons = move || {
        FIRST
            .iter()
            .map(|&action| {
                view! {
                    <Button
                        size=ButtonSize::Small
                        icon=action_icon(action)
                        testid=testid(action)
                        reason=Signal::derive(move || reason(action))
                        on_click=move |()| want(action)
                    >
                        {action_label(action)}
                    </Button>
                }
            })
            .collect_view()
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <div class="bulk" role="region" aria-label="Chosen WorkSpaces">
                <span class="bulk-count"><b data-testid="bulk-count">{move || thousands(count.get() as u64)}</b>" selected"</span>
                <AllThatMatch selection query total/>
                {buttons()}
                <MoreActions prefix="bulk" reason on_want=want/>
                <IconButton icon=Icon::Close label="Clear the selection" on_click=move |()| selection.set(Selection::default())/>
            </div>
        </Show>
    }
}

/// Whether more match than one action takes.
fn too_many(total: u64) -> bool {
    total > MOST_AT_ONCE as u64
}

/// How many the button takes, of those that match.
fn all_words(total: u64) -> String {
    if too_many(total) {
        format!("Select the first {} of {}", thousands(MOST_AT_ONCE as u64), thousands(total))
    } else {
        format!("Select all {} that match", thousands(total))
    }
}

/// Which ones it takes, why no more, and what to do about it.
const NO_MORE: &str = "These come first by user name. One action takes no more; search or filter to reach the others.";

/// Chooses all that match, while there are more; of more than one action takes, the first.
#[component]
fn AllThatMatch(
    selection: RwSignal<Selection>,
    query: Signal<WorkspaceQuery>,
    total: Signal<Option<u64>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let more = Memo::new(move |_| {
        let total = total.get().unwrap_or(0);
        let reachable = total.min(MOST_AT_ONCE as u64);
        selection.with(|chosen| (chosen.len() as u64) < reachable).then_some(total)
    });
    let choose = move |()| {
        busy.set(true);
        let asked = query.get_untracked();
        spawn_local(async move {
            let answer = api::ids(&WorkspaceQuery { sort: None, limit: None, cursor: None, ..asked.clone() }).await;
            busy.try_set(false);
            // Whoever has narrowed the list meanwhile means other ones.
            if query.try_get_untracked().is_none_or(|now| now != asked) {
                return;
            }
            match answer {
                Ok(found) => {
                    let chosen = found.ids.len() as u64;
                    if chosen < found.total {
                        let words = format!(
                            "The first {} of {} are selected. {NO_MORE}",
                            thousands(chosen),
                            thousands(found.total)
                        );
                        toasts.show(Tone::Warning, words, None);
                    }
                    selection.set(Selection::only(found.ids));
                }
                Err(error) => toasts.failed("Those that match could not be selected", &error),
            }
        });
    };
    view! {
        <Show when=move || more.get().is_some()>
            <Button size=ButtonSize::Small testid="bulk-all" busy on_click=choose>
                {move || all_words(more.get().unwrap_or(0))}
            </Button>
            <Show when=move || more.get().is_some_and(too_many)>
                <span class="bulk-note" data-testid="bulk-limit">{NO_MORE}</span>
            </Show>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_how_many_it_takes() {
        let most = MOST_AT_ONCE as u64;
        for (total, words, limited) in [
            (1, "Select all 1 that match", false),
            (most, "Select all 5,000 that match", false),
            (most + 1, "Select the first 5,000 of 5,001", true),
            (50_000, "Select the first 5,000 of 50,000", true),
        ] {
            assert_eq!((all_words(total).as_str(), too_many(total)), (words, limited), "{total}");
        }
    }
}
