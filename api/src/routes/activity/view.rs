//! What happened on the wire.

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityView};
use services::activity::{Activity, ActivityItem, LeftOut};

/// A page of what happened.
pub(super) fn activity(found: Activity) -> ActivityView {
    let left_out = found.left_out.into_iter().map(|LeftOut { source, needs }| ActivityLeftOutView { source, needs });
    ActivityView {
        items: found.items.into_iter().map(item).collect(),
        next_cursor: found.next_cursor,
        total: found.total,
        left_out: left_out.collect(),
    }
}

fn item(found: ActivityItem) -> ActivityItemView {
    ActivityItemView {
        id: found.id,
        at: found.at,
        source: found.source,
        what: found.what,
        who: found.who,
        actor_kind: found.actor_kind.map(|kind| kind.as_str().to_owned()),
        actor_id: found.actor_id,
        object_kind: found.object_kind,
        object_id: found.object_id,
        object_name: found.object_name,
        others: found.others,
        outcome: found.outcome,
        reason: found.reason,
        audit_seq: found.audit_seq,
        trail_event_id: found.trail_event_id,
    }
}
