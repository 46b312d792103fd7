//! The line under the menus: how many of the newest their numbers are of, where that is not all. Not the numbers: each of the two
//! lists has facets of its own.

use leptos::prelude::*;

use crate::format::thousands;

/// The line; nothing where all of them were looked at. `what` is what the list has, such as `entries`.
pub fn newest_note(looked_at: u64, whole: bool, what: &str) -> Option<AnyView> {
    (!whole).then(|| {
        let words = format!("Numbers in the menus are of the newest {} {what}.", thousands(looked_at));
        view! { <p class="muted audit-note">{words}</p> }.into_any()
    })
}
