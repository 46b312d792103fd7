//! The parts of one WorkSpace's page in a browser.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::audit::AuditQuery;
use contract::paths;
use contract::timeline::{TimelineItemView, TimelineView};
use contract::trail::TrailQuery;
use contract::workspaces::WorkspaceDetailView;
use domain::ids::{TrailEventId, WorkspaceId};
use domain::timeline::TimelineKind;
use domain::workspace::{Tags, WorkspaceState};
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::configuration::{Changes, TagList};
use super::events::Events;
use super::view::Head;
use crate::format::query_pairs;
use crate::stage::{Api, focused, stage, until, workspace};
use crate::state::clock::Now;
use crate::state::loader::Loader;
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

#[wasm_bindgen_test]
async fn changes_are_taken_along_without_the_rest_of_the_activity() {
    const FILE: &str = "[data-testid=configuration-changes] [data-testid=export-csv]";
    let (api, id) = (Api::new(), WorkspaceId(Uuid::from_u128(5)));
    let page = stage(move || {
        provide_context(Now::start());
        let happened = RwSignal::new(0);
        view! { <Changes id happened/><button id="again" on:click=move |_| happened.update(|times| *times += 1)>"Again"</button> }
    });
    let answer = |items: Vec<TimelineItemView>| {
        let total = items.len() as u64;
        TimelineView { items, next_cursor: None, total, left_out: Vec::new(), aws: None }
    };
    let timeline = paths::with_id(paths::WORKSPACE_TIMELINE, id);
    let call = api.asked("GET", &timeline).await;
    assert!(call.query.contains("kind=configuration"), "{}", call.query);
    call.answer(200, &answer(Vec::new()));
    until("no change", || page.find(".card-none").is_some()).await;
    assert!(page.find(FILE).is_none(), "there is nothing to take along");
    page.click("#again").await;
    api.asked("GET", &timeline).await.answer(200, &answer(vec![item(TimelineKind::Configuration, "root_volume_gib")]));
    until("a change", || page.find(NAME).is_some()).await;
    let file = paths::with_id(paths::EXPORT_WORKSPACE_TIMELINE, id);
    assert_eq!(page.attribute(FILE, "href"), Some(format!("{file}?kind=configuration&format=csv")));
}

#[wasm_bindgen_test]
async fn tags_are_taken_along_where_there_are_some() {
    const FILE: &str = "[data-testid=workspace-tags] [data-testid=export-csv]";
    let id = WorkspaceId(Uuid::from_u128(5));
    let tagged = stage(move || {
        let tags = Tags::from([("Team".to_owned(), "Ops".to_owned())]);
        view! { <TagList id tags read_at=Some(DateTime::UNIX_EPOCH)/> }
    });
    until("the tags", || tagged.find(FILE).is_some()).await;
    let file = paths::with_id(paths::EXPORT_WORKSPACE_TAGS, id);
    assert_eq!(tagged.attribute(FILE, "href"), Some(format!("{file}?format=csv")));
    drop(tagged);
    let bare = stage(move || view! { <TagList id tags=Tags::new() read_at=None/> });
    until("the empty state", || bare.find("h2").is_some()).await;
    assert_eq!(bare.words("h2"), "No tags");
    assert!(bare.find(FILE).is_none());
}

/// One that is stopped, of which nothing else is known.
fn stopped() -> WorkspaceDetailView {
    WorkspaceDetailView {
        workspace: workspace(1),
        subnet_id: None,
        error_code: None,
        error_message: None,
        auto_stop_timeout_minutes: None,
        root_volume_gib: None,
        user_volume_gib: None,
        protocol: None,
        operating_system: None,
        root_volume_encrypted: false,
        user_volume_encrypted: false,
        registration_code: None,
        tags: Tags::new(),
        tags_read_at: None,
        first_seen_at: DateTime::UNIX_EPOCH,
        changed_at: DateTime::UNIX_EPOCH,
        history: Vec::new(),
        actions: Vec::new(),
    }
}

#[wasm_bindgen_test]
async fn a_menu_that_is_open_stays_while_the_workspace_moves() {
    const MORE: &str = "[data-testid=action-more]";
    const RESTORE: &str = "[data-testid=action-restore]";
    let page = stage(move || {
        provide_context(Now::start());
        let detail = Loader::once(|| std::future::ready(Ok(stopped())));
        let moves = move |_| {
            detail.data.update(|detail| {
                if let Some(detail) = detail {
                    detail.workspace.state = WorkspaceState::Available;
                }
            });
        };
        view! { <Head detail wanted=RwSignal::new(None)/><button id="moves" on:click=moves>"Moves"</button> }
    });
    let state = || page.find("[data-testid=detail-state]").and_then(|badge| badge.get_attribute("data-state"));
    until("what can be done with it", || state().as_deref() == Some("STOPPED") && page.find(MORE).is_some()).await;
    page.click(MORE).await;
    page.focus(RESTORE).await;
    page.click("#moves").await;
    until("its state", || state().as_deref() == Some("AVAILABLE")).await;
    let at = focused().get_attribute("data-testid");
    assert_eq!(at.as_deref(), Some("action-restore"), "the menu is open, and the focus still in it");
}
