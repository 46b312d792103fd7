//! Bringing in a stretch of usage of many WorkSpaces: read what is known of it, tell apart in Rust, write what differs.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::ids::WorkspaceId;
use domain::usage::ConnectedInterval;
use domain::usage::intervals::{self, replace_window};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use super::read::{DAY_COLUMNS, DayRow, intervals_of};
use super::rollups::{self, Changed};
use super::{BATCH, UsageDayRow, UsageOutcome, WorkspaceUsage};
use crate::error::StoreError;
use crate::repo::changes::changes;
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, id_rows, time_text};

/// WorkSpaces looked at together.
const WORKSPACES: usize = 2000;

/// Brings in what was read of many WorkSpaces: within each one's stretch of time its intervals, and on the days it touches
/// its days, are afterwards what is given, whatever was there before. An interval that crosses an edge of the stretch stays
/// one interval. What did not change is not written; WorkSpaces that are not known are passed over. The latter of two
/// entries for one WorkSpace holds. Call it in a transaction, with some hundred WorkSpaces at a time: on SQLite nobody else
/// writes meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_window_replace(
    conn: &impl ConnectionTrait,
    read: &[WorkspaceUsage],
) -> Result<UsageOutcome, StoreError> {
    let mut outcome = UsageOutcome::default();
    for batch in read.chunks(WORKSPACES) {
        let mut by_id: Vec<&WorkspaceUsage> =
            batch.iter().map(|one| (one.workspace_id, one)).collect::<HashMap<_, _>>().into_values().collect();
        let there = known(conn, &by_id).await?;
        let given = by_id.len();
        by_id.retain(|one| there.contains(&one.workspace_id.0) && one.from < one.to);
        outcome.unknown += (given - there.len()) as u64;
        if by_id.is_empty() {
            continue;
        }
        // In order of id, so that two writers take rows in the same order.
        by_id.sort_unstable_by_key(|one| one.workspace_id);
        let (intervals, days) = (replace_intervals(conn, &by_id).await?, replace_days(conn, &by_id).await?);
        outcome.intervals += intervals;
        outcome.days += days;
        if intervals + days > 0 {
            estimate_marks::mark_workspaces(conn, by_id.iter().map(|one| one.workspace_id)).await?;
        }
    }
    Ok(outcome)
}

/// Those of the WorkSpaces that have a row.
async fn known(conn: &impl ConnectionTrait, read: &[&WorkspaceUsage]) -> Result<HashSet<Uuid>, StoreError> {
    let ids = id_rows(read.iter().map(|one| one.workspace_id.0));
    let rows = Sql::new(conn)
        .text("SELECT w.id FROM ")
        .rows(ids, &[("id", Column::Uuid)])
        .text(" JOIN workspace w ON w.id = x.id")
        .all(conn)
        .await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// One interval as it is written.
#[derive(Serialize)]
struct Interval {
    id: Uuid,
    s: String,
    e: String,
}

const INTERVAL: &[(&str, Column)] = &[("id", Column::Uuid), ("s", Column::Time), ("e", Column::Time)];

async fn replace_intervals(conn: &impl ConnectionTrait, read: &[&WorkspaceUsage]) -> Result<u64, StoreError> {
    let windows = read.iter().map(|one| (one.workspace_id, one.from, one.to));
    let mut known = intervals_of(conn, windows).await?;
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for one in read {
        let before = known.remove(&one.workspace_id).unwrap_or_default();
        let after = replace_window(&before, &one.intervals, one.from.timestamp(), one.to.timestamp());
        let differ = intervals::changes(&before, &after);
        removed.extend(differ.removed.into_iter().filter_map(|piece| interval(one.workspace_id.0, piece)));
        added.extend(differ.added.into_iter().filter_map(|piece| interval(one.workspace_id.0, piece)));
    }
    for batch in removed.chunks(BATCH) {
        Sql::new(conn)
            .text("DELETE FROM usage_interval WHERE (workspace_id, started_at) IN (SELECT x.id, x.s FROM ")
            .rows(rows_json(batch)?, INTERVAL)
            .text(")")
            .execute(conn)
            .await?;
    }
    for batch in added.chunks(BATCH) {
        Sql::new(conn)
            .text("INSERT INTO usage_interval (workspace_id, started_at, ended_at) SELECT x.id, x.s, x.e FROM ")
            .rows(rows_json(batch)?, INTERVAL)
            .text(" WHERE true ON CONFLICT (workspace_id, started_at) DO UPDATE SET ended_at = excluded.ended_at")
            .execute(conn)
            .await?;
    }
    Ok((removed.len() + added.len()) as u64)
}

fn interval(id: Uuid, piece: ConnectedInterval) -> Option<Interval> {
    Some(Interval { id, s: time_text(piece.started_at()?), e: time_text(piece.ended_at()?) })
}

fn rows_json<T: Serialize>(rows: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|e| StoreError::corrupt("row of usage", e))
}

/// The first and the last day that a stretch touches.
fn days_of(from: DateTime<Utc>, to: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    (from.date_naive(), (to - Duration::microseconds(1)).date_naive())
}

