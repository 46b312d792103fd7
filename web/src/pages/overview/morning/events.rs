//! What changed in AWS lately: the newest calls that were no mere look.

use contract::page::Page;
use contract::trail::TrailEventView;
use leptos::prelude::*;

use crate::components::ui::Icon;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::EmptyState;
use crate::components::ui::time::RelativeTime;

/// The card's content.
pub fn events(page: Page<TrailEventView>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <EmptyState
                icon=Icon::Info
                title="Nothing yet"
                text="What CloudTrail writes down about WorkSpaces appears here within a quarter of an hour."
            />
        }
        .into_any();
    }
    let rows = page.items.into_iter().map(|event| view! { <EventRow event/> }).collect_view();
    view! { <ol class="morning-events">{rows}</ol> }.into_any()
}

#[component]
fn EventRow(event: TrailEventView) -> impl IntoView {
    let refused = event.error_code.clone();
    let was_refused = refused.is_some();
    let glyph = if was_refused { Glyph::Cross } else { Glyph::Tick };
    let who = event.actor.unwrap_or_else(|| "somebody".to_owned());
    let whose = match event.workspaces.as_slice() {
        [] => None,
        [one] => Some(one.user_name.clone().or_else(|| one.aws_id.clone()).unwrap_or_else(|| "a WorkSpace".to_owned())),
        several => Some(format!("{} WorkSpaces", several.len())),
    };
    view! {
        <li class:morning-refused=was_refused>
            <GlyphView glyph/>
            <span class="morning-what">
                <b>{event.name}</b>
                {whose.map(|whose| format!(" · {whose}"))}
                <span class="cell-sub">{who}{refused.map(|code| format!(" · refused: {code}"))}</span>
            </span>
            <RelativeTime at=event.at/>
        </li>
    }
}
