//! A timeline on the wire.

use contract::timeline::{TimelineItemView, TimelineLeftOutView, TimelineView};
use services::timeline::{Timeline, TimelineItem, Told};

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
    let told = Told::of(&found.fact);
    TimelineItemView {
        id: told.id,
        at: found.at,
        kind: told.kind,
        what: told.what,
        name: told.name,
        before: told.before,
        after: told.after,
        who: told.who,
        outcome: found.outcome,
        reason: found.reason,
        job_id: found.job_id,
        audit_seq: found.audit_seq,
        trail_event_id: told.trail_event_id,
    }
}
