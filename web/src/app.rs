//! The routes of the portal and what surrounds them all. Nothing else: pages are in `pages`, the frame in `components::layout`.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, path};

use crate::components::layout::shell::Shell;
use crate::components::ui::toast::ToastRegion;
use crate::pages::chunks::{
    AccountsRoute, AdminRoute, AssistantRoute, ForgotRoute, InvitationRoute, JobsRoute, ProfileRoute, ResetRoute,
    SetupRoute, SignInRoute, WorkspaceRoute, WorkspacesRoute,
};
use crate::pages::errors::NotFoundPage;
use crate::pages::overview::OverviewPage;
use crate::state;

/// The portal.
#[component]
pub fn App() -> impl IntoView {
    state::provide();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/setup") view={Lazy::<SetupRoute>::new()}/>
                <Route path=path!("/sign-in") view={Lazy::<SignInRoute>::new()}/>
                <Route path=path!("/forgot-password") view={Lazy::<ForgotRoute>::new()}/>
                <Route path=path!("/reset-password") view={Lazy::<ResetRoute>::new()}/>
                <Route path=path!("/invitation") view={Lazy::<InvitationRoute>::new()}/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=OverviewPage/>
                    <Route path=path!("/workspaces") view={Lazy::<WorkspacesRoute>::new()}/>
                    <Route path=path!("/workspaces/:id") view={Lazy::<WorkspaceRoute>::new()}/>
                    <Route path=path!("/assistant/:id?") view={Lazy::<AssistantRoute>::new()}/>
                    <Route path=path!("/jobs/:part?") view={Lazy::<JobsRoute>::new()}/>
                    <Route path=path!("/profile/:part?") view={Lazy::<ProfileRoute>::new()}/>
                    <Route path=path!("/admin/:part?/:id?") view={Lazy::<AdminRoute>::new()}/>
                    <Route path=path!("/accounts") view={Lazy::<AccountsRoute>::new()}/>
                </ParentRoute>
            </Routes>
            <ToastRegion/>
        </Router>
    }
}
