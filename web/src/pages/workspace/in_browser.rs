//! The parts of one WorkSpace's page in a browser.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::audit::AuditQuery;
use contract::timeline::TimelineItemView;
use contract::trail::TrailQuery;
use domain::ids::TrailEventId;
use domain::timeline::TimelineKind;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::events::Events;
use crate::format::query_pairs;
use crate::stage::{stage, until};
use crate::state::clock::Now;
use crate::state::url_list::ListQuery;

const NAME: &str = ".event-name";
const RECORD: &str = "[data-testid=event-record]";

fn item(kind: TimelineKind, what: &str) -> TimelineItemView {
    TimelineItemView {
        id: what.to_owned(),
        at: DateTime::UNIX_EPOCH,
        kind,
        what: what.to_owned(),
        name: None,
        before: None,
        after: None,
        who: Some("ana@example.com".to_owned()),
        outcome: None,
        reason: None,
        job_id: None,
        audit_seq: None,
        trail_event_id: None,
    }
}

#[wasm_bindgen_test]
async fn what_is_written_down_in_full_leads_there() {
    let event = TrailEventId(Uuid::from_u128(7));
    let page = stage(move || {
        provide_context(Now::start());
        let items = vec![
            TimelineItemView { trail_event_id: Some(event), ..item(TimelineKind::Aws, "StopWorkspaces") },
            TimelineItemView { audit_seq: Some(41), ..item(TimelineKind::Action, "stop") },
            // Who may see jobs alone is told neither the entry nor the event.
            item(TimelineKind::Action, "start"),
            item(TimelineKind::Configuration, "root_volume_gib"),
        ];
        view! { <Events items/> }
    });
    until("the list", || page.find(NAME).is_some()).await;
    assert_eq!(page.each_words(NAME), ["StopWorkspaces", "Stop", "Start", "Root volume"]);
    let leads: Vec<_> = page.all(RECORD).iter().filter_map(|link| link.get_attribute("href")).collect();
    assert_eq!(leads, [format!("/audit?event={event}"), "/audit/log?entry=41".to_owned()]);

    // They are the names by which the lists know their drawers.
    let name = |href: &str| query_pairs(href.split('?').nth(1).unwrap_or_default())[0].0.clone();
    let drawer = |known: Option<&str>| known.unwrap_or_default().to_owned();
    let known = [drawer(TrailQuery::DRAWER.map(|drawer| drawer.0)), drawer(AuditQuery::DRAWER.map(|drawer| drawer.0))];
    assert_eq!([name(&leads[0]), name(&leads[1])], known);
}
