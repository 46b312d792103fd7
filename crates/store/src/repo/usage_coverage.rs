//! How far back and how far forward each WorkSpace's usage is known, and which WorkSpaces are due to be read. The usage
//! itself is `repo::usage`; what is read when is decided in `services`.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{AccountId, Region, WorkspaceId};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, micros, time_text};

/// A WorkSpace of which something is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageDue {
    /// The WorkSpace.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// From when to when its connected time is known; `None` when nothing was read yet.
    pub covered: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The day after the last whose measures are known.
    pub measured_to: Option<NaiveDate>,
}

/// What makes a WorkSpace due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueFor {
    /// Connected time that is not known back to `from` or not known up to `to`. A WorkSpace that is gone is due up to when
    /// it went.
    Connections {
        /// How far back it should be known.
        from: DateTime<Utc>,
        /// Up to when, not included.
        to: DateTime<Utc>,
    },
    /// Daily measures of days before this one.
    Measures {
        /// The first day that is not over.
        to: NaiveDate,
    },
}

/// WorkSpaces of a place that are due, in order of id, behind `after`.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_due(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    due: DueFor,
    after: Option<WorkspaceId>,
    limit: u64,
) -> Result<Vec<UsageDue>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        aws_id: String,
        covered_from: Option<DateTime<Utc>>,
        covered_to: Option<DateTime<Utc>>,
        measured_to: Option<NaiveDate>,
    }
    let sql = due_sql(conn.get_database_backend(), (account, region), due, after, limit);
    let rows: Vec<Row> = sql.all_as(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| UsageDue {
            id: WorkspaceId(row.id),
            aws_id: row.aws_id,
            covered: row.covered_from.zip(row.covered_to),
            measured_to: row.measured_to,
        })
        .collect())
}

/// What [`usage_due`] asks; its plan is tested.
pub(crate) fn due_sql(
    backend: DbBackend,
    (account, region): (AccountId, &Region),
    due: DueFor,
    after: Option<WorkspaceId>,
    limit: u64,
) -> Sql {
    let mut sql = place(
        Sql::of(backend).text(
            "SELECT w.id, w.aws_id, c.covered_from, c.covered_to, c.measured_to FROM workspace w \
             LEFT JOIN usage_coverage c ON c.workspace_id = w.id",
        ),
        account,
        region,
    );
    sql = match due {
        DueFor::Connections { from, to } => {
            let (from, to) = (micros(from), micros(to));
            // Gone before everything that could still be read: nothing is due. Gone since: until its end is covered.
            sql.text(" AND (c.covered_to IS NULL OR c.covered_to < ")
                .bind(to)
                .text(" OR c.covered_from > ")
                .bind(from)
                .text(") AND (w.gone_at IS NULL OR w.gone_at > COALESCE(c.covered_to, ")
                .bind(from)
                .text("))")
        }
        DueFor::Measures { to } => sql
            .text(" AND (c.measured_to IS NULL OR c.measured_to < ")
            .bind(to)
            .text(") AND c.covered_to IS NOT NULL AND w.gone_at IS NULL"),
    };
    if let Some(after) = after {
        sql = sql.text(" AND w.id > ").bind(after.0);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql.text(" ORDER BY w.id LIMIT ").bind(limit)
}

fn place(sql: Sql, account: AccountId, region: &Region) -> Sql {
    sql.text(" WHERE w.account_id = ").bind(account.0).text(" AND w.region = ").bind(region.as_str().to_owned())
}

/// Notes that the connected time of these WorkSpaces is known from when to when. What was known before and touches or
/// overlaps it is kept with it; what was known apart from it is not.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_covered(
    conn: &impl ConnectionTrait,
    covered: &[(WorkspaceId, DateTime<Utc>, DateTime<Utc>)],
) -> Result<(), StoreError> {
    let mut covered: Vec<_> = covered.iter().collect();
    covered.sort_unstable_by_key(|(id, _, _)| *id);
    let columns = [("id", Column::Uuid), ("first", Column::Time), ("last", Column::Time)];
    for batch in covered.chunks(4000) {
        let rows: Vec<_> = batch
            .iter()
            .map(|(id, from, to)| json!({ "id": id, "first": time_text(*from), "last": time_text(*to) }))
            .collect();
        Sql::new(conn)
            .text(
                "INSERT INTO usage_coverage (workspace_id, covered_from, covered_to) SELECT x.id, x.first, x.last FROM ",
            )
            .rows(serde_json::Value::Array(rows).to_string(), &columns)
            .text(
                " WHERE EXISTS (SELECT 1 FROM workspace w WHERE w.id = x.id) \
                 ON CONFLICT (workspace_id) DO UPDATE SET \
                 covered_from = CASE WHEN usage_coverage.covered_from < excluded.covered_from \
                 AND usage_coverage.covered_to >= excluded.covered_from THEN usage_coverage.covered_from \
                 ELSE excluded.covered_from END, \
                 covered_to = CASE WHEN usage_coverage.covered_to > excluded.covered_to \
                 AND usage_coverage.covered_from <= excluded.covered_to THEN usage_coverage.covered_to \
                 ELSE excluded.covered_to END",
            )
            .execute(conn)
            .await?;
        estimate_marks::mark_workspaces(conn, batch.iter().map(|(id, _, _)| *id)).await?;
    }
    Ok(())
}

