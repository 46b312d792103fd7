//! The side bar (a top bar on a narrow screen): where to go, who is signed in, the theme.

use domain::access::Permission;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use super::banner::LiveIndicator;
use crate::components::ui::icon::Helm;
use crate::components::ui::{Icon, IconButton, IconView};
use crate::format::{initials, sentence};
use crate::state::session::{SessionState, use_session};
use crate::state::theme::{Choice, use_theme};
use crate::state::toasts::use_toasts;

/// Where to go: address, name, icon, test id, what one must be allowed to see.
const PLACES: &[(&str, &str, Icon, &str, Permission)] = &[
    ("/", "Overview", Icon::Overview, "nav-overview", Permission::WorkspaceRead),
    ("/workspaces", "WorkSpaces", Icon::Desktop, "nav-workspaces", Permission::WorkspaceRead),
    ("/usage", "Usage", Icon::Chart, "nav-usage", Permission::UsageRead),
    ("/costs", "Costs", Icon::Chart, "nav-costs", Permission::CostRead),
    ("/desktop", "My desktop", Icon::Desktop, "nav-desktop", Permission::RequestCreate),
    ("/requests", "Requests", Icon::Send, "nav-requests", Permission::RequestRead),
    ("/audit", "Audit", Icon::Log, "nav-audit", Permission::AuditRead),
    ("/assistant", "Assistant", Icon::Chat, "nav-assistant", Permission::AssistantUse),
    ("/reports", "Reports", Icon::Log, "nav-reports", Permission::ReportRead),
    ("/jobs", "Jobs", Icon::Jobs, "nav-jobs", Permission::JobRead),
    ("/accounts", "Accounts", Icon::Cloud, "nav-accounts", Permission::AccountRead),
    ("/admin", "Administration", Icon::People, "nav-admin", Permission::UserRead),
];

/// Whether a page lies under a place.
fn lies_under(path: &str, place: &str) -> bool {
    if place == "/" { path == "/" } else { path == place || path.starts_with(&format!("{place}/")) }
}

/// Whether somebody is led to a place: who may see its first page, and to the administration who may see any of its parts.
fn leads_to(place: &str, needs: Permission, may: impl Fn(Permission) -> bool) -> bool {
    may(needs) || place == "/admin" && (may(Permission::KeyManage) || may(Permission::SystemRead))
}

/// The side bar.
#[component]
pub fn SideBar() -> impl IntoView {
    let path = use_location().pathname;
    let session = use_session();
    let places = PLACES
        .iter()
        .map(|&(href, label, icon, testid, permission)| {
            view! {
                <Show when=move || leads_to(href, permission, |one| session.may(one)) && !(["/", "/requests"].contains(&href) && session.is_member())>
                    <a
                        class="nav-link"
                        href=href
                        data-testid=testid
                        aria-current=move || lies_under(&path.get(), href).then_some("page")
                    >
                        <IconView icon/>
                        <span>{label}</span>
                    </a>
                </Show>
            }
        })
        .collect_view();
    view! {
        <aside class="sidebar">
            <a class="wordmark" href="/" aria-label="Wheelhouse, to the overview"><Helm/><span>"Wheelhouse"</span></a>
            <nav class="nav" aria-label="Main">{places}</nav>
            <div class="sidebar-foot">
                <LiveIndicator/>
                <ThemeToggle/>
                <UserMenu/>
            </div>
        </aside>
    }
}

#[component]
fn ThemeToggle() -> impl IntoView {
    let theme = use_theme();
    let label = Signal::derive(move || {
        match theme.choice() {
            Choice::System => "Theme: as the system. Change to light",
            Choice::Light => "Theme: light. Change to dark",
            Choice::Dark => "Theme: dark. Change to the system's",
        }
        .to_owned()
    });
    move || {
        let icon = match theme.choice() {
            Choice::System => Icon::Contrast,
            Choice::Light => Icon::Sun,
            Choice::Dark => Icon::Moon,
        };
        view! { <IconButton icon label testid="theme-toggle" on_click=move |()| theme.toggle()/> }
    }
}

#[component]
fn UserMenu() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let node = NodeRef::<html::Div>::new();
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        if open.get_untracked() && node.get_untracked().is_some_and(|n| !n.contains(target.as_ref())) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let who = move || match session.get() {
        SessionState::SignedIn(view) => (view.email, view.role),
        _ => (String::new(), String::new()),
    };
    let sign_out = move |_| {
        spawn_local(async move {
            if let Err(error) = session.sign_out().await {
                toasts.failed("Signing out failed", &error);
            }
        });
    };
    view! {
        <div class="user" node_ref=node on:keydown=move |e: ev::KeyboardEvent| if e.key() == "Escape" { open.set(false) }>
            <button
                class="user-button"
                type="button"
                data-testid="user-menu"
                aria-haspopup="true"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|o| *o = !*o)
            >
                <span class="avatar" aria-hidden="true">{move || initials(&who().0)}</span>
                <span class="visually-hidden">"Signed in as"</span>
                <span class="user-words">
                    <span class="user-mail">{move || who().0}</span>
                    <span class="user-role">{move || sentence(&who().1)}</span>
                </span>
            </button>
            <Show when=move || open.get()>
                <div class="user-menu">
                    <p class="user-menu-who">{move || who().0}<br/><span>{move || sentence(&who().1)}</span></p>
                    <a class="menu-item" href="/profile" data-testid="nav-profile" on:click=move |_| open.set(false)>
                        <IconView icon=Icon::Key/>
                        "Profile"
                    </a>
                    <button class="menu-item" type="button" data-testid="sign-out" on:click=sign_out>
                        <IconView icon=Icon::SignOut/>
                        "Sign out"
                    </button>
                </div>
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Permission;

    use super::{PLACES, leads_to, lies_under};

    #[test]
    fn a_detail_lies_under_its_list_and_nothing_else_under_the_overview() {
        assert!(lies_under("/", "/"));
        assert!(!lies_under("/jobs", "/"));
        assert!(lies_under("/jobs/7", "/jobs"));
        assert!(!lies_under("/jobsite", "/jobs"));
    }

    #[test]
    fn who_may_see_any_part_of_the_administration_is_led_there() {
        for one in Permission::ALL {
            let offered = crate::pages::palette::addresses(|permission| permission == *one);
            let some = offered.iter().any(|address| lies_under(address, "/admin"));
            assert_eq!(
                leads_to("/admin", Permission::UserRead, |permission| permission == *one),
                some,
                "{}",
                one.as_str()
            );
        }
        assert!(!leads_to("/jobs", Permission::JobRead, |permission| permission == Permission::SystemRead));
    }

    #[test]
    fn the_palette_leads_to_every_place() {
        for (place, _, _, _, needs) in PLACES {
            let offered = crate::pages::palette::addresses(|permission| permission == *needs);
            assert!(offered.iter().any(|address| lies_under(address, place)), "{place}");
        }
    }
}
