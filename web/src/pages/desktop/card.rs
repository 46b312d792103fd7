//! One desktop: its state in plain words, what can be done, hours and last use.

use contract::desktop::{MyActionView, MyDesktopView};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use super::state::{action_words, connected, look};
use crate::components::ui::badge::Badge;
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonKind};
use crate::pages::workspaces::action_dialog::Wanted;
use crate::pages::workspaces::action_words::action_icon;

/// The card.
#[component]
pub fn DesktopCard(
    /// The desktop.
    desktop: MyDesktopView,
    /// Which month its hours are of, and how far they are known.
    known: String,
    /// Set to what somebody wants.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let (tone, glyph) = look(&desktop.workspace.state);
    let hours = connected(&desktop);
    let state = desktop.workspace.state.as_str().to_owned();
    let workspace = desktop.workspace;
    let id = workspace.id;
    let name = workspace.computer_name.clone().unwrap_or_else(|| workspace.aws_id.clone());
    let actions = desktop.actions.into_iter().map(|action| button(action, id, wanted)).collect_view();
    let bundle = workspace.bundle_name.unwrap_or(workspace.bundle_id);
    view! {
        <article class="card my-desktop" data-testid="my-desktop" data-state=state>
            <header class="my-desktop-head">
                <h2 class="my-desktop-name">{name}</h2>
                <Badge tone glyph text=desktop.headline testid="my-desktop-state"/>
            </header>
            <p class="my-desktop-meaning">{desktop.meaning}</p>
            {desktop.next.map(|next| view! { <p class="my-desktop-next muted">{next}</p> })}
            <div class="my-desktop-actions">{actions}</div>
            <dl class="facts my-desktop-facts">
                {hours.map(|hours| view! {
                    <div class="fact"><dt>"Connected"</dt><dd data-testid="my-desktop-hours">{hours}<span class="cell-sub">{known}</span></dd></div>
                })}
                <div class="fact"><dt>"Last used"</dt><dd><MaybeTime at=workspace.last_connected_at/></dd></div>
                <div class="fact"><dt>"In this state"</dt><dd>"since " <RelativeTime at=workspace.state_since/></dd></div>
                <div class="fact"><dt>"Bundle"</dt><dd>{bundle}</dd></div>
                {desktop.registration_code.map(|code| view! {
                    <div class="fact"><dt>"Registration code"</dt><dd><code>{code}</code><span class="cell-sub">"to type into the client"</span></dd></div>
                })}
            </dl>
        </article>
    }
}

fn button(action: MyActionView, id: domain::ids::WorkspaceId, wanted: RwSignal<Option<Wanted>>) -> AnyView {
    let MyActionView { action, reason } = action;
    let possible = reason.is_none();
    let kind = if possible && action == WorkspaceAction::Start { ButtonKind::Primary } else { ButtonKind::Secondary };
    let testid = match action {
        WorkspaceAction::Start => "my-start",
        WorkspaceAction::Stop => "my-stop",
        _ => "my-restart",
    };
    let want = move |()| wanted.set(Some(Wanted::new(action, vec![id])));
    let why = reason.clone();
    view! {
        <div class="my-action">
            <Button kind icon=action_icon(action) testid reason=Signal::stored(reason) on_click=want>{action_words(action)}</Button>
            {why.map(|why| view! { <span class="my-reason muted">{why}</span> })}
        </div>
    }
    .into_any()
}
