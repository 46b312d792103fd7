//! Batches of WorkSpaces: read what is known, tell apart in Rust, write only what differs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::{BundleId, DirectoryId, SyncRunId, WorkspaceId};
use domain::workspace::ObservedWorkspace;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use super::{StateChange, SyncContext, configuration};
use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::repo::usage::rollups;
use crate::sql::{Column, Sql, id_rows, micros, time_text};

/// Rows in one statement at most: keeps a statement's JSON near half a megabyte.
pub(super) const BATCH: usize = 500;

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// New ones.
    pub added: u64,
    /// Ones that differ from what was known, those that came back among them.
    pub changed: u64,
    /// Ones as they were.
    pub unchanged: u64,
    /// The WorkSpaces that are new or differ.
    pub changed_ids: Vec<WorkspaceId>,
    /// Those of them in another state; a new one has no state before.
    pub state_changes: Vec<StateChange>,
}

impl BatchOutcome {
    fn add(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.changed_ids.extend(other.changed_ids);
        self.state_changes.extend(other.state_changes);
    }
}

/// Everything one Describe tells of a WorkSpace, as it is written.
#[derive(Serialize)]
struct Row<'a> {
    id: Uuid,
    aws_id: &'a str,
    directory_id: Uuid,
    directory_aws_id: &'a str,
    bundle_id: Uuid,
    bundle_aws_id: &'a str,
    user_name: &'a str,
    user_key: String,
    state: &'a str,
    computer_name: Option<&'a str>,
    ip_address: Option<&'a str>,
    subnet_id: Option<&'a str>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
    running_mode: Option<&'a str>,
    auto_stop_timeout_minutes: Option<i32>,
    compute_type: Option<&'a str>,
    root_volume_gib: Option<i32>,
    user_volume_gib: Option<i32>,
    protocol: Option<&'a str>,
    operating_system: Option<&'a str>,
    root_volume_encrypted: bool,
    user_volume_encrypted: bool,
    fingerprint: Uuid,
    search: String,
}

const ROW: &[(&str, Column)] = &[
    ("id", Column::Uuid),
    ("aws_id", Column::Text),
    ("directory_id", Column::Uuid),
    ("directory_aws_id", Column::Text),
    ("bundle_id", Column::Uuid),
    ("bundle_aws_id", Column::Text),
    ("user_name", Column::Text),
    ("user_key", Column::Text),
    ("state", Column::Text),
    ("computer_name", Column::Text),
    ("ip_address", Column::Text),
    ("subnet_id", Column::Text),
    ("error_code", Column::Text),
    ("error_message", Column::Text),
    ("running_mode", Column::Text),
    ("auto_stop_timeout_minutes", Column::Int),
    ("compute_type", Column::Text),
    ("root_volume_gib", Column::Int),
    ("user_volume_gib", Column::Int),
    ("protocol", Column::Text),
    ("operating_system", Column::Text),
    ("root_volume_encrypted", Column::Bool),
    ("user_volume_encrypted", Column::Bool),
    ("fingerprint", Column::Uuid),
    ("search", Column::Text),
];

/// Where a new row may have been known before: what decides whether it is written.
#[derive(FromQueryResult)]
struct Known {
    id: Uuid,
    state: String,
    fingerprint: Uuid,
    gone_at: Option<DateTime<Utc>>,
    directory_id: Uuid,
    bundle_id: Uuid,
    running_mode: Option<String>,
    compute_type: Option<String>,
    user_name: String,
    auto_stop_timeout_minutes: Option<i32>,
    root_volume_gib: Option<i32>,
    user_volume_gib: Option<i32>,
    operating_system: Option<String>,
}

impl Known {
    /// Whether sums of usage tell it apart otherwise than before.
    fn moves(&self, row: &Row<'_>) -> bool {
        let mode_and_compute = (self.running_mode.as_deref(), self.compute_type.as_deref());
        (self.directory_id, self.bundle_id) != (row.directory_id, row.bundle_id)
            || mode_and_compute != (row.running_mode, row.compute_type)
    }

    /// Whether it costs otherwise, or is told apart otherwise by what it costs. What only moves between states does not.
    fn costs_otherwise(&self, row: &Row<'_>) -> bool {
        let volumes = (self.root_volume_gib, self.user_volume_gib);
        self.gone_at.is_some()
            || self.moves(row)
            || self.user_name != row.user_name
            || self.auto_stop_timeout_minutes != row.auto_stop_timeout_minutes
            || volumes != (row.root_volume_gib, row.user_volume_gib)
            || self.operating_system.as_deref() != row.operating_system
    }
}

