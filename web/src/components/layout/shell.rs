//! The frame of every page that needs a session. Without one it leads to the sign-in, and back afterwards.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_navigate};

use super::banner::OfflineBanner;
use super::gate::Gate;
use super::nav::SideBar;
use super::palette::Palette;
use super::step_up::StepUpDialog;
use crate::api::spans;
use crate::components::ui::focus;
use crate::components::ui::icon::Helm;
use crate::components::ui::states::ErrorState;
use crate::state::live::use_live;
use crate::state::session::{SessionState, sign_in_path, use_session};
use crate::state::sso::tell_return;

/// What the shell shows.
#[derive(Debug, Clone, PartialEq)]
enum Face {
    Waiting,
    Page,
    Failed(crate::api::ApiError),
}

/// The frame.
#[component]
pub fn Shell() -> impl IntoView {
    let session = use_session();
    let live = use_live();
    let location = use_location();
    spans::follow(location.pathname);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if session.get() == SessionState::Anonymous {
            let target = sign_in_path(&location.pathname.get_untracked(), &location.search.get_untracked());
            navigate(&target, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let signed_in = Memo::new(move |_| session.signed_in());
    Effect::new(move |_| {
        if signed_in.get() {
            live.open();
        } else {
            live.close();
        }
    });
    on_cleanup(move || live.close());
    let face = Memo::new(move |_| match session.get() {
        SessionState::SignedIn(_) => Face::Page,
        SessionState::Failed(error) => Face::Failed(error),
        SessionState::Unknown | SessionState::Anonymous => Face::Waiting,
    });
    move || match face.get() {
        Face::Page => {
            tell_return();
            view! {
            <a class="skip" href="#main" on:click=skip_to_main>"Skip to the content"</a>
            <div class="frame">
                <SideBar/>
                <div class="stage">
                    <OfflineBanner/>
                    <main id="main" class="main" tabindex="-1"><Outlet/></main>
                </div>
            </div>
            <StepUpDialog/>
            <Palette/>
            }
            .into_any()
        }
        Face::Waiting => view! {
            <div class="splash" role="status"><Helm/><p class="visually-hidden">"Loading"</p></div>
        }
        .into_any(),
        Face::Failed(error) => view! {
            <Gate title="Not ready" lead="The portal is here, but its server did not answer as it should.">
                <ErrorState error on_retry=move |()| session.refresh()/>
            </Gate>
        }
        .into_any(),
    }
}

/// Moves the focus past the side bar. Done by hand, as the router would take the link for a new page.
fn skip_to_main(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    focus::to_main();
}
