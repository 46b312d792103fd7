//! Which of the three an address is, and the tabs between them.

use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::all::AllPage;
use super::log::LogPage;
use super::trail::TrailPage;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::states::EmptyState;
use crate::components::ui::tabs::{Tab, Tabs};
use crate::state::own_param::use_own_param;
use crate::state::session::use_session;
use crate::state::use_title;

const PARTS: [(&str, &str, &str); 3] =
    [("aws", "In AWS", "/audit"), ("log", "In Wheelhouse", "/audit/log"), ("all", "Everything", "/audit/all")];

/// The part that an address names; `None` for what is no part. The first has the address without a name.
fn part_of(named: Option<&str>) -> Option<&'static str> {
    match named {
        None => Some(PARTS[0].0),
        Some(name) => PARTS[1..].iter().map(|part| part.0).find(|key| *key == name),
    }
}

/// The tabs of who may read the audit of all there is, or of a part of it: nobody sees our own log in part.
fn tabs(whole: bool) -> Vec<Tab> {
    let tab = |(key, label, href): (&'static str, &str, &str)| Tab {
        label: label.to_owned(),
        href: href.to_owned(),
        key,
        count: None,
    };
    PARTS.into_iter().filter(|(key, ..)| whole || *key != "log").map(tab).collect()
}

/// The pages of the audit.
#[component]
pub fn AuditPages() -> impl IntoView {
    let session = use_session();
    let named = use_own_param("/audit", "part");
    let shown = Memo::new(move |_| part_of(named.get().as_deref()).unwrap_or(PARTS[0].0));
    // What is no part leads to the first, whose list has that address, and is told there.
    let (navigate, unknown) = (use_navigate(), RwSignal::new(Vec::<String>::new()));
    Effect::new(move |_| match named.get() {
        Some(part) if part_of(Some(&part)).is_none() => {
            unknown.set(vec![format!("/audit/{part}")]);
            navigate("/audit", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
        Some(_) => unknown.set(Vec::new()),
        None => {}
    });
    use_title(move || {
        let title = match shown.get() {
            "log" => "Audit log",
            "all" => "Everything that happened",
            _ => "Events in AWS",
        };
        Some(title.to_owned())
    });
    let tabs = Signal::derive(move || tabs(session.may_everywhere(Permission::AuditRead)));
    let lead = view! {
        <p>{move || match shown.get() {
            "log" => "Who did what here, in a log that can't be quietly changed",
            "all" => "Who did what in the connected accounts and here, in one order",
            _ => "Who did what in the connected accounts, as CloudTrail tells it",
        }}</p>
    };
    view! {
        <PageHead title="Audit".to_owned() lead=lead.into_any()/>
        <Show
            when=move || session.may(Permission::AuditRead)
            fallback=|| view! {
                <EmptyState icon=Icon::Lock title="You may not see this" text="Events name people: your role does not let you read them."/>
            }
        >
            <Tabs label="Where it happened" tabs current=shown/>
            <LeftOut told=unknown on_close=move |()| unknown.set(Vec::new())/>
            {move || match shown.get() {
                "log" => view! { <LogPage/> }.into_any(),
                "all" => view! { <AllPage/> }.into_any(),
                _ => view! { <TrailPage/> }.into_any(),
            }}
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_part() {
        assert_eq!(part_of(None), Some("aws"));
        for name in ["log", "all"] {
            assert_eq!(part_of(Some(name)), Some(name));
        }
        for none in ["aws", "shoe", ""] {
            assert_eq!(part_of(Some(none)), None, "{none}");
        }
    }

    #[test]
    fn our_own_log_is_offered_to_who_sees_all_of_it() {
        let keys = |whole| tabs(whole).iter().map(|tab| tab.key).collect::<Vec<_>>();
        assert_eq!(keys(true), ["aws", "log", "all"]);
        assert_eq!(keys(false), ["aws", "all"]);
    }

    #[test]
    fn the_palette_leads_to_each() {
        let offered = crate::pages::palette::addresses(|_| true);
        for (_, label, href) in PARTS {
            assert!(offered.contains(&href), "{label}");
        }
    }
}
