//! What can be done with a WorkSpace now, and how far the newest action is.

use contract::workspaces::ActionAvailability;
use domain::ids::{JobId, WorkspaceId};
use domain::jobs::{JobProgress, JobState};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use crate::components::ui::job_state::JobBadge;
use crate::components::ui::progress::ProgressBar;
use crate::components::ui::{Button, Icon, Tone};
use crate::format::sentence;
use crate::pages::workspaces::action_dialog::Wanted;
use crate::pages::workspaces::action_menu::MoreActions;
use crate::pages::workspaces::action_words::{FIRST, action_icon, action_label};

/// The job of the newest action begun from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The job.
    pub id: JobId,
    /// What it does.
    pub action: WorkspaceAction,
    /// Its state.
    pub state: JobState,
    /// How far it is.
    pub progress: JobProgress,
}

/// Why an action can't be taken now; `None` where it can.
pub fn refusal(actions: &[ActionAvailability], action: WorkspaceAction) -> Option<String> {
    match actions.iter().find(|a| a.action == action) {
        Some(found) if found.possible => None,
        Some(found) => Some(found.reason.as_deref().map_or_else(|| "Not possible now".to_owned(), sentence)),
        None => Some("Not known yet".to_owned()),
    }
}

/// The buttons. `actions` is what the server says of each.
#[component]
pub fn ActionButtons(
    /// Which WorkSpace.
    id: WorkspaceId,
    /// Each action, and why not.
    #[prop(into)]
    actions: Signal<Vec<ActionAvailability>>,
    /// Set to what somebody wants.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let reason = move |action: WorkspaceAction| actions.with(|all| refusal(all, action));
    let want = move |action| wanted.set(Some(Wanted::new(action, vec![id])));
    let button = |&action: &WorkspaceAction| {
        let testid = match action {
            WorkspaceAction::Start => "action-start",
            WorkspaceAction::Stop => "action-stop",
            _ => "action-reboot",
        };
        let reason = Signal::derive(move || reason(action));
        view! {
            <Button icon=action_icon(action) testid reason on_click=move |()| want(action)>{action_label(action)}</Button>
        }
    };
    view! {
        {FIRST.iter().map(button).collect_view()}
        <MoreActions prefix="action" reason on_want=want/>
    }
}

/// How far the newest action is.
#[component]
pub fn FollowedJob(followed: Followed) -> impl IntoView {
    let (tone, moving) = match followed.state {
        JobState::Done => (Tone::Success, false),
        JobState::Dead => (Tone::Danger, false),
        JobState::Cancelled => (Tone::Neutral, false),
        JobState::Queued | JobState::Running => (Tone::Info, true),
    };
    let complete = followed.state == JobState::Done;
    view! {
        <div class="followed" role="status">
            <crate::components::ui::IconView icon=Icon::Jobs/>
            <JobBadge state=followed.state/>
            <span class="followed-note">{action_label(followed.action)}</span>
            <ProgressBar progress=followed.progress tone label="Progress of the action" moving complete/>
            <a href=format!("/jobs/{}", followed.id)>"Details"</a>
        </div>
    }
}
