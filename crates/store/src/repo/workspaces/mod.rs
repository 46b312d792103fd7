//! The fleet as people look at it: the list with its filters, sorts and keyset pages, one WorkSpace, and the numbers of the
//! overview. Every function starts from a [`Scope`]; there is no unscoped one. What syncs write is `repo::inventory`.
//!
//! To add a filter: a field in [`WorkspaceFilter`], a line in `query::conditions`, an index, a case in the plan test.
//! To add a sort: a variant in [`WorkspaceSort`], a row in `query::sort_key`, its index with `id` behind it.

mod facets;
mod group;
mod places;
mod query;
mod record;
mod tag_keys;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::WorkspaceId;
use domain::workspace::{Tags, WorkspaceState};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

#[cfg(test)]
pub(crate) use facets::facets_sql as workspace_facets_sql;
pub use facets::{Facet, WorkspaceFacets, workspace_facets};
pub use group::{GroupCount, WorkspaceGroup, workspace_group_counts};
#[cfg(test)]
pub(crate) use places::quota_count_sql;
pub use places::{
    PlaceFilter, PlaceOrder, PlacePage, PlaceQuery, PlaceRow, PlaceSort, bundle_page, directory_page, image_page,
    quota_count, quota_page,
};
pub(crate) use query::conditions;
pub use query::{GoneFilter, SortDirection, WorkspaceFilter, WorkspaceQuery, WorkspaceSort};
pub use record::WorkspaceRecord;
pub use tag_keys::{TagKeyPage, workspace_tag_keys};

use crate::cursor::Cursor;
use crate::db::Backend;
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_workspaces};
use crate::sql::Sql;
use record::WorkspaceRow;

/// A page of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspacePage {
    /// The WorkSpaces, in order.
    pub rows: Vec<WorkspaceRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A change of state that was seen or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateHistoryRecord {
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The state before; `None` when it was first seen.
    pub before: Option<WorkspaceState>,
    /// The state after.
    pub after: WorkspaceState,
}

/// One page of the list.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another scope, filter or sort.
pub async fn workspace_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &WorkspaceQuery,
) -> Result<WorkspacePage, StoreError> {
    let sql = query::page(conn.get_database_backend(), scope, query)?;
    let mut rows: Vec<WorkspaceRow> = sql.all_as(conn).await?;
    let limit = query.limit_rows();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last() {
        Some(last) if more => {
            let key = query::cursor_key(query.sort, last);
            Some(Cursor::new(&query::name(scope, query), key, last.id).encode())
        }
        _ => None,
    };
    let rows = rows.into_iter().map(WorkspaceRecord::try_from).collect::<Result<_, _>>()?;
    Ok(WorkspacePage { rows, next })
}

/// The cursor of the page that begins after so many rows of a list; `None` when it has no more. It is found by counting along the
/// sort's index, so that it takes the longer the further it is; from there on pages go by cursor.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_cursor_after(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &WorkspaceQuery,
    rows: u32,
) -> Result<Option<String>, StoreError> {
    let Some(skipped) = rows.checked_sub(1) else { return Ok(None) };
    let sql = query::nth_id(conn.get_database_backend(), scope, query, skipped);
    let Some(found) = sql.all(conn).await?.pop() else { return Ok(None) };
    let id: Uuid = found.try_get_by_index(0)?;
    let sql = query::select(Sql::new(conn)).text(" WHERE w.id = ").bind(id);
    let mut row: Vec<WorkspaceRow> = scoped_workspaces(sql, scope, Purpose::All).all_as(conn).await?;
    let cursor =
        |row: WorkspaceRow| Cursor::new(&query::name(scope, query), query::cursor_key(query.sort, &row), row.id);
    Ok(row.pop().map(|row| cursor(row).encode()))
}

/// The statement of [`workspace_list`] with its values written into it, for EXPLAIN and, on Postgres, benches (SQLite keeps
/// ids as bytes, which such text does not match).
///
/// # Errors
/// [`StoreError::BadCursor`].
pub fn workspace_list_sql(backend: Backend, scope: &Scope, query: &WorkspaceQuery) -> Result<String, StoreError> {
    Ok(query::page(backend.into(), scope, query)?.inlined())
}

