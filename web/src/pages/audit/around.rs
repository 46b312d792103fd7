//! From an entry of our own log to AWS's events about the same WorkSpace around that time, and from an event to our own entries. Pure.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use contract::audit::{AuditEntryView, AuditQuery};
use contract::trail::TrailQuery;
use domain::ids::WorkspaceId;

use crate::state::url_list::query_path;

/// So much before and after: an order waits for its job, and AWS tells when it was called.
const AROUND: TimeDelta = TimeDelta::minutes(30);

/// The address of AWS's events about what an entry is about; `None` where that is no WorkSpace.
pub fn in_aws(entry: &AuditEntryView) -> Option<String> {
    let id = entry.object_id.as_deref().filter(|_| entry.object_kind.as_deref() == Some("workspace"))?;
    let (from, to) = around(entry.at);
    let workspace = Some(id.parse::<WorkspaceId>().ok()?);
    Some(query_path("/audit", &TrailQuery { workspace, from, to, ..TrailQuery::default() }))
}

/// The address of our own entries about a WorkSpace, around the time of an event.
pub fn in_log(workspace: WorkspaceId, at: DateTime<Utc>) -> String {
    let (from, to) = around(at);
    query_path("/audit/log", &AuditQuery { object_id: Some(workspace.to_string()), from, to, ..AuditQuery::default() })
}

fn around(at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let at = at.trunc_subsecs(0);
    (at.checked_sub_signed(AROUND), at.checked_add_signed(AROUND))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::state::url_list::read_query;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn entry(object_kind: &str, object_id: &str) -> AuditEntryView {
        AuditEntryView {
            seq: 7,
            at: time("2026-11-21T10:00:00.25Z"),
            actor_kind: "system".to_owned(),
            actor_id: None,
            actor_name: None,
            address: None,
            session_id: None,
            key_id: None,
            permission: None,
            action: format!("{object_kind}.stop"),
            object_kind: Some(object_kind.to_owned()),
            object_id: Some(object_id.to_owned()),
            object_name: None,
            outcome: "done".to_owned(),
            reason: None,
            request_id: None,
        }
    }

    #[test]
    fn an_entry_leads_to_events_that_the_other_page_can_read() {
        let id = WorkspaceId(Uuid::from_u128(7));
        let href = in_aws(&entry("workspace", &id.to_string())).unwrap();
        let wanted = TrailQuery {
            workspace: Some(id),
            from: Some(time("2026-11-21T09:30:00Z")),
            to: Some(time("2026-11-21T10:30:00Z")),
            ..TrailQuery::default()
        };
        assert_eq!(read_query::<TrailQuery>(href.strip_prefix("/audit").unwrap()), (wanted, Vec::new()), "{href}");
        // What is no WorkSpace, or no id of one, leads nowhere.
        assert_eq!(in_aws(&entry("user", &id.to_string())), None);
        assert_eq!(in_aws(&entry("workspace", "../admin")), None);
        assert_eq!(in_aws(&AuditEntryView { object_id: None, ..entry("workspace", "") }), None);
    }

    #[test]
    fn an_event_leads_to_entries_that_the_other_page_can_read() {
        let id = WorkspaceId(Uuid::from_u128(7));
        let href = in_log(id, time("2026-11-21T00:10:00Z"));
        let wanted = AuditQuery {
            object_id: Some(id.to_string()),
            from: Some(time("2026-11-20T23:40:00Z")),
            to: Some(time("2026-11-21T00:40:00Z")),
            ..AuditQuery::default()
        };
        assert_eq!(read_query::<AuditQuery>(href.strip_prefix("/audit/log").unwrap()), (wanted, Vec::new()), "{href}");
    }
}
