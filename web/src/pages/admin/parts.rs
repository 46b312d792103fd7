//! Which part of the administration an address is, and the tabs between those that the reader may see.

use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::assistant::AssistantPart;
use super::invitations::InvitationsPage;
use super::roles::RolesPage;
use super::settings::SettingsPart;
use super::teams::TeamsPage;
use super::users::{UserPage, UsersPage};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::states::EmptyState;
use crate::components::ui::tabs::{Tab, Tabs};
use crate::pages::keys::KeyTable;
use crate::state::own_param::use_own_param;
use crate::state::session::use_session;
use crate::state::use_title;

/// A part: key, name, a line about it, what one must be allowed to do.
struct Part {
    key: &'static str,
    name: &'static str,
    lead: &'static str,
    needs: Permission,
}

const PARTS: &[Part] = &[
    Part { key: "users", name: "Users", lead: "Who may sign in, and what they hold", needs: Permission::UserRead },
    Part { key: "roles", name: "Roles", lead: "What each role may do", needs: Permission::UserRead },
    Part { key: "teams", name: "Teams", lead: "People whose desktops belong together", needs: Permission::UserRead },
    Part { key: "invitations", name: "Invitations", lead: "Who was asked to come aboard", needs: Permission::UserRead },
    Part { key: "keys", name: "API keys", lead: "Everybody's keys", needs: Permission::KeyManage },
    Part {
        key: "assistant",
        name: "Assistant",
        lead: "Who answers, and why better ones did not",
        needs: Permission::SystemRead,
    },
    Part {
        key: "settings",
        name: "Settings",
        lead: "What this installation was started with, and where each was set",
        needs: Permission::SystemRead,
    },
];

/// The administration.
#[component]
pub fn AdminPages() -> impl IntoView {
    let session = use_session();
    let (named, who) = (use_own_param("/admin", "part"), use_own_param("/admin", "id"));
    let shown = Memo::new(move |_| {
        let wanted = named.get().unwrap_or_default();
        let first = || PARTS.iter().find(|part| session.may(part.needs)).map_or(PARTS[0].key, |part| part.key);
        PARTS.iter().find(|part| part.key == wanted).map_or_else(first, |part| part.key)
    });
    // What is told of an address whose part there is not, on the part that is shown instead.
    let unknown = RwSignal::new(None::<(&'static str, String)>);
    // An address without a part leads to the first that the reader may see, so that its list has an address of its own.
    let navigate = use_navigate();
    let search = use_location().search;
    Effect::new(move |_| {
        let wanted = named.get().unwrap_or_default();
        let there = NavigateOptions { replace: true, ..NavigateOptions::default() };
        if wanted == "audit" {
            // Where the log was before: answers of the assistant that are kept lead there.
            navigate(&format!("/audit/log?{}", search.get_untracked()), there);
        } else if wanted != shown.get() {
            if !wanted.is_empty() {
                unknown.set(Some((shown.get(), format!("/admin/{wanted}"))));
            }
            navigate(&format!("/admin/{}", shown.get()), there);
        } else if unknown.with_untracked(|unknown| unknown.as_ref().is_some_and(|(part, _)| *part != wanted)) {
            unknown.set(None);
        }
    });
    let part = move || PARTS.iter().find(|part| part.key == shown.get());
    use_title(move || part().map(|part| part.name.to_owned()));
    let tabs = Signal::derive(move || {
        let seen = PARTS.iter().filter(|part| session.may(part.needs));
        seen.map(|part| Tab {
            label: part.name.to_owned(),
            href: format!("/admin/{}", part.key),
            key: part.key,
            count: None,
        })
        .collect::<Vec<_>>()
    });
    let lead = view! { <p>{move || part().map(|part| part.lead)}</p> }.into_any();
    let left_out = Signal::derive(move || unknown.get().map(|(_, address)| address).into_iter().collect::<Vec<_>>());
    view! {
        <PageHead title="Administration".to_owned() lead/>
        <Tabs label="Parts of the administration" tabs current=shown/>
        <LeftOut told=left_out on_close=move |()| unknown.set(None)/>
        {move || match (shown.get(), who.get()) {
            _ if part().is_none_or(|part| !session.may(part.needs)) => {
                let text = "Your role does not let you see this part of the administration.";
                view! { <EmptyState icon=Icon::Lock title="You may not see this" text/> }.into_any()
            }
            ("users", Some(id)) => view! { <UserPage id/> }.into_any(),
            ("roles", _) => view! { <RolesPage/> }.into_any(),
            ("teams", _) => view! { <TeamsPage/> }.into_any(),
            ("invitations", _) => view! { <InvitationsPage/> }.into_any(),
            ("keys", _) => view! { <KeyTable path="/admin/keys" owner=None/> }.into_any(),
            ("assistant", _) => view! { <AssistantPart/> }.into_any(),
            ("settings", _) => view! { <SettingsPart/> }.into_any(),
            _ => view! { <UsersPage/> }.into_any(),
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_leads_to_every_part() {
        for part in PARTS {
            let offered = crate::pages::palette::addresses(|permission| permission == part.needs);
            assert!(offered.contains(&format!("/admin/{}", part.key).as_str()), "{}", part.key);
        }
    }
}
