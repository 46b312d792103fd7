//! The head of the three jobs pages, with the tabs between them.

use leptos::prelude::*;

use crate::components::layout::page_head::PageHead;
use crate::components::ui::tabs::{Tab, Tabs};

/// The tabs: key, name, address.
const PARTS: &[(&str, &str, &str)] = &[
    ("queue", "Queue & runs", "/jobs"),
    ("schedules", "Schedules", "/jobs/schedules"),
    ("data-sets", "Data sets", "/jobs/data-sets"),
];

/// The head.
#[component]
pub fn JobsHead(
    /// The key of the tab that is open.
    current: &'static str,
    /// What is on the page, in a line.
    lead: &'static str,
) -> impl IntoView {
    let tabs: Vec<Tab> = PARTS
        .iter()
        .map(|&(key, label, href)| Tab { label: label.to_owned(), href: href.to_owned(), key, count: None })
        .collect();
    view! {
        <PageHead title="Jobs".to_owned() lead=view! { <p>{lead}</p> }.into_any()/>
        <Tabs label="Parts of the jobs page" tabs=Signal::stored(tabs) current=Signal::stored(current)/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_leads_to_every_tab() {
        let offered = crate::pages::palette::addresses(|_| true);
        for (_, label, href) in PARTS {
            assert!(offered.contains(href), "{label}");
        }
    }
}
