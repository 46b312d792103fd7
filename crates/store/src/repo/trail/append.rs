//! Taking in events by the batch: two statements for up to two thousand, however many WorkSpaces they name.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region, TrailEventId, WorkspaceId};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::costs::BILLING_EVENTS;
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, time_text};

/// Events in one statement at most.
const BATCH: usize = 2000;

/// An event to take in.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailEventRow {
    /// AWS's id of it, unique within the account and region.
    pub event_id: String,
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// The call, such as `StartWorkspaces`.
    pub name: String,
    /// The service, such as `workspaces.amazonaws.com`.
    pub source: String,
    /// Whether it only read.
    pub read_only: Option<bool>,
    /// Who, in words; empty when CloudTrail does not say.
    pub actor: String,
    /// Who, as an ARN.
    pub actor_arn: Option<String>,
    /// From where.
    pub source_ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// What AWS refused it with.
    pub error_code: Option<String>,
    /// Why AWS refused it.
    pub error_message: Option<String>,
    /// The whole record.
    pub detail: Value,
    /// AWS's ids of the WorkSpaces it is about (`ws-…`), known or not.
    pub workspaces: Vec<String>,
}

/// An event as it is written.
#[derive(Serialize)]
struct Row<'a> {
    id: Uuid,
    event_id: &'a str,
    at: String,
    name: &'a str,
    source: &'a str,
    read_only: Option<bool>,
    actor: &'a str,
    actor_arn: Option<&'a str>,
    source_ip: Option<&'a str>,
    user_agent: Option<&'a str>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
    detail: &'a Value,
}

const ROW: &[(&str, Column)] = &[
    ("id", Column::Uuid),
    ("event_id", Column::Text),
    ("at", Column::Time),
    ("name", Column::Text),
    ("source", Column::Text),
    ("read_only", Column::Bool),
    ("actor", Column::Text),
    ("actor_arn", Column::Text),
    ("source_ip", Column::Text),
    ("user_agent", Column::Text),
    ("error_code", Column::Text),
    ("error_message", Column::Text),
    ("detail", Column::Json),
];

/// What an event is about, as it is written.
#[derive(Serialize)]
struct Link {
    event_id: Uuid,
    workspace_id: Uuid,
    at: String,
}

const LINK: &[(&str, Column)] = &[("event_id", Column::Uuid), ("workspace_id", Column::Uuid), ("at", Column::Time)];

/// Takes in events of one account and region; those that are there already stay as they are. Gives how many were new.
///
/// An event is linked to its WorkSpaces by the ids that their rows have or will have: one that is read later is linked
/// from the beginning.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn trail_append(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    events: &[TrailEventRow],
) -> Result<u64, StoreError> {
    let mut new = 0;
    for batch in events.chunks(BATCH) {
        new += append_batch(conn, account, region, batch).await?;
    }
    Ok(new)
}

async fn append_batch(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    events: &[TrailEventRow],
) -> Result<u64, StoreError> {
    // In order of id, so that two writers don't cross.
    let events: BTreeMap<TrailEventId, &TrailEventRow> =
        events.iter().map(|event| (TrailEventId::derive(account, region, &event.event_id), event)).collect();
    let names: Vec<&str> = ROW.iter().map(|(name, _)| *name).collect();
    let rows: Vec<Row<'_>> = events.iter().map(|(id, event)| row(*id, event)).collect();
    let written = Sql::new(conn)
        .text("INSERT INTO trail_event (")
        .text(&names.join(", "))
        .text(", account_id, region) SELECT x.")
        .text(&names.join(", x."))
        .text(", ")
        .bind(account.0)
        .text(", ")
        .bind(region.as_str())
        .text(" FROM ")
        .rows(to_json(&rows)?, ROW)
        .text(" WHERE true ON CONFLICT (id) DO NOTHING")
        .execute(conn)
        .await?
        .rows_affected();
    // Those of known events too: an append that was cut off between the two is made good by the next.
    let links: Vec<Link> = events
        .iter()
        .flat_map(|(id, event)| {
            let at = time_text(event.at);
            event.workspaces.iter().map(move |aws_id| Link {
                event_id: id.0,
                workspace_id: WorkspaceId::derive(account, region, aws_id).0,
                at: at.clone(),
            })
        })
        .collect();
    let mut linked = 0;
    for batch in links.chunks(2 * BATCH) {
        linked += Sql::new(conn)
            .text(
                "INSERT INTO trail_event_workspace (event_id, workspace_id, at) SELECT x.event_id, x.workspace_id, x.at FROM ",
            )
            .rows(to_json(batch)?, LINK)
            .text(" WHERE true ON CONFLICT (event_id, workspace_id) DO NOTHING")
            .execute(conn)
            .await?
            .rows_affected();
    }
    let billing = events.values().any(|event| BILLING_EVENTS.contains(&event.name.as_str()));
    if billing && written + linked > 0 {
        estimate_marks::mark(conn, account).await?;
    }
    Ok(written)
}

fn row(id: TrailEventId, event: &TrailEventRow) -> Row<'_> {
    Row {
        id: id.0,
        event_id: &event.event_id,
        at: time_text(event.at),
        name: &event.name,
        source: &event.source,
        read_only: event.read_only,
        actor: &event.actor,
        actor_arn: event.actor_arn.as_deref(),
        source_ip: event.source_ip.as_deref(),
        user_agent: event.user_agent.as_deref(),
        error_code: event.error_code.as_deref(),
        error_message: event.error_message.as_deref(),
        detail: &event.detail,
    }
}

fn to_json<T: Serialize>(rows: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|e| StoreError::corrupt("CloudTrail event", e))
}
