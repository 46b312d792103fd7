//! Where one is signed in.

use contract::page::Page;
use contract::session::SessionItemView;
use domain::ids::SessionId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::sessions as api;
use crate::components::ui::sessions::SessionLine;
use crate::components::ui::states::Loaded;
use crate::components::ui::{Button, ButtonSize};
use crate::state::loader::Loader;
use crate::state::toasts::use_toasts;

/// The sessions.
#[component]
pub fn SessionsPart() -> impl IntoView {
    let toasts = use_toasts();
    let sessions = Loader::once(api::mine);
    let end = Callback::new(move |id: SessionId| {
        spawn_local(async move {
            match api::end(id).await {
                Ok(()) => toasts.done("That session is ended"),
                Err(error) => toasts.failed("It could not be ended", &error),
            }
            sessions.reload();
        });
    });
    let end_others = Callback::new(move |()| {
        spawn_local(async move {
            match api::end_others().await {
                Ok(()) => toasts.done("All other sessions are ended"),
                Err(error) => toasts.failed("They could not be ended", &error),
            }
            sessions.reload();
        });
    });
    let show = Callback::new(move |page: Page<SessionItemView>| {
        let alone = page.items.iter().all(|s| s.current);
        let lines = page
            .items
            .into_iter()
            .map(|session| {
                let (id, current) = (session.id, session.current);
                view! {
                    <SessionLine session>
                        {(!current).then(|| view! {
                            <Button size=ButtonSize::Small testid="session-end" on_click=move |()| end.run(id)>"End"</Button>
                        })}
                    </SessionLine>
                }
            })
            .collect_view();
        view! {
            <section class="card">
                <div class="card-top">
                    <h2 class="card-title">"Where you are signed in"</h2>
                    {(!alone).then(|| view! {
                        <Button size=ButtonSize::Small testid="sessions-end-others" on_click=end_others>"End all others"</Button>
                    })}
                </div>
                <ul class="lines">{lines}</ul>
                <p class="muted">"A session that you don't know? End it, then change your password."</p>
            </section>
        }
        .into_any()
    });
    view! { <Loaded loader=sessions show/> }
}
