//! What changed lately, in AWS and here: the newest calls and entries that were no mere look. Each leads to where it is told in full.

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityView};
use domain::activity::ActivitySource;
use leptos::prelude::*;

use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::EmptyState;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Icon, IconView};
use crate::format::counted;
use crate::pages::audit::all::words::{address, doer_words, left_out_words, source_words, what_words};

/// The card's content: what changed, and what the reader is not shown.
pub fn events(found: ActivityView) -> AnyView {
    let ActivityView { items, left_out, .. } = found;
    let shown = if items.is_empty() {
        let text = empty_words(&left_out);
        view! { <EmptyState icon=Icon::Info title="Nothing yet" text/> }.into_any()
    } else {
        let rows = items.into_iter().map(|item| view! { <ChangeRow item/> }).collect_view();
        view! { <ol class="morning-events">{rows}</ol> }.into_any()
    };
    let Some(missing) = left_out_words(&left_out) else { return shown };
    view! {
        <div class="stack">
            <div class="notice notice-info" data-testid="morning-left-out"><IconView icon=Icon::Info/><p>{missing}</p></div>
            {shown}
        </div>
    }
    .into_any()
}

/// What appears here once there is some, as far as the reader is shown it.
fn empty_words(left_out: &[ActivityLeftOutView]) -> &'static str {
    let without = |source| left_out.iter().any(|out| out.source == source);
    if without(ActivitySource::Wheelhouse) {
        "What CloudTrail writes down about WorkSpaces appears here within a quarter of an hour."
    } else if without(ActivitySource::Aws) {
        "What is changed in Wheelhouse appears here."
    } else {
        "What is changed in Wheelhouse appears here, and what CloudTrail writes down about WorkSpaces within a quarter of an hour."
    }
}

/// What it was about, as far as it has a name or is several.
fn about(item: &ActivityItemView) -> Option<String> {
    match (&item.object_name, item.others) {
        (Some(name), 0) => Some(name.clone()),
        (Some(name), others) => Some(format!("{name} and {}", counted(others, "other", "others"))),
        (None, 0) => (item.source == ActivitySource::Aws && item.object_id.is_some()).then(|| "a WorkSpace".to_owned()),
        (None, others) => Some(format!("{} WorkSpaces", others + 1)),
    }
}

/// Who did it, where, and how and why it ended where that is not as it should.
fn beside(item: &ActivityItemView) -> String {
    let who = match (&item.who, &item.actor_kind) {
        (None, None) => "somebody".to_owned(),
        _ => doer_words(item),
    };
    let ended = match (item.outcome.as_str(), &item.reason) {
        ("done", _) => String::new(),
        (outcome, Some(reason)) => format!(" · {outcome}: {reason}"),
        (outcome, None) => format!(" · {outcome}"),
    };
    format!("{who} · in {}{ended}", source_words(item.source))
}

#[component]
fn ChangeRow(item: ActivityItemView) -> impl IntoView {
    let failed = item.outcome != "done";
    let glyph = if failed { Glyph::Cross } else { Glyph::Tick };
    let about = about(&item).map(|about| format!(" · {about}"));
    view! {
        <li data-testid="morning-change" class:morning-refused=failed>
            <GlyphView glyph/>
            <span class="morning-what">
                <a href=address(&item)><b>{what_words(&item)}</b></a>
                {about}
                <span class="cell-sub">{beside(&item)}</span>
            </span>
            <RelativeTime at=item.at/>
        </li>
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;
    use domain::access::Permission;
    use domain::ids::TrailEventId;
    use uuid::Uuid;

    use super::*;

    /// Somebody made a team here.
    pub fn entry() -> ActivityItemView {
        ActivityItemView {
            id: "wheelhouse-7".to_owned(),
            at: DateTime::UNIX_EPOCH,
            source: ActivitySource::Wheelhouse,
            what: "team.create".to_owned(),
            who: Some("ana@example.com".to_owned()),
            actor_kind: Some("user".to_owned()),
            actor_id: None,
            object_kind: Some("team".to_owned()),
            object_id: Some("7".to_owned()),
            object_name: Some("Night shift".to_owned()),
            others: 0,
            outcome: "done".to_owned(),
            reason: None,
            audit_seq: Some(7),
            trail_event_id: None,
        }
    }

    /// AWS refused a call about three WorkSpaces.
    pub fn call() -> ActivityItemView {
        ActivityItemView {
            id: "aws-8".to_owned(),
            source: ActivitySource::Aws,
            what: "StopWorkspaces".to_owned(),
            who: None,
            actor_kind: None,
            object_kind: Some("workspace".to_owned()),
            object_name: Some("grace".to_owned()),
            others: 2,
            outcome: "refused".to_owned(),
            reason: Some("AccessDenied".to_owned()),
            audit_seq: None,
            trail_event_id: Some(TrailEventId(Uuid::from_u128(8))),
            ..entry()
        }
    }

    #[test]
    fn what_it_was_about_is_said_as_far_as_it_is_known() {
        assert_eq!(about(&entry()).as_deref(), Some("Night shift"));
        assert_eq!(about(&call()).as_deref(), Some("grace and 2 others"));
        let nameless = |item: ActivityItemView| about(&ActivityItemView { object_name: None, ..item });
        assert_eq!(nameless(call()).as_deref(), Some("3 WorkSpaces"));
        assert_eq!(nameless(ActivityItemView { others: 0, ..call() }).as_deref(), Some("a WorkSpace"));
        assert_eq!(nameless(entry()), None, "the action says what kind it is");
    }

    #[test]
    fn who_did_it_where_and_how_it_ended_is_said() {
        assert_eq!(beside(&entry()), "ana@example.com · in Wheelhouse");
        assert_eq!(beside(&call()), "somebody · in AWS · refused: AccessDenied");
        assert_eq!(beside(&ActivityItemView { reason: None, ..call() }), "somebody · in AWS · refused");
    }

    #[test]
    fn what_is_not_shown_is_not_promised() {
        let out = |source| ActivityLeftOutView { source, needs: Permission::AuditRead };
        let words = |left_out: &[ActivityLeftOutView]| {
            let words = empty_words(left_out);
            (words.contains("Wheelhouse"), words.contains("CloudTrail"))
        };
        assert_eq!(words(&[]), (true, true));
        assert_eq!(words(&[out(ActivitySource::Wheelhouse)]), (false, true));
        assert_eq!(words(&[out(ActivitySource::Aws)]), (true, false));
    }
}