/// The statement of [`workspace_count`] with its values written into it, for benches and EXPLAIN.
#[must_use]
pub fn workspace_count_sql(backend: Backend, scope: &Scope, filter: &WorkspaceFilter) -> String {
    query::count(backend.into(), scope, filter).inlined()
}

/// How many WorkSpaces the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_count(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
) -> Result<u64, StoreError> {
    query::count(conn.get_database_backend(), scope, filter).count(conn).await
}

/// The ids of the WorkSpaces that the filter leaves, in no order.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_ids(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
) -> Result<Vec<WorkspaceId>, StoreError> {
    let sql = Sql::new(conn).text("SELECT w.id FROM workspace w");
    let rows = conditions(sql, Purpose::All, scope, filter).all(conn).await?;
    rows.iter().map(|row| Ok(WorkspaceId(row.try_get_by_index(0)?))).collect()
}

/// One WorkSpace, gone or not.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_fetch(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: WorkspaceId,
) -> Result<Option<WorkspaceRecord>, StoreError> {
    Ok(workspaces_fetch_many(conn, scope, &[id]).await?.pop())
}

/// Those of the WorkSpaces that are known and in scope, in no particular order.
///
/// # Errors
/// [`StoreError`].
pub async fn workspaces_fetch_many(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[WorkspaceId],
) -> Result<Vec<WorkspaceRecord>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    // Far below both databases' limits of parameters.
    for some in ids.chunks(1000) {
        let sql = query::select(Sql::new(conn)).text(" WHERE ").bind_in("w.id", some.iter().map(|id| id.0));
        let rows: Vec<WorkspaceRow> = scoped_workspaces(sql, scope, Purpose::All).all_as(conn).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// The changes of state of a WorkSpace, the latest first; the last one, if the limit reaches that far, is when it was first
/// seen.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_history(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: WorkspaceId,
    limit: u64,
) -> Result<Vec<StateHistoryRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        at: DateTime<Utc>,
        before: Option<String>,
        after: String,
    }
    let Some(workspace) = workspace_fetch(conn, scope, id).await? else { return Ok(Vec::new()) };
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT h.at, h.\"before\", h.\"after\" FROM workspace_state_history h WHERE h.workspace_id = ")
        .bind(id.0)
        .text(" ORDER BY h.at DESC, h.id DESC LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all_as(conn)
        .await?;
    let state = |text: String| WorkspaceState::from(text);
    let mut history: Vec<_> = rows
        .into_iter()
        .map(|row| StateHistoryRecord { at: row.at, before: row.before.map(state), after: state(row.after) })
        .collect();
    if u64::try_from(history.len()).is_ok_and(|length| length < limit) {
        let first = history.last().and_then(|oldest| oldest.before.clone()).unwrap_or(workspace.state);
        history.push(StateHistoryRecord { at: workspace.first_seen_at, before: None, after: first });
    }
    Ok(history)
}

/// The tags of a WorkSpace, as last read.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_tags(conn: &impl ConnectionTrait, scope: &Scope, id: WorkspaceId) -> Result<Tags, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        key: String,
        value: String,
    }
    let sql = Sql::new(conn)
        .text("SELECT t.key, t.value FROM workspace_tag t JOIN workspace w ON w.id = t.workspace_id WHERE t.workspace_id = ")
        .bind(id.0);
    let rows: Vec<Row> = scoped_workspaces(sql, scope, Purpose::All).all_as(conn).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.value)).collect())
}

/// How many WorkSpaces of each account are in AWS now.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_account_counts(
    conn: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<(domain::ids::AccountId, u64)>, StoreError> {
    let sql = Sql::new(conn).text("SELECT w.account_id, count(*) FROM workspace w WHERE w.gone_at IS NULL");
    let rows = scoped_workspaces(sql, scope, Purpose::All).text(" GROUP BY w.account_id").all(conn).await?;
    rows.iter()
        .map(|row| {
            let (id, count): (Uuid, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((id.into(), u64::try_from(count).unwrap_or(0)))
        })
        .collect()
}