/// Notes that the daily measures of these WorkSpaces are known before that day.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_measured(
    conn: &impl ConnectionTrait,
    workspaces: &[WorkspaceId],
    to: NaiveDate,
) -> Result<(), StoreError> {
    let mut ids: Vec<_> = workspaces.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    for batch in ids.chunks(4000) {
        Sql::new(conn)
            .text("UPDATE usage_coverage SET measured_to = ")
            .bind(to)
            .text(" WHERE workspace_id IN (SELECT x.id FROM ")
            .rows(crate::sql::id_rows(batch.iter().copied()), &[("id", Column::Uuid)])
            .text(")")
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Takes back what is said to be known from that moment on: the clock was ahead when it was written. Gives of how many
/// WorkSpaces.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_coverage_cut(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let of_place =
        |sql: Sql| place(sql.text(" AND workspace_id IN (SELECT w.id FROM workspace w"), account, region).text(")");
    let at = micros(at);
    let gone = of_place(Sql::new(conn).text("DELETE FROM usage_coverage WHERE covered_from >= ").bind(at))
        .execute(conn)
        .await?
        .rows_affected();
    let (day, first) = (at.date_naive(), at);
    let cut = of_place(
        Sql::new(conn)
            .text("UPDATE usage_coverage SET covered_to = ")
            .bind(first)
            .text(", measured_to = CASE WHEN measured_to > ")
            .bind(day)
            .text(" THEN ")
            .bind(day)
            .text(" ELSE measured_to END WHERE covered_to > ")
            .bind(first),
    )
    .execute(conn)
    .await?
    .rows_affected();
    if gone + cut > 0 {
        estimate_marks::mark(conn, account).await?;
    }
    Ok(gone + cut)
}

/// What is known of all WorkSpaces of a place that are there: the latest beginning and the earliest end. `None` when there
/// are none or one of them was not read yet.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_coverage_of_place(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        unread: i64,
        first: Option<DateTime<Utc>>,
        last: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = place(
        Sql::new(conn).text(
            "SELECT COUNT(*) - COUNT(c.workspace_id) AS unread, MAX(c.covered_from) AS first, MIN(c.covered_to) AS last \
             FROM workspace w LEFT JOIN usage_coverage c ON c.workspace_id = w.id",
        ),
        account,
        region,
    )
    .text(" AND w.gone_at IS NULL")
    .all_as(conn)
    .await?;
    Ok(rows.into_iter().find(|row| row.unread == 0).and_then(|row| row.first.zip(row.last)))
}

/// How many WorkSpaces of a place are there whose usage was never read.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_unread_of_place(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM workspace w LEFT JOIN usage_coverage c ON c.workspace_id = w.id";
    place(Sql::new(conn).text(sql), account, region)
        .text(" AND w.gone_at IS NULL AND c.workspace_id IS NULL")
        .count(conn)
        .await
}

/// The latest moment that is said to be known of any WorkSpace of a place.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_coverage_latest(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        last: Option<DateTime<Utc>>,
    }
    let sql = "SELECT MAX(c.covered_to) AS last FROM workspace w JOIN usage_coverage c ON c.workspace_id = w.id";
    let rows: Vec<Row> = place(Sql::new(conn).text(sql), account, region).all_as(conn).await?;
    Ok(rows.into_iter().find_map(|row| row.last))
}

/// Notes that days before that moment are forgotten: what was known of them is no longer, of at most `limit` WorkSpaces. Gives
/// of how many: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_coverage_forget(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    let before = micros(before);
    // Taken in order of id, as the sync takes them beside it.
    let some = |sql: Sql, limit: u64| {
        sql.text(" WHERE workspace_id IN (SELECT c.workspace_id FROM usage_coverage c WHERE c.covered_from < ")
            .bind(before)
            .text(" ORDER BY c.workspace_id LIMIT ")
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .either(" FOR UPDATE)", ")")
    };
    let gone = some(Sql::new(conn).text("DELETE FROM usage_coverage"), limit)
        .text(" AND covered_to <= ")
        .bind(before)
        .execute(conn)
        .await?
        .rows_affected();
    let rest = limit.saturating_sub(gone);
    let cut = some(Sql::new(conn).text("UPDATE usage_coverage SET covered_from = ").bind(before), rest)
        .text(" AND covered_to > ")
        .bind(before)
        .execute(conn)
        .await?
        .rows_affected();
    if gone + cut > 0 {
        estimate_marks::mark_all(conn).await?;
    }
    Ok(gone + cut)
}
