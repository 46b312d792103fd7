//! The routes of the portal and what surrounds them all. Nothing else: pages are in `pages`, the frame in `components::layout`.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{Lazy, NavigateOptions, path};

use crate::components::layout::shell::Shell;
use crate::components::ui::toast::ToastRegion;
use crate::pages::chunks::{
    AccountsRoute, AdminRoute, AssistantRoute, AuditRoute, CostsRoute, DesktopRoute, ForgotRoute, InvitationRoute,
    JobsRoute, ProfileRoute, ReportsRoute, RequestsRoute, ResetRoute, SetupRoute, SignInRoute, UsageRoute,
    WorkspaceRoute, WorkspacesRoute,
};
use crate::pages::errors::NotFoundPage;
use crate::pages::overview::OverviewPage;
use crate::state;
use crate::state::session::use_session;

/// What comes first: a member's own desktop, for everybody else the fleet.
#[component]
fn Home() -> impl IntoView {
    if !untrack(|| use_session().is_member()) {
        return view! { <OverviewPage/> }.into_any();
    }
    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
    view! { <Redirect path="/desktop" options/> }.into_any()
}

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
                    <Route path=path!("/") view=Home/>
                    <Route path=path!("/workspaces") view={Lazy::<WorkspacesRoute>::new()}/>
                    <Route path=path!("/workspaces/:id") view={Lazy::<WorkspaceRoute>::new()}/>
                    <Route path=path!("/costs") view={Lazy::<CostsRoute>::new()}/>
                    <Route path=path!("/usage") view={Lazy::<UsageRoute>::new()}/>
                    <Route path=path!("/desktop") view={Lazy::<DesktopRoute>::new()}/>
                    <Route path=path!("/audit/:part?") view={Lazy::<AuditRoute>::new()}/>
                    <Route path=path!("/assistant/:id?") view={Lazy::<AssistantRoute>::new()}/>
                    <Route path=path!("/jobs/:part?") view={Lazy::<JobsRoute>::new()}/>
                    <Route path=path!("/profile/:part?") view={Lazy::<ProfileRoute>::new()}/>
                    <Route path=path!("/admin/:part?/:id?") view={Lazy::<AdminRoute>::new()}/>
                    <Route path=path!("/requests") view={Lazy::<RequestsRoute>::new()}/>
                    <Route path=path!("/reports") view={Lazy::<ReportsRoute>::new()}/>
                    <Route path=path!("/accounts") view={Lazy::<AccountsRoute>::new()}/>
                </ParentRoute>
            </Routes>
            <ToastRegion/>
        </Router>
    }
}
