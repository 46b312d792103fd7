//! What is read apart from the inventory: tags, one WorkSpace at a time and the longest unread first, and connection states.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::workspace::{ObservedConnection, Tags};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::{SyncContext, configuration};
use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows, time_text};

/// A WorkSpace whose tags should be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagsDue {
    /// The WorkSpace.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// When they were last read; `None` for never.
    pub read_at: Option<DateTime<Utc>>,
}

/// The WorkSpaces whose tags were never read, then those read longest ago.
///
/// # Errors
/// [`StoreError`].
pub async fn tags_due(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    limit: u64,
) -> Result<Vec<TagsDue>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        aws_id: String,
        tags_read_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT id, aws_id, tags_read_at FROM workspace WHERE gone_at IS NULL AND account_id = ")
        .bind(account.0)
        .text(" AND region = ")
        .bind(region.as_str())
        .either(
            " ORDER BY COALESCE(tags_read_at, TIMESTAMPTZ '1970-01-01 00:00:00+00'), id LIMIT ",
            " ORDER BY COALESCE(tags_read_at, ''), id LIMIT ",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all_as(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| TagsDue { id: WorkspaceId(row.id), aws_id: row.aws_id, read_at: row.tags_read_at })
        .collect())
}

/// Takes the rows of WorkSpaces that are about to be changed in more than one go, in order of id. The inventory, tags and
/// connections are read beside each other: taken as they come, two of them would wait for each other.
async fn hold(conn: &impl ConnectionTrait, ids: String) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    if !sql.is_postgres() {
        return Ok(());
    }
    sql.text("SELECT w.id FROM workspace w WHERE w.id IN (SELECT x.id FROM ")
        .rows(ids, &[("id", Column::Uuid)])
        .text(") ORDER BY w.id FOR NO KEY UPDATE")
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces the tags of WorkSpaces. Gives how many had others.
///
/// # Errors
/// [`StoreError`].
pub async fn tags_apply(
    conn: &impl ConnectionTrait,
    read: &[(WorkspaceId, Tags)],
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    if read.is_empty() {
        return Ok(0);
    }
    let ids = || id_rows(read.iter().map(|(id, _)| id.0));
    let id = [("id", Column::Uuid)];
    hold(conn, ids()).await?;
    let changes = configuration::tag_changes(conn, read).await?;
    Sql::new(conn)
        .text("DELETE FROM workspace_tag WHERE workspace_id IN (SELECT x.id FROM ")
        .rows(ids(), &id)
        .text(")")
        .execute(conn)
        .await?;
    let tags: Vec<_> = read
        .iter()
        .flat_map(|(id, tags)| tags.iter().map(move |(key, value)| json!({ "id": id, "key": key, "value": value })))
        .collect();
    if !tags.is_empty() {
        // Through the WorkSpaces that are there: one may have been forgotten meanwhile.
        Sql::new(conn)
            .text("INSERT INTO workspace_tag (workspace_id, key, value) SELECT x.id, x.key, x.value FROM ")
            .rows(
                serde_json::Value::Array(tags).to_string(),
                &[("id", Column::Uuid), ("key", Column::Text), ("value", Column::Text)],
            )
            .text(" WHERE x.id IN (SELECT w.id FROM workspace w)")
            .execute(conn)
            .await?;
    }
    let texts: Vec<_> = read.iter().map(|(id, tags)| json!({ "id": id, "tag_text": tag_text(tags) })).collect();
    let texts = serde_json::Value::Array(texts).to_string();
    let columns = [("id", Column::Uuid), ("tag_text", Column::Text)];
    let changed = Sql::new(conn)
        .text("UPDATE workspace SET tag_text = x.tag_text, search = ")
        .either(
            "split_part(workspace.search, chr(10), 1)",
            "substr(workspace.search, 1, instr(workspace.search || char(10), char(10)) - 1)",
        )
        .text(" || x.tag_text FROM ")
        .rows(texts, &columns)
        .text(" WHERE workspace.id = x.id AND workspace.tag_text <> x.tag_text")
        .execute(conn)
        .await?;
    Sql::new(conn)
        .text("UPDATE workspace SET tags_read_at = ")
        .bind(crate::sql::micros(at))
        .text(" FROM ")
        .rows(ids(), &id)
        .text(" WHERE workspace.id = x.id")
        .execute(conn)
        .await?;
    configuration::append(conn, at, &changes).await?;
    Ok(changed.rows_affected())
}

/// The tags as text to search in; begins with the line break that parts it from the rest.
fn tag_text(tags: &Tags) -> String {
    tags.iter().map(|(key, value)| format!("\n{key}={value}").to_lowercase()).collect()
}

/// Brings in connection states. WorkSpaces that are not known are passed over. Gives how many changed: connected or not,
/// or connected since.
///
/// # Errors
/// [`StoreError`].
pub async fn connections_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedConnection],
) -> Result<u64, StoreError> {
    if observed.is_empty() {
        return Ok(0);
    }
    // One that came on two pages holds as it came last.
    let by_id: BTreeMap<_, _> =
        observed.iter().map(|one| (WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id), one)).collect();
    hold(conn, id_rows(by_id.keys().map(|id| id.0))).await?;
    let rows: Vec<_> = by_id
        .into_iter()
        .map(|(id, one)| {
            json!({
                "id": id, "state": one.state.as_str(),
                "checked_at": time_text(one.checked_at.unwrap_or(ctx.at)), "last_at": one.last_connected_at.map(time_text),
            })
        })
        .collect();
    let rows = serde_json::Value::Array(rows).to_string();
    let columns =
        [("id", Column::Uuid), ("state", Column::Text), ("checked_at", Column::Time), ("last_at", Column::Time)];
    let changed = Sql::new(conn)
        .text(
            "UPDATE workspace SET connection_state = x.state, connection_checked_at = x.checked_at, \
             last_connected_at = COALESCE(x.last_at, workspace.last_connected_at) FROM ",
        )
        .rows(rows.clone(), &columns)
        .text(
            " WHERE workspace.id = x.id AND workspace.gone_at IS NULL AND (workspace.connection_state IS DISTINCT FROM x.state \
             OR (x.last_at IS NOT NULL AND workspace.last_connected_at IS DISTINCT FROM x.last_at))",
        )
        .execute(conn)
        .await?;
    // The rest was looked at too: an update that touches no index.
    Sql::new(conn)
        .text("UPDATE workspace SET connection_checked_at = x.checked_at FROM ")
        .rows(rows, &columns)
        .text(" WHERE workspace.id = x.id AND workspace.gone_at IS NULL AND workspace.connection_checked_at IS DISTINCT FROM x.checked_at")
        .execute(conn)
        .await?;
    Ok(changed.rows_affected())
}

/// How many of these are of WorkSpaces that are not known, or gone.
///
/// # Errors
/// [`StoreError`].
pub async fn connections_unknown(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedConnection],
) -> Result<u64, StoreError> {
    let ids = observed.iter().map(|one| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id).0);
    Sql::new(conn)
        .text("SELECT count(*) FROM ")
        .rows(id_rows(ids), &[("id", Column::Uuid)])
        .text(" WHERE NOT EXISTS (SELECT 1 FROM workspace w WHERE w.id = x.id AND w.gone_at IS NULL)")
        .count(conn)
        .await
}