/// Brings in WorkSpaces as one or more Describe answers showed them. One that had gone is there again. The caller appends
/// the events of the state changes in the same transaction.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn inventory_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedWorkspace],
) -> Result<BatchOutcome, StoreError> {
    let mut outcome = BatchOutcome::default();
    for batch in observed.chunks(BATCH) {
        outcome.add(apply_batch(conn, ctx, batch).await?);
    }
    Ok(outcome)
}

async fn apply_batch(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedWorkspace],
) -> Result<BatchOutcome, StoreError> {
    // A page may show a WorkSpace twice when the fleet changes under the paging: the later answer holds. In order of
    // id, so that two writers take rows in the same order.
    let mut seen: Vec<_> = observed
        .iter()
        .map(|one| (WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id), one))
        .collect::<HashMap<_, _>>()
        .into_iter()
        .collect();
    seen.sort_unstable_by_key(|(id, _)| *id);

    let all = id_rows(seen.iter().map(|(id, _)| id.0));
    let known: Vec<Known> = Sql::new(conn)
        .text(
            "SELECT w.id, w.state, w.fingerprint, w.gone_at, w.directory_id, w.bundle_id, w.running_mode, w.compute_type, \
             w.user_name, w.auto_stop_timeout_minutes, w.root_volume_gib, w.user_volume_gib, w.operating_system \
             FROM workspace w WHERE w.id IN (SELECT x.id FROM ",
        )
        .rows(all.clone(), &[("id", Column::Uuid)])
        .text(")")
        .all_as(conn)
        .await?;
    let known: HashMap<Uuid, Known> = known.into_iter().map(|row| (row.id, row)).collect();

    let mut outcome = BatchOutcome::default();
    let mut write = Vec::new();
    let mut others = Vec::new();
    for (id, one) in seen {
        let fingerprint = fingerprint(one)?;
        let before = known.get(&id.0);
        if before.is_some_and(|b| b.fingerprint == fingerprint && b.state == one.state.as_str() && b.gone_at.is_none())
        {
            outcome.unchanged += 1;
            continue;
        }
        match before {
            None => outcome.added += 1,
            Some(_) => outcome.changed += 1,
        }
        if before.is_none_or(|b| b.state != one.state.as_str()) {
            outcome.state_changes.push(StateChange {
                id,
                aws_id: one.aws_id.clone(),
                account_id: ctx.account_id,
                region: ctx.region.clone(),
                directory_id: DirectoryId::derive(ctx.account_id, &ctx.region, &one.directory_id),
                user_name: one.user_name.clone(),
                before: before.map(|b| b.state.as_str().into()),
                after: one.state.clone(),
            });
        }
        if before.is_some_and(|b| b.fingerprint != fingerprint) {
            others.push((id, one));
        }
        outcome.changed_ids.push(id);
        write.push(row(ctx, id, one, fingerprint));
    }
    let before = if others.is_empty() {
        HashMap::new()
    } else {
        configuration::known(conn, others.iter().map(|(id, _)| *id)).await?
    };
    let changes: Vec<_> = others
        .iter()
        .filter_map(|(id, one)| Some(configuration::changes(*id, before.get(id)?, one)))
        .flatten()
        .collect();
    let moved = |row: &&Row<'_>| known.get(&row.id).is_some_and(|before| before.moves(row));
    let moved: Vec<_> = write.iter().filter(moved).map(|row| WorkspaceId(row.id)).collect();
    rollups::move_out(conn, &moved).await?;
    upsert(conn, ctx, &write).await?;
    rollups::moved_in(conn, &moved).await?;
    if write.iter().any(|row| known.get(&row.id).is_none_or(|before| before.costs_otherwise(row))) {
        estimate_marks::mark(conn, ctx.account_id).await?;
    }
    configuration::append(conn, ctx.at, &changes).await?;
    if let Some(run) = ctx.run {
        seen_append(conn, run, all).await?;
    }
    history_append(conn, ctx.at, &outcome.state_changes).await?;
    Ok(outcome)
}

/// A short name for everything that was observed: equal means nothing to write.
fn fingerprint(one: &ObservedWorkspace) -> Result<Uuid, StoreError> {
    let text = serde_json::to_vec(one).map_err(|e| StoreError::corrupt("observed WorkSpace", e))?;
    Ok(Uuid::new_v5(&Uuid::NAMESPACE_OID, &text))
}

