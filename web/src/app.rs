//! The routes of the portal and what surrounds them all. Nothing else: pages are in `pages`, the frame in `components::layout`.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::components::layout::shell::Shell;
use crate::components::ui::toast::ToastRegion;
use crate::pages::{
    accounts::AccountListPage, errors::NotFoundPage, jobs::JobsPages, overview::OverviewPage, setup::SetupPage,
    sign_in::SignInPage, workspace::WorkspaceDetailPage, workspaces::WorkspaceListPage,
};
use crate::state;

/// The portal.
#[component]
pub fn App() -> impl IntoView {
    state::provide();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/setup") view=SetupPage/>
                <Route path=path!("/sign-in") view=SignInPage/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=OverviewPage/>
                    <Route path=path!("/workspaces") view=WorkspaceListPage/>
                    <Route path=path!("/workspaces/:id") view=WorkspaceDetailPage/>
                    <Route path=path!("/jobs/:part?") view=JobsPages/>
                    <Route path=path!("/accounts") view=AccountListPage/>
                </ParentRoute>
            </Routes>
            <ToastRegion/>
        </Router>
    }
}
