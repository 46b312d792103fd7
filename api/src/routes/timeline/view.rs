//! A timeline on the wire.

use contract::timeline::{TimelineItemView, TimelineLeftOutView, TimelineView};
use services::timeline::{Timeline, TimelineFact, TimelineItem};

use crate::routes::trail::view::place;

/// A page of a timeline.
pub(super) fn timeline(found: Timeline) -> TimelineView {
    let left_out =
        found.left_out.into_iter().map(|one| TimelineLeftOutView { kind: one.kind, needs: one.needs.to_vec() });
    TimelineView {
        items: found.items.into_iter().map(item).collect(),
        next_cursor: found.next_cursor,
        total: found.total,
        left_out: left_out.collect(),
        aws: found.aws.map(place),
    }
}

fn item(found: TimelineItem) -> TimelineItemView {
    let kind = found.fact.kind();
    let item = TimelineItemView {
        id: format!("{kind}-{}", found.fact.id()),
        at: found.at,
        kind,
        what: String::new(),
        name: None,
        before: None,
        after: None,
        who: None,
        outcome: found.outcome,
        reason: found.reason,
        job_id: found.job_id,
        audit_seq: found.audit_seq,
        trail_event_id: None,
    };
    match found.fact {
        TimelineFact::State { before, after, .. } => TimelineItemView {
            what: "state".to_owned(),
            before: before.map(|state| state.as_str().to_owned()),
            after: Some(after.as_str().to_owned()),
            ..item
        },
        TimelineFact::Configuration { field, name, before, after, .. } => {
            TimelineItemView { what: field.to_string(), name, before, after, ..item }
        }
        TimelineFact::Action { record, who, .. } => {
            let what = record.action.strip_prefix("workspace.").unwrap_or(&record.action).to_owned();
            TimelineItemView { what, who, ..item }
        }
        TimelineFact::Aws { id, name, actor, .. } => TimelineItemView {
            what: name,
            who: Some(actor).filter(|actor| !actor.is_empty()),
            trail_event_id: Some(id),
            ..item
        },
    }
}
