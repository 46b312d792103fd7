//! The tabs under the head of the WorkSpaces pages.

use leptos::prelude::*;

use crate::components::ui::tabs::{Tab, Tabs};

/// The tabs: key, name, address.
const PARTS: &[(&str, &str, &str)] = &[
    ("workspaces", "WorkSpaces", "/workspaces"),
    ("directories", "Directories", "/workspaces/directories"),
    ("bundles", "Bundles", "/workspaces/bundles"),
    ("images", "Images", "/workspaces/images"),
    ("quotas", "Quotas", "/workspaces/quotas"),
];

/// The tabs.
#[component]
pub fn FleetTabs(
    /// The key of the one that is open.
    current: &'static str,
) -> impl IntoView {
    let tabs: Vec<Tab> = PARTS
        .iter()
        .map(|&(key, label, href)| Tab { label: label.to_owned(), href: href.to_owned(), key, count: None })
        .collect();
    view! { <Tabs label="Parts of the WorkSpaces page" tabs=Signal::stored(tabs) current=Signal::stored(current)/> }
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
