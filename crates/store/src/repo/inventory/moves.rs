//! Changes that no Describe told of: WorkSpaces that went, and states that an action has set.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, DirectoryId, Region, SyncRunId, WorkspaceId};
use domain::workspace::WorkspaceState;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::StateChange;
use super::apply::{BATCH, history_append};
use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, id_rows, micros};

#[derive(FromQueryResult)]
struct Mover {
    id: Uuid,
    aws_id: String,
    account_id: Uuid,
    region: String,
    directory_id: Uuid,
    user_name: String,
    state: String,
}

/// Marks as gone what the account and region have and the run did not see. Only for a run that read every page, and before
/// it is ended: with its end what it saw is forgotten.
///
/// # Errors
/// [`StoreError`].
pub async fn mark_gone(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    run: SyncRunId,
    at: DateTime<Utc>,
) -> Result<Vec<StateChange>, StoreError> {
    let missed: Vec<Mover> = Sql::new(conn)
        .text("SELECT id, aws_id, account_id, region, directory_id, user_name, state FROM workspace WHERE gone_at IS NULL AND account_id = ")
        .bind(account.0)
        .text(" AND region = ")
        .bind(region.as_str())
        .text(" AND NOT EXISTS (SELECT 1 FROM sync_seen s WHERE s.workspace_id = workspace.id AND s.run_id = ")
        .bind(run.0)
        .text(") ORDER BY id")
        .all_as(conn)
        .await?;
    move_to(conn, missed, &WorkspaceState::Terminated, at, true).await
}

/// Marks those WorkSpaces as gone: AWS said that it does not know them.
///
/// # Errors
/// [`StoreError`].
pub async fn workspaces_mark_gone(
    conn: &impl ConnectionTrait,
    ids: &[WorkspaceId],
    at: DateTime<Utc>,
) -> Result<Vec<StateChange>, StoreError> {
    let there = movers(conn, ids, "w.gone_at IS NULL").await?;
    move_to(conn, there, &WorkspaceState::Terminated, at, true).await
}

/// Sets the state that AWS shows right after it accepted an action, so that nobody waits for the next sync to see it.
/// Gives those that were in another.
///
/// # Errors
/// [`StoreError`].
pub async fn workspaces_state_set(
    conn: &impl ConnectionTrait,
    ids: &[WorkspaceId],
    state: &WorkspaceState,
    at: DateTime<Utc>,
) -> Result<Vec<StateChange>, StoreError> {
    let there = movers(conn, ids, "w.gone_at IS NULL").await?;
    move_to(conn, there.into_iter().filter(|w| w.state != state.as_str()).collect(), state, at, false).await
}

/// Whether the account and region have a WorkSpace in one of these states that came into it after that moment.
///
/// # Errors
/// [`StoreError`].
pub async fn moving_since(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    states: &[WorkspaceState],
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let found = Sql::new(conn)
        .text("SELECT 1 FROM workspace WHERE gone_at IS NULL AND account_id = ")
        .bind(account.0)
        .text(" AND region = ")
        .bind(region.as_str())
        .text(" AND state_since > ")
        .bind(micros(since))
        .text(" AND ")
        .bind_in("state", states.iter().map(WorkspaceState::as_str))
        .text(" LIMIT 1")
        .one(conn)
        .await?;
    Ok(found.is_some())
}

async fn movers(conn: &impl ConnectionTrait, ids: &[WorkspaceId], and: &str) -> Result<Vec<Mover>, StoreError> {
    Sql::new(conn)
        .text("SELECT w.id, w.aws_id, w.account_id, w.region, w.directory_id, w.user_name, w.state FROM workspace w WHERE w.id IN (SELECT x.id FROM ")
        .rows(id_rows(ids.iter().map(|id| id.0)), &[("id", Column::Uuid)])
        .text(") AND ")
        .text(and)
        .text(" ORDER BY w.id")
        .all_as(conn)
        .await
}

async fn move_to(
    conn: &impl ConnectionTrait,
    movers: Vec<Mover>,
    state: &WorkspaceState,
    at: DateTime<Utc>,
    gone: bool,
) -> Result<Vec<StateChange>, StoreError> {
    let at = micros(at);
    let mut changes = Vec::with_capacity(movers.len());
    for some in movers.chunks(BATCH) {
        let mut sql = Sql::new(conn)
            .text("UPDATE workspace SET state = ")
            .bind(state.as_str())
            .text(", state_since = ")
            .bind(at)
            .text(", changed_at = ")
            .bind(at)
            // Whoever was connected is not any more; the next look at connections says who is.
            .text(", connection_state = NULL");
        if gone {
            sql = sql.text(", gone_at = ").bind(at);
        }
        sql.text(" FROM ")
            .rows(id_rows(some.iter().map(|w| w.id)), &[("id", Column::Uuid)])
            .text(" WHERE workspace.id = x.id")
            .execute(conn)
            .await?;
        if gone {
            estimate_marks::mark_workspaces(conn, some.iter().map(|w| WorkspaceId(w.id))).await?;
        }
        let moved = some.iter().map(|w| {
            Ok(StateChange {
                id: WorkspaceId(w.id),
                aws_id: w.aws_id.clone(),
                account_id: AccountId(w.account_id),
                region: w.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
                directory_id: DirectoryId(w.directory_id),
                user_name: w.user_name.clone(),
                before: Some(w.state.as_str().into()),
                after: state.clone(),
            })
        });
        let moved = moved.collect::<Result<Vec<_>, StoreError>>()?;
        history_append(conn, at, &moved).await?;
        changes.extend(moved);
    }
    Ok(changes)
}