fn row<'a>(ctx: &SyncContext, id: WorkspaceId, one: &'a ObservedWorkspace, fingerprint: Uuid) -> Row<'a> {
    // Short on purpose: its trigrams are the dearest part of the row. Directory and bundle are found by their own columns.
    let mut search = String::with_capacity(64);
    let parts = [
        Some(one.user_name.as_str()),
        one.computer_name.as_deref(),
        Some(one.aws_id.as_str()),
        one.ip_address.as_deref(),
    ];
    for part in parts.into_iter().flatten() {
        if !search.is_empty() {
            search.push(' ');
        }
        search.push_str(&part.to_lowercase());
    }
    Row {
        id: id.0,
        aws_id: &one.aws_id,
        directory_id: DirectoryId::derive(ctx.account_id, &ctx.region, &one.directory_id).0,
        directory_aws_id: &one.directory_id,
        bundle_id: BundleId::derive(ctx.account_id, &ctx.region, &one.bundle_id).0,
        bundle_aws_id: &one.bundle_id,
        user_name: &one.user_name,
        user_key: one.user_name.to_lowercase(),
        state: one.state.as_str(),
        computer_name: one.computer_name.as_deref(),
        ip_address: one.ip_address.as_deref(),
        subnet_id: one.subnet_id.as_deref(),
        error_code: one.error_code.as_deref(),
        error_message: one.error_message.as_deref(),
        running_mode: one.running_mode.as_ref().map(|v| v.as_str()),
        auto_stop_timeout_minutes: one.auto_stop_timeout_minutes,
        compute_type: one.compute_type.as_ref().map(|v| v.as_str()),
        root_volume_gib: one.root_volume_gib,
        user_volume_gib: one.user_volume_gib,
        protocol: one.protocol.as_ref().map(|v| v.as_str()),
        operating_system: one.operating_system.as_deref(),
        root_volume_encrypted: one.root_volume_encrypted,
        user_volume_encrypted: one.user_volume_encrypted,
        fingerprint,
        search,
    }
}

async fn upsert(conn: &impl ConnectionTrait, ctx: &SyncContext, rows: &[Row<'_>]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(rows).map_err(|e| StoreError::corrupt("observed WorkSpace", e))?;
    let names: Vec<&str> = ROW.iter().map(|(name, _)| *name).collect();
    let at = micros(ctx.at);
    let mut sql = Sql::new(conn)
        .text("INSERT INTO workspace (")
        .text(&names.join(", "))
        .text(", account_id, region, state_since, first_seen_at, changed_at, tag_text) SELECT x.")
        .text(&names.join(", x."))
        .text(", ")
        .bind(ctx.account_id.0)
        .text(", ")
        .bind(ctx.region.as_str());
    for _ in ["state_since", "first_seen_at", "changed_at"] {
        sql = sql.text(", ").bind(at).either("::timestamptz", "");
    }
    sql = sql.text(", '' FROM ").rows(json, ROW);
    // SQLite needs a WHERE between a SELECT and ON CONFLICT.
    sql = sql.text(
        " WHERE true ON CONFLICT (id) DO UPDATE SET gone_at = NULL, changed_at = excluded.changed_at, \
         state_since = CASE WHEN workspace.state = excluded.state THEN workspace.state_since ELSE excluded.state_since END, \
         search = excluded.search || workspace.tag_text",
    );
    for name in names.iter().filter(|name| !["id", "aws_id", "search"].contains(name)) {
        sql = sql.text(&format!(", {name} = excluded.{name}"));
    }
    sql.execute(conn).await?;
    Ok(())
}

/// Notes what a run has seen; it is forgotten when the run ends (`repo::sync_runs`).
async fn seen_append(conn: &impl ConnectionTrait, run: SyncRunId, ids: String) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO sync_seen (run_id, workspace_id) SELECT ")
        .bind(run.0)
        .either("::uuid", "")
        .text(", x.id FROM ")
        .rows(ids, &[("id", Column::Uuid)])
        .text(" WHERE true ON CONFLICT (run_id, workspace_id) DO NOTHING")
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes down changes of state. What is new has none: its first state is known from the row and its later history.
pub(super) async fn history_append(
    conn: &impl ConnectionTrait,
    at: DateTime<Utc>,
    changes: &[StateChange],
) -> Result<(), StoreError> {
    let at = time_text(at);
    let rows: Vec<_> = changes
        .iter()
        .filter(|change| change.before.is_some())
        .map(|change| {
            serde_json::json!({
                "workspace_id": change.id, "at": at, "before": change.before.as_ref().map(|s| s.as_str()),
                "after": change.after.as_str(),
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns =
        [("workspace_id", Column::Uuid), ("at", Column::Time), ("before", Column::Text), ("after", Column::Text)];
    Sql::new(conn)
        .text("INSERT INTO workspace_state_history (workspace_id, at, \"before\", \"after\") SELECT x.workspace_id, x.at, x.\"before\", x.\"after\" FROM ")
        .rows(serde_json::Value::Array(rows).to_string(), &columns)
        .execute(conn)
        .await?;
    Ok(())
}
