//! The audit log on the wire.

use contract::audit::{
    AuditCheckpointView, AuditEntryDetailView, AuditEntryView, AuditFacetValue, AuditFacetsView, AuditStateView,
    AuditVerificationView,
};
use domain::audit::Record;
use domain::ids::UserId;
use serde_json::Value;
use services::audit::{AuditFacets, AuditRecord, AuditState};

/// A text of a personal part.
fn text(part: Option<&Value>, name: &str) -> Option<String> {
    part.and_then(|part| part.get(name)).and_then(Value::as_str).map(str::to_owned)
}

/// A row of the list.
pub(super) fn entry(found: &AuditRecord) -> AuditEntryView {
    let Record { actor, permission, action, object, outcome, reason, request_id, .. } = found.record.clone();
    let (object_kind, object_id) = object.map_or((None, None), |object| (Some(object.kind), Some(object.id)));
    AuditEntryView {
        seq: found.seq,
        at: found.at,
        actor_kind: actor.kind.as_str().to_owned(),
        actor_id: actor.user_id,
        actor_name: text(found.actor.as_ref(), "name"),
        address: text(found.actor.as_ref(), "address"),
        session_id: actor.session_id,
        key_id: actor.key_id,
        permission,
        action,
        object_kind,
        object_id,
        object_name: text(found.object.as_ref(), "label"),
        outcome,
        reason,
        request_id,
    }
}

/// What to filter by.
pub(super) fn facets(found: AuditFacets) -> AuditFacetsView {
    let plain = |(value, count): (String, u64)| AuditFacetValue { label: value.clone(), value, count };
    let actor = |(id, name, count): (UserId, Option<String>, u64)| {
        let value = id.to_string();
        AuditFacetValue { label: name.unwrap_or_else(|| value.clone()), value, count }
    };
    AuditFacetsView {
        looked_at: found.looked_at,
        whole: found.whole,
        action: found.actions.into_iter().map(plain).collect(),
        actor: found.actors.into_iter().map(actor).collect(),
        object_kind: found.object_kinds.into_iter().map(plain).collect(),
        outcome: found.outcomes.into_iter().map(plain).collect(),
    }
}

/// An entry in full.
pub(super) fn detail(found: AuditRecord) -> AuditEntryDetailView {
    let promised = &found.record.personal;
    let erased =
        (promised.actor.is_some() && found.actor.is_none()) || (promised.object.is_some() && found.object.is_none());
    AuditEntryDetailView {
        entry: entry(&found),
        personal: found.object.as_ref().and_then(|part| part.get("data")).filter(|data| !data.is_null()).cloned(),
        before: found.record.before,
        after: found.record.after,
        erased,
        body: found.body,
        prev_hash: found.prev_hash,
        hash: found.hash,
    }
}

/// How the log stands.
pub(super) fn state(state: AuditState) -> AuditStateView {
    let checkpoint = state.checkpoint.map(|found| AuditCheckpointView {
        seq: found.seq,
        hash: found.hash,
        at: found.at,
        line: found.line,
    });
    let verification = state.verification.map(|found| AuditVerificationView {
        at: found.at,
        whole: found.whole,
        first_seq: found.first_seq,
        last_seq: found.last_seq,
        entries: found.entries,
        bad_seq: found.bad_seq,
        problem: found.problem,
    });
    AuditStateView {
        head_seq: state.head.as_ref().map_or(0, |head| head.seq),
        head_hash: state.head.map(|head| head.hash),
        cut_seq: state.cut_seq,
        checkpoint,
        verification,
    }
}
