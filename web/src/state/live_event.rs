//! Reads an event of the live stream, field by field. It could be derived; but a derived reader of an enum that is told apart
//! by a field brings a machinery of its own, some kilobytes of the first load, that nothing else here needs.

use contract::events::Event;
use domain::jobs::JobProgress;
use serde::Deserialize;
use serde_json::Value;

/// The event; `None` for one that this page does not know.
pub fn read(event: &Value) -> Option<Event> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let account = || text("account_id").and_then(|id| id.parse().ok());
    let user = |name: &str| text(name).and_then(|id| id.parse().ok());
    let region = || text("region").and_then(|name| name.parse().ok());
    Some(match text("type")? {
        "workspace_state" => Event::WorkspaceState {
            id: text("id")?.parse().ok()?,
            user_name: text("user_name")?.to_owned(),
            state: text("state")?.into(),
            before: text("before").map(Into::into),
            account_id: account(),
            region: region(),
            directory_id: text("directory_id").and_then(|id| id.parse().ok()),
        },
        "fleet_changed" => Event::FleetChanged {
            account_id: account()?,
            region: region(),
            rows: event.get("rows").and_then(Value::as_u64)?,
        },
        "job" => Event::Job {
            id: text("id")?.parse().ok()?,
            kind: text("kind")?.to_owned(),
            state: text("state")?.parse().ok()?,
            progress: JobProgress::deserialize(event.get("progress")?.clone()).ok()?,
            created_by: user("created_by"),
            account_id: account(),
            region: region(),
        },
        "account" => Event::Account { id: text("id")?.parse().ok()? },
        "schedule" => Event::Schedule { name: text("name")?.to_owned() },
        "budget_crossed" => Event::BudgetCrossed {
            id: text("id")?.parse().ok()?,
            threshold: event.get("threshold").and_then(Value::as_u64)?.try_into().ok()?,
            account_id: account(),
        },
        "changed" => Event::Changed {
            what: text("what")?.to_owned(),
            user_id: user("user_id"),
            account_id: account(),
            region: region(),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::ids::{AccountId, BudgetId, DirectoryId, JobId, UserId, WorkspaceId};
    use domain::jobs::JobState;
    use domain::workspace::WorkspaceState;
    use uuid::Uuid;

    use super::*;
    use crate::state::live::NAMES;

    #[test]
    fn every_event_is_listened_for_and_read_as_it_was_written() {
        let id = Uuid::from_u128(7);
        let state = |before| Event::WorkspaceState {
            id: WorkspaceId(id),
            user_name: "ana".to_owned(),
            state: WorkspaceState::Stopped,
            before,
            account_id: Some(AccountId(id)),
            region: "eu-central-1".parse().ok(),
            directory_id: Some(DirectoryId(id)),
        };
        let job = |created_by, total| Event::Job {
            id: JobId(id),
            kind: "sync-usage".to_owned(),
            state: JobState::Running,
            progress: JobProgress { done: 3, total, note: "reading".to_owned() },
            created_by,
            account_id: created_by.map(|_| AccountId(id)),
            region: None,
        };
        for event in [
            state(None),
            state(Some(WorkspaceState::Other("NEW".to_owned()))),
            Event::FleetChanged { account_id: AccountId(id), region: None, rows: 12 },
            job(None, None),
            job(Some(UserId(id)), Some(9)),
            Event::Account { id: AccountId(id) },
            Event::Schedule { name: "prune".to_owned() },
            Event::BudgetCrossed { id: BudgetId(id), threshold: 80, account_id: None },
            Event::Changed { what: "user".to_owned(), user_id: Some(UserId(id)), account_id: None, region: None },
            Event::Changed {
                what: "usage".to_owned(),
                user_id: None,
                account_id: Some(AccountId(id)),
                region: "eu-central-1".parse().ok(),
            },
        ] {
            // A kind that is added is a reader that is missing here.
            match &event {
                Event::WorkspaceState { .. }
                | Event::FleetChanged { .. }
                | Event::Job { .. }
                | Event::Account { .. }
                | Event::Schedule { .. }
                | Event::BudgetCrossed { .. }
                | Event::Changed { .. } => {}
            }
            assert!(NAMES.contains(&event.kind()), "nobody listens for {}", event.kind());
            assert_eq!(read(&serde_json::to_value(&event).unwrap()), Some(event));
        }
        for unknown in
            [serde_json::json!({}), serde_json::json!({ "type": "moon" }), serde_json::json!({ "type": "job" })]
        {
            assert_eq!(read(&unknown), None);
        }
    }
}
