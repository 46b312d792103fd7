//! Which pages' code is fetched when somebody goes there, and not before: each chunk is a file of its own beside the program
//! (see `xtask/src/portal/split.rs`). The overview is not among them, as most people come to it first. Not the routes: those
//! are in `app.rs`. To add a page: a line in the table below. Few chunks, as every further one makes more parts of what they have
//! in common: pages that one goes between share one, and those that one comes to now and then (`rest`). One WorkSpace's page has
//! charts and a chunk of its own: the list of WorkSpaces need not wait for it.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use super::errors::ChunkMissing;
use crate::chunk::chunk;

/// Makes of each page a route type whose view lies in a chunk. Pages with the same chunk name share it.
macro_rules! chunks {
    ($($chunk:ident: $route:ident = $page:path, $load:ident, $preload:ident;)+) => {
        $(
            chunk!($chunk: $load, $preload -> AnyView = $page().into_any());

            /// The route of a page that is fetched when somebody goes there.
            #[derive(Debug, Clone, Copy)]
            pub struct $route;

            impl LazyRoute for $route {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    match $load().await {
                        Ok(view) => view,
                        Err(_) => view! { <ChunkMissing/> }.into_any(),
                    }
                }

                async fn preload() {
                    // What could not be fetched is told by `view`.
                    let _ = $preload().await;
                }
            }
        )+
    };
}

chunks! {
    fleet: WorkspacesRoute = super::workspaces::WorkspaceListPage, load_workspaces, preload_workspaces;
    workspace: WorkspaceRoute = super::places::WorkspacePages, load_workspace, preload_workspace;
    figures: CostsRoute = super::costs::CostsPage, load_costs, preload_costs;
    usage: UsageRoute = super::usage::UsagePage, load_usage, preload_usage;
    audit: AuditRoute = super::audit::AuditPages, load_audit, preload_audit;
    desktop: DesktopRoute = super::desktop::DesktopPage, load_desktop, preload_desktop;
    desktop: RequestsRoute = super::requests::RequestsPage, load_requests, preload_requests;
    rest: ReportsRoute = super::reports::ReportsPage, load_reports, preload_reports;
    jobs: JobsRoute = super::jobs::JobsPages, load_jobs, preload_jobs;
    assistant: AssistantRoute = super::assistant::AssistantPage, load_assistant, preload_assistant;
    rest: AccountsRoute = super::accounts::AccountListPage, load_accounts, preload_accounts;
    rest: ProfileRoute = super::profile::ProfilePages, load_profile, preload_profile;
    admin: AdminRoute = super::admin::AdminPages, load_admin, preload_admin;
    gate: SetupRoute = super::setup::SetupPage, load_setup, preload_setup;
    gate: SignInRoute = super::sign_in::SignInPage, load_sign_in, preload_sign_in;
    gate: ForgotRoute = super::sign_in::ForgotPage, load_forgot, preload_forgot;
    gate: ResetRoute = super::sign_in::ResetPage, load_reset, preload_reset;
    gate: InvitationRoute = super::sign_in::InvitationPage, load_invitation, preload_invitation;
}
