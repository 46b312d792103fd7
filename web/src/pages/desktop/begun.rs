//! What somebody began on their desktop, followed until AWS has taken it: that it is under way, or why it did not come to pass and
//! what to do. How the desktop itself stands is on its card.

use contract::events::Event;
use contract::jobs::JobItemQuery;
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::WorkspaceAction;
use leptos::prelude::*;

use super::outcome::{Stand, Trouble, not_done, stand, under_way};
use crate::api::jobs as api;
use crate::components::ui::states::PartNotice;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton, IconView};
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;

const SETTLE_MS: u64 = 300;

/// What was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The job that does it.
    pub job: JobId,
    /// What it does.
    pub action: WorkspaceAction,
    /// The desktop.
    pub desktop: WorkspaceId,
    /// What it is called.
    pub name: String,
    /// Whether AWS has taken it, so that the desktop's state tells from then on.
    pub taken: bool,
}

/// How it goes.
#[component]
pub fn BegunNotice(
    /// What was begun.
    begun: Begun,
    /// Told once AWS has taken it.
    #[prop(into)]
    on_taken: Callback<JobId>,
    /// Told when somebody has read why it did not come to pass.
    #[prop(into)]
    on_close: Callback<JobId>,
    /// Whether there is somebody to be asked.
    #[prop(into)]
    may_ask: Signal<bool>,
    /// Asks those who run the fleet.
    #[prop(into)]
    on_ask: Callback<()>,
) -> impl IntoView {
    let Begun { job: id, action, name, .. } = begun;
    let job = Loader::once(move || async move {
        api::page(id, &JobItemQuery { limit: Some(1), ..JobItemQuery::default() }).await
    });
    let settle = Debounce::new();
    let read_again = move || settle.soon(SETTLE_MS, move || job.refresh());
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::Job { id: moved, .. }) if *moved == id => read_again(),
        LiveEvent::ReadAgain => read_again(),
        LiveEvent::Happened(_) => {}
    });
    let now = Memo::new(move |_| job.data.with(|job| job.as_ref().map_or(Stand::UnderWay, stand)));
    Effect::new(move |_| {
        if now.get() == Stand::Taken {
            on_taken.run(id);
        }
    });
    let moves = format!("{} {name}…", under_way(action));
    let failed = format!("{name} could not be {}.", not_done(action));
    view! {
        {move || match now.get() {
            Stand::Failed(Trouble { why, next }) => view! {
                <div class="notice notice-danger" data-testid="my-begun" data-stand="failed">
                    <IconView icon=Icon::Alert/>
                    <p><b>{failed.clone()}</b>" "{why}" "{next}</p>
                    <Show when=move || may_ask.get()>
                        <Button size=ButtonSize::Small testid="my-begun-ask" on_click=on_ask>"Ask for something"</Button>
                    </Show>
                    <IconButton icon=Icon::Close label="Close" testid="my-begun-close" on_click=move |()| on_close.run(id)/>
                </div>
            }
            .into_any(),
            going => view! {
                <div class="notice notice-info" data-testid="my-begun" data-stand="under-way">
                    <span class="spinner" aria-hidden="true"></span>
                    <p>
                        {moves.clone()}
                        {(going == Stand::Late).then_some(" AWS does not answer yet. It is tried again by itself.")}
                    </p>
                </div>
            }
            .into_any(),
        }}
        <PartNotice loader=job what="How far it is"/>
    }
}
