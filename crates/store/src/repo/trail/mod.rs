//! CloudTrail's events: taken in by the batch, listed from the actor's scope, pruned by age. How a record is understood
//! (who, about what) is `services`; how much is covered is `repo::data_sets`.
//!
//! To add a filter: a field in [`TrailFilter`], a line in `query::conditions`, a case in the plan test.

mod append;
mod facets;
mod query;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, Region, TrailEventId, WorkspaceId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

pub use append::{TrailEventRow, trail_append};
pub use facets::{TrailFacets, TrailValue, trail_facets};
pub use query::{TrailFilter, TrailQuery};
#[cfg(test)]
pub(crate) use query::{behind as trail_behind_sql, facets as trail_facets_sql, page as trail_page_sql};

use crate::cursor::{Behind, Cursor};
use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::repo::scope::{Purpose, scoped_events};
use crate::sql::{Column, Sql, id_rows, micros};

/// An event of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEventRecord {
    /// Our id.
    pub id: TrailEventId,
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// AWS's id.
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
    /// The WorkSpaces it is about, by id; one of them may not be known.
    pub workspaces: Vec<WorkspaceId>,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPage {
    /// The events, the latest first.
    pub rows: Vec<TrailEventRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    region: String,
    event_id: String,
    at: DateTime<Utc>,
    name: String,
    source: String,
    read_only: Option<bool>,
    actor: String,
    actor_arn: Option<String>,
    source_ip: Option<String>,
    user_agent: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

/// A page of events, the latest first.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another scope or filter.
pub async fn trail_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &TrailQuery,
) -> Result<TrailPage, StoreError> {
    let mut rows: Vec<Row> = query::page(conn.get_database_backend(), scope, query)?.all_as(conn).await?;
    let limit = query.limit_rows();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next =
        rows.last().filter(|_| more).map(|last| Cursor::at(&query::name(scope, query), last.at, last.id).encode());
    Ok(TrailPage { rows: linked(conn, rows).await?, next })
}

/// The newest events behind that, `limit` at most: for a list that has others beside them.
pub(crate) async fn trail_behind(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &TrailFilter,
    from: &Behind<Uuid>,
    limit: usize,
) -> Result<Vec<TrailEventRecord>, StoreError> {
    let rows = query::behind(conn.get_database_backend(), scope, filter, from, limit).all_as(conn).await?;
    linked(conn, rows).await
}

/// How many events the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn trail_count(conn: &impl ConnectionTrait, scope: &Scope, filter: &TrailFilter) -> Result<u64, StoreError> {
    query::count(conn.get_database_backend(), scope, filter).count(conn).await
}

/// One event with its whole record.
///
/// # Errors
/// [`StoreError`].
pub async fn trail_fetch(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: TrailEventId,
) -> Result<Option<(TrailEventRecord, Value)>, StoreError> {
    #[derive(FromQueryResult)]
    struct WithDetail {
        #[sea_orm(nested)]
        row: Row,
        detail: Value,
    }
    let sql = Sql::new(conn)
        .text("SELECT ")
        .text(query::COLUMNS)
        .text(", t.detail FROM trail_event t WHERE t.id = ")
        .bind(id.0);
    let found: Option<WithDetail> = scoped_events(sql, scope, Purpose::All).one_as(conn).await?;
    let Some(WithDetail { row, detail }) = found else { return Ok(None) };
    Ok(linked(conn, vec![row]).await?.pop().map(|record| (record, detail)))
}

/// The records with what each is about.
async fn linked(conn: &impl ConnectionTrait, rows: Vec<Row>) -> Result<Vec<TrailEventRecord>, StoreError> {
    let mut links: HashMap<Uuid, Vec<WorkspaceId>> = HashMap::new();
    if !rows.is_empty() {
        let found = Sql::new(conn)
            .text("SELECT l.event_id, l.workspace_id FROM ")
            .rows(id_rows(rows.iter().map(|row| row.id)), &[("id", Column::Uuid)])
            .text(" CROSS JOIN trail_event_workspace l WHERE l.event_id = x.id")
            .all(conn)
            .await?;
        for link in found {
            let (event, workspace): (Uuid, Uuid) = (link.try_get_by_index(0)?, link.try_get_by_index(1)?);
            links.entry(event).or_default().push(WorkspaceId(workspace));
        }
    }
    rows.into_iter()
        .map(|row| {
            let mut workspaces = links.remove(&row.id).unwrap_or_default();
            workspaces.sort_unstable();
            Ok(TrailEventRecord {
                id: TrailEventId(row.id),
                account_id: AccountId(row.account_id),
                region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
                event_id: row.event_id,
                at: row.at,
                name: row.name,
                source: row.source,
                read_only: row.read_only,
                actor: row.actor,
                actor_arn: row.actor_arn,
                source_ip: row.source_ip,
                user_agent: row.user_agent,
                error_code: row.error_code,
                error_message: row.error_message,
                workspaces,
            })
        })
        .collect()
}

/// Forgets events from before that moment with their links, at most `limit` of them: call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn trail_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM trail_event WHERE id IN (SELECT p.id FROM trail_event p WHERE p.at < ")
        .bind(micros(before))
        .text(" ORDER BY p.at LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?
        .rows_affected();
    if gone > 0 {
        estimate_marks::mark_all(conn).await?;
    }
    Ok(gone)
}
