//! Sums of usage that are kept beside its days, so that a year of a large fleet is not added up at each look: what every WorkSpace
//! had come to by the end of each day (`weeks`, and out of them `days`), and each day by what WorkSpaces are filtered by (`fleet`),
//! which is summed by month once more (`months`).
//!
//! Whoever writes `usage_day`, or what WorkSpaces are filtered by, does it between [`lock`] and the functions here, in one
//! transaction: the sums are those of the days at every commit. Columns and tables are explained in the migration that makes them.
//! To add a measure: a line in [`MEASURES`], and a migration with its columns.

mod days;
mod fleet;
mod months;
mod weeks;

#[cfg(test)]
pub(crate) mod tests;

use chrono::NaiveDate;
use domain::ids::WorkspaceId;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::sql::Sql;

pub(super) use days::by_day;
#[cfg(test)]
pub(crate) use days::weekly_sql;
pub(super) use fleet::{answers, by_day_sql, by_series_sql, tells};
pub(crate) use months::people_sql;
pub use months::usage_months_mend;
pub(super) use months::week_counts;
#[cfg(test)]
pub(crate) use months::week_sql;
pub(super) use weeks::{period, used};

/// What is summed, and what a day `d` adds to it.
const MEASURES: [(&str, &str); 4] =
    [("days", "1"), ("minutes", "d.connected_minutes"), ("hours", "d.hours"), ("sessions", "d.sessions")];

/// The advisory lock of those who write sums, on Postgres: "USAGE" in ASCII.
const LOCK: i64 = 0x55_5341_4745;

/// The days of one WorkSpace that change, the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) workspace: WorkspaceId,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
}

/// Lets one transaction after the other write sums: one that moves a WorkSpace from one sum to another must see every day of it.
/// On SQLite there is one writer anyway. Take it before the days are read that will be written.
pub(super) async fn lock(conn: &impl ConnectionTrait) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    if sql.is_postgres() {
        sql.text("SELECT pg_advisory_xact_lock(").bind(LOCK).text(")").execute(conn).await?;
    }
    Ok(())
}

/// Takes days out of the sums, before they change.
pub(super) async fn take_out(conn: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), StoreError> {
    fleet::add(conn, fleet::Sign::Minus, &fleet::Which::Changed(changed)).await
}

/// Puts days into the sums, after they changed.
pub(super) async fn put_in(conn: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), StoreError> {
    fleet::add(conn, fleet::Sign::Plus, &fleet::Which::Changed(changed)).await?;
    weeks::rewrite(conn, changed).await
}

/// Takes WorkSpaces out of the sums that tell them apart, before what they are filtered by changes. Call [`moved_in`] afterwards.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn move_out(conn: &impl ConnectionTrait, ids: &[WorkspaceId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    lock(conn).await?;
    fleet::add(conn, fleet::Sign::Minus, &fleet::Which::Workspaces(ids)).await
}

/// Puts them in where they are now.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn moved_in(conn: &impl ConnectionTrait, ids: &[WorkspaceId]) -> Result<(), StoreError> {
    fleet::add(conn, fleet::Sign::Plus, &fleet::Which::Workspaces(ids)).await
}

/// Takes the oldest days before that day, at most `limit`, out of the sums: call it before they are forgotten.
pub(super) async fn forget(conn: &impl ConnectionTrait, before: NaiveDate, limit: i64) -> Result<(), StoreError> {
    lock(conn).await?;
    weeks::forget(conn, before, limit).await?;
    fleet::add(conn, fleet::Sign::Minus, &fleet::Which::Oldest { before, limit }).await
}

/// Drops the sums of before that day: once nothing is left there that they are of.
pub(super) async fn drop_before(conn: &impl ConnectionTrait, before: NaiveDate) -> Result<(), StoreError> {
    weeks::drop_before(conn, before).await?;
    months::drop_before(conn, before).await?;
    fleet::drop_before(conn, before).await
}

/// The oldest days before that day: those that are forgotten next.
pub(super) fn oldest(sql: Sql, columns: &str, before: NaiveDate, limit: i64) -> Sql {
    sql.text(&format!("SELECT {columns} FROM usage_day WHERE day < "))
        .bind(before)
        .text(" ORDER BY day, workspace_id LIMIT ")
        .bind(limit)
}

/// Every measure's part of a statement, with commas between.
fn each(part: impl Fn(&str, &str) -> String) -> String {
    MEASURES.map(|(measure, value)| part(measure, value)).join(", ")
}

/// Rows as one JSON value.
fn rows_json(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

/// A row of [`Changed`] days.
fn days_row(changed: &Changed) -> Value {
    json!({ "id": changed.workspace, "first": changed.first, "last": changed.last })
}

/// The weekday of a day, 0 for Monday. 1 January of the year 1 was one, and no day is earlier; `extract` would count in numerics.
pub(super) fn weekday(day: &str, postgres: bool) -> String {
    if postgres {
        format!("({day} - DATE '0001-01-01') % 7")
    } else {
        format!("(CAST(strftime('%w', {day}) AS integer) + 6) % 7")
    }
}
