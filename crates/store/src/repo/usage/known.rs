//! How far usage is known: of all that a filter leaves of the fleet, and of each group of it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::Scope;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::UsageGroup;
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::repo::workspaces::{WorkspaceFilter, conditions};
use crate::sql::Sql;

/// So long after a place was first read its WorkSpaces may still be found for the first time that were there all along: a large
/// fleet is read in pages, and a read that breaks off goes on later.
const FIRST_READ: TimeDelta = TimeDelta::days(1);

/// How far the usage of WorkSpaces is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageKnown {
    /// WorkSpaces in all.
    pub workspaces: u64,
    /// Of these, those whose usage was never read.
    pub unread: u64,
    /// The latest of the moments from which on they are known, of those that were read; of one that came later than others of
    /// its account and region only where that is after it came.
    pub from: Option<DateTime<Utc>>,
    /// The earliest of the moments up to which they are known, of those that were read.
    pub to: Option<DateTime<Utc>>,
}

/// WorkSpaces of one group and place that were first seen on one day.
#[derive(FromQueryResult)]
struct Seen {
    key: String,
    account_id: Uuid,
    region: String,
    seen: NaiveDate,
    workspaces: i64,
    read: i64,
    first: Option<DateTime<Utc>>,
    since: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
}

/// How far the usage of the WorkSpaces that the filter leaves is known. One that was first seen later than others of its account
/// and region was not there before, and does not make what came before unknown.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_known(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
) -> Result<UsageKnown, StoreError> {
    let sql = seen(Sql::new(conn), "''");
    let sql = conditions(sql, Purpose::All, scope, filter).text(" GROUP BY 2, 3, 4");
    let rows: Vec<Seen> = sql.all_as(conn).await?;
    Ok(known(&rows))
}

/// The same of each group with one of these values, by value: as if the fleet were narrowed to it. A group of which no WorkSpace is
/// left is none of them, and neither are days and months.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_known_of(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    group: &UsageGroup,
    keys: &[&str],
) -> Result<HashMap<String, UsageKnown>, StoreError> {
    if keys.is_empty() || group.is_time() {
        return Ok(HashMap::new());
    }
    let sql = Sql::new(conn);
    let (key, _) = group.columns(sql.is_postgres());
    let sql = conditions(group.joins(seen(sql, key)), Purpose::All, scope, filter);
    let rows: Vec<Seen> = sql.any_of(key, keys.iter().copied()).text(" GROUP BY 1, 2, 3, 4").all_as(conn).await?;
    let mut groups = HashMap::<String, Vec<Seen>>::new();
    for row in rows {
        groups.entry(row.key.clone()).or_default().push(row);
    }
    Ok(groups.into_iter().map(|(key, rows)| (key, known(&rows))).collect())
}

/// Adds the columns of [`Seen`] with that expression of a group's value, and the tables that they look at.
fn seen(sql: Sql, key: &str) -> Sql {
    sql.text(&format!("SELECT {key} AS key, w.account_id, w.region, "))
        .either("CAST(w.first_seen_at AT TIME ZONE 'UTC' AS date)", "substr(w.first_seen_at, 1, 10)")
        .text(
            " AS seen, count(*) AS workspaces, count(c.workspace_id) AS read, max(c.covered_from) AS first, \
             max(CASE WHEN c.covered_from > w.first_seen_at THEN c.covered_from END) AS since, \
             min(c.covered_to) AS last FROM workspace w LEFT JOIN usage_coverage c ON c.workspace_id = w.id",
        )
}

/// How far all of these are known.
fn known(rows: &[Seen]) -> UsageKnown {
    let mut places = HashMap::<(Uuid, &str), NaiveDate>::new();
    for row in rows {
        let first = places.entry((row.account_id, row.region.as_str())).or_insert(row.seen);
        *first = row.seen.min(*first);
    }
    let n = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut known = UsageKnown::default();
    for row in rows {
        let first = places.get(&(row.account_id, row.region.as_str()));
        let later = first.is_some_and(|first| row.seen - *first > FIRST_READ);
        known.workspaces += n(row.workspaces);
        known.unread += n(row.workspaces - row.read);
        // What is known of one that came later from before it came on is known of its whole life.
        known.from = known.from.max(if later { row.since } else { row.first });
        known.to = known.to.into_iter().chain(row.last).min();
    }
    // The first ones were not read yet, others were.
    known.from = known.from.or_else(|| rows.iter().filter_map(|row| row.first).max());
    known
}