/// One day as it is written.
#[derive(Serialize)]
struct Day {
    id: Uuid,
    day: NaiveDate,
    hour_mask: u32,
    hours: u32,
    connected_minutes: u32,
    sessions: u32,
    first_at: String,
    last_at: String,
    resolution_secs: u32,
}

const DAY: &[(&str, Column)] = &[
    ("id", Column::Uuid),
    ("day", Column::Date),
    ("hour_mask", Column::Int),
    ("hours", Column::Int),
    ("connected_minutes", Column::Int),
    ("sessions", Column::Int),
    ("first_at", Column::Time),
    ("last_at", Column::Time),
    ("resolution_secs", Column::Int),
];

async fn replace_days(conn: &impl ConnectionTrait, read: &[&WorkspaceUsage]) -> Result<u64, StoreError> {
    rollups::lock(conn).await?;
    let before = known_days(conn, read).await?;
    let mut after = BTreeMap::new();
    for one in read {
        let (first, last) = days_of(one.from, one.to);
        let within = one.days.iter().filter(|day| (first..=last).contains(&day.day));
        after.extend(within.map(|day| ((one.workspace_id.0, day.day), *day)));
    }
    let differ = changes(before, after, |a, b| a == b);
    let changed = changed(differ.remove.iter().chain(differ.write.iter().map(|(key, _)| key)));
    if changed.is_empty() {
        return Ok(0);
    }
    rollups::take_out(conn, &changed).await?;
    let removed: Vec<_> = differ.remove.iter().map(|(id, day)| serde_json::json!({ "id": id, "day": day })).collect();
    for batch in removed.chunks(BATCH) {
        Sql::new(conn)
            .text("DELETE FROM usage_day WHERE (workspace_id, day) IN (SELECT x.id, x.day FROM ")
            .rows(rows_json(batch)?, &[("id", Column::Uuid), ("day", Column::Date)])
            .text(")")
            .execute(conn)
            .await?;
    }
    for batch in differ.write.chunks(BATCH) {
        let rows: Vec<_> = batch.iter().map(|((id, _), day)| row(*id, day)).collect();
        Sql::new(conn)
            .text(
                "INSERT INTO usage_day (workspace_id, day, hour_mask, hours, connected_minutes, sessions, first_at, last_at, \
                 resolution_secs) SELECT x.id, x.day, x.hour_mask, x.hours, x.connected_minutes, x.sessions, x.first_at, \
                 x.last_at, x.resolution_secs FROM ",
            )
            .rows(rows_json(&rows)?, DAY)
            .text(
                " WHERE true ON CONFLICT (workspace_id, day) DO UPDATE SET hour_mask = excluded.hour_mask, \
                 hours = excluded.hours, connected_minutes = excluded.connected_minutes, sessions = excluded.sessions, \
                 first_at = excluded.first_at, last_at = excluded.last_at, resolution_secs = excluded.resolution_secs",
            )
            .execute(conn)
            .await?;
    }
    rollups::put_in(conn, &changed).await?;
    Ok(differ.outcome.written())
}

/// From which to which day each WorkSpace changes, by id.
fn changed<'a>(days: impl Iterator<Item = &'a (Uuid, NaiveDate)>) -> Vec<Changed> {
    let mut changed = BTreeMap::<Uuid, Changed>::new();
    for &(id, day) in days {
        let one = changed.entry(id).or_insert(Changed { workspace: WorkspaceId(id), first: day, last: day });
        one.first = one.first.min(day);
        one.last = one.last.max(day);
    }
    changed.into_values().collect()
}

fn row(id: Uuid, day: &UsageDayRow) -> Day {
    Day {
        id,
        day: day.day,
        hour_mask: day.hour_mask.bits(),
        hours: day.hour_mask.count(),
        connected_minutes: day.connected_minutes,
        sessions: day.sessions,
        first_at: time_text(day.first_at),
        last_at: time_text(day.last_at),
        resolution_secs: day.resolution_secs,
    }
}

/// The days that are known within each WorkSpace's stretch.
async fn known_days(
    conn: &impl ConnectionTrait,
    read: &[&WorkspaceUsage],
) -> Result<BTreeMap<(Uuid, NaiveDate), UsageDayRow>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        #[sea_orm(nested)]
        day: DayRow,
    }
    let windows: Vec<_> = read
        .iter()
        .map(|one| {
            let (first, last) = days_of(one.from, one.to);
            serde_json::json!({ "id": one.workspace_id, "first": first, "last": last })
        })
        .collect();
    let columns = [("id", Column::Uuid), ("first", Column::Date), ("last", Column::Date)];
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT d.workspace_id, ")
        .text(DAY_COLUMNS)
        .text(" FROM ")
        .rows(rows_json(&windows)?, &columns)
        .text(" CROSS JOIN usage_day d WHERE d.workspace_id = x.id AND d.day >= x.first AND d.day <= x.last")
        .all_as(conn)
        .await?;
    rows.into_iter().map(|row| Ok(((row.workspace_id, row.day.day), row.day.try_into()?))).collect()
}
