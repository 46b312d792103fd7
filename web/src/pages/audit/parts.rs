//! Which of the two an address is, and the tabs between them.

use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

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

const PARTS: [(&str, &str, &str); 2] = [("aws", "In AWS", "/audit"), ("log", "In Wheelhouse", "/audit/log")];

/// The pages of the audit.
#[component]
pub fn AuditPages() -> impl IntoView {
    let session = use_session();
    let named = use_own_param("/audit", "part");
    let shown = Memo::new(move |_| if named.get().as_deref() == Some("log") { "log" } else { "aws" });
    // What is no part leads to the first, whose list has that address, and is told there.
    let (navigate, unknown) = (use_navigate(), RwSignal::new(Vec::<String>::new()));
    Effect::new(move |_| match named.get() {
        Some(part) if part != "log" => {
            unknown.set(vec![format!("/audit/{part}")]);
            navigate("/audit", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
        Some(_) => unknown.set(Vec::new()),
        None => {}
    });
    use_title(move || Some(if shown.get() == "log" { "Audit log" } else { "Events in AWS" }.to_owned()));
    let tabs = Signal::derive(move || {
        let tab = |(key, label, href): (&'static str, &str, &str)| Tab {
            label: label.to_owned(),
            href: href.to_owned(),
            key,
            count: None,
        };
        PARTS.into_iter().map(tab).collect::<Vec<_>>()
    });
    let lead = view! {
        <p>{move || match shown.get() {
            "log" => "Who did what here, in a log that can't be quietly changed",
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
                _ => view! { <TrailPage/> }.into_any(),
            }}
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_leads_to_both() {
        let offered = crate::pages::palette::addresses(|_| true);
        for (_, label, href) in PARTS {
            assert!(offered.contains(&href), "{label}");
        }
    }
}
