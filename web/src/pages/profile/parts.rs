//! Which part of the profile an address is, and the tabs between them.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::account::AccountPart;
use super::keys::KeysPart;
use super::sessions::SessionsPart;
use super::theme::ThemePart;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::tabs::{Tab, Tabs};
use crate::state::own_param::use_own_param;
use crate::state::use_title;

/// The parts: key, name.
const PARTS: &[(&str, &str)] =
    &[("account", "Account"), ("sessions", "Sessions"), ("keys", "API keys"), ("appearance", "Appearance")];

fn part(name: Option<&str>) -> &'static str {
    PARTS.iter().find(|(key, _)| Some(*key) == name).map_or(PARTS[0].0, |(key, _)| *key)
}

/// The profile.
#[component]
pub fn ProfilePages() -> impl IntoView {
    use_title(|| Some("Profile".to_owned()));
    let named = use_own_param("/profile", "part");
    let shown = Memo::new(move |_| part(named.get().as_deref()));
    let left_out = Signal::derive(move || {
        let unknown = named.get().filter(|name| part(Some(name.as_str())) != name.as_str());
        unknown.map(|name| format!("/profile/{name}")).into_iter().collect::<Vec<_>>()
    });
    let navigate = StoredValue::new_local(use_navigate());
    let close = move |()| {
        let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&format!("/profile/{}", shown.get_untracked()), options));
    };
    let tabs: Vec<Tab> = PARTS
        .iter()
        .map(|&(key, label)| Tab { label: label.to_owned(), href: format!("/profile/{key}"), key, count: None })
        .collect();
    view! {
        <PageHead title="Profile".to_owned() lead=view! { <p>"Who you are here, and how you sign in"</p> }.into_any()/>
        <Tabs label="Parts of the profile" tabs=Signal::stored(tabs) current=shown/>
        <LeftOut told=left_out on_close=close/>
        {move || match shown.get() {
            "keys" => view! { <KeysPart/> }.into_any(),
            "appearance" => view! { <ThemePart/> }.into_any(),
            "sessions" => view! { <SessionsPart/> }.into_any(),
            _ => view! { <AccountPart/> }.into_any(),
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_leads_to_every_part() {
        let offered = crate::pages::palette::addresses(|_| false);
        for (key, _) in PARTS {
            assert!(offered.contains(&format!("/profile/{key}").as_str()), "{key}");
        }
    }
}
