//! What changed in AWS lately: the newest calls that were no mere look. Each leads to itself among all events.

use chrono::TimeDelta;
use contract::page::Page;
use contract::trail::{TrailEventView, TrailQuery};
use leptos::prelude::*;

use crate::components::ui::Icon;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::EmptyState;
use crate::components::ui::time::RelativeTime;
use crate::state::url_list::query_path;

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

/// The page of AWS's events, narrowed to the calls of that name in that second.
fn proof(event: &TrailEventView) -> String {
    let query = TrailQuery {
        account: Some(event.account_id),
        region: Some(event.region.to_string()),
        name: Some(event.name.clone()),
        from: Some(event.at),
        to: Some(event.at + TimeDelta::seconds(1)),
        ..TrailQuery::default()
    };
    query_path("/audit", &query)
}

#[component]
fn EventRow(event: TrailEventView) -> impl IntoView {
    let href = proof(&event);
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
                <a href=href><b>{event.name}</b></a>
                {whose.map(|whose| format!(" · {whose}"))}
                <span class="cell-sub">{who}{refused.map(|code| format!(" · refused: {code}"))}</span>
            </span>
            <RelativeTime at=event.at/>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ids::{AccountId, TrailEventId};
    use uuid::Uuid;

    use super::*;
    use crate::state::url_list::read_query;

    #[test]
    fn an_event_leads_to_the_calls_of_its_name_in_its_second() {
        let at = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let event = TrailEventView {
            id: TrailEventId(Uuid::from_u128(1)),
            at,
            name: "StopWorkspaces".into(),
            source: "workspaces.amazonaws.com".into(),
            read_only: Some(false),
            actor: None,
            address: None,
            error_code: None,
            error_message: None,
            account_id: AccountId(Uuid::from_u128(7)),
            account: None,
            region: "eu-west-1".parse().unwrap(),
            workspaces: Vec::new(),
        };
        let href = proof(&event);
        let (query, left_out): (TrailQuery, _) = read_query(href.strip_prefix("/audit").unwrap());
        assert_eq!(left_out, Vec::<String>::new());
        assert_eq!((query.account, query.region.as_deref()), (Some(event.account_id), Some("eu-west-1")));
        assert_eq!(query.name.as_deref(), Some("StopWorkspaces"));
        assert_eq!((query.from, query.to), (Some(at), DateTime::from_timestamp(1_000_001, 0)));
    }
}
