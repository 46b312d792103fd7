//! Looking at the log: pages of it, newest first, and one entry.

use chrono::{DateTime, Utc};
use domain::audit::{Outcome, Record};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;

use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::sql::{Sql, like_anywhere, micros};

/// What the list is narrowed to. An empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who acted.
    pub actor: Option<UserId>,
    /// What was done, exactly.
    pub actions: Vec<String>,
    /// The kind of the object.
    pub object_kind: Option<String>,
    /// The object's id.
    pub object_id: Option<String>,
    /// How it ended.
    pub outcomes: Vec<Outcome>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// A request id, an object's id, or a word of what was done or of a personal part.
    pub q: Option<String>,
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// What it is narrowed to.
    pub filter: AuditFilter,
    /// Rows at most.
    pub limit: u64,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// An entry, with what of its personal parts was not erased.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// Its place.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What it says.
    pub record: Record,
    /// Its text, which is what is hashed.
    pub body: String,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// Its hash.
    pub hash: String,
    /// The actor's personal part.
    pub actor: Option<Value>,
    /// The object's personal part.
    pub object: Option<Value>,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditPage {
    /// The entries, newest first.
    pub rows: Vec<AuditRecord>,
    /// Where the next page begins.
    pub next: Option<String>,
}

const SELECT: &str = "SELECT e.seq, e.at, e.body, e.prev_hash, e.hash, a.body, o.body FROM audit_entry e \
    LEFT JOIN audit_personal a ON a.seq = e.seq AND a.subject = 'actor' \
    LEFT JOIN audit_personal o ON o.seq = e.seq AND o.subject = 'object' WHERE true";

fn narrowed(mut sql: Sql, filter: &AuditFilter) -> Sql {
    if let Some(actor) = filter.actor {
        sql = sql.text(" AND e.actor_id = ").bind(actor.0);
    }
    if !filter.actions.is_empty() {
        sql = sql.text(" AND ").bind_in("e.action", filter.actions.iter().cloned());
    }
    if let Some(kind) = &filter.object_kind {
        sql = sql.text(" AND e.object_kind = ").bind(kind.clone());
    }
    if let Some(id) = &filter.object_id {
        sql = sql.text(" AND e.object_id = ").bind(id.clone());
    }
    if !filter.outcomes.is_empty() {
        sql = sql.text(" AND ").bind_in("e.outcome", filter.outcomes.iter().map(|outcome| outcome.as_str()));
    }
    if let Some(from) = filter.from {
        sql = sql.text(" AND e.at >= ").bind(micros(from));
    }
    if let Some(to) = filter.to {
        sql = sql.text(" AND e.at < ").bind(micros(to));
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let q = q.replace('\0', "").to_lowercase();
        let pattern = like_anywhere(&q);
        sql = sql.text(" AND (e.request_id = ").bind(q.clone()).text(" OR e.object_id = ").bind(q);
        sql = sql.text(" OR e.action LIKE ").bind(pattern.clone()).text(" ESCAPE '\\' OR EXISTS (SELECT 1 FROM ");
        sql = sql.text("audit_personal p WHERE p.seq = e.seq AND lower(p.body) LIKE ").bind(pattern);
        sql = sql.text(" ESCAPE '\\'))");
    }
    sql
}

/// A page of entries, newest first.
///
/// # Errors
/// [`StoreError`], with [`StoreError::BadCursor`] for a cursor of another filter.
pub async fn audit_list(conn: &impl ConnectionTrait, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let list = list_name(&format!("audit {:?}", query.filter));
    let mut sql = narrowed(Sql::new(conn).text(SELECT), &query.filter);
    if let Some(cursor) = &query.cursor {
        sql = sql.text(" AND e.seq < ").bind(Cursor::<i64>::decode(cursor, &list)?.id);
    }
    let limit = query.limit.clamp(1, 10_000);
    let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let found = sql.text(" ORDER BY e.seq DESC LIMIT ").bind(most).all(conn).await?;
    let mut rows = found.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| Cursor::new(&list, String::new(), last.seq).encode());
    Ok(AuditPage { rows, next })
}

/// How many entries the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_count(conn: &impl ConnectionTrait, filter: &AuditFilter) -> Result<u64, StoreError> {
    narrowed(Sql::new(conn).text("SELECT count(*) FROM audit_entry e WHERE true"), filter).count(conn).await
}

/// One entry; `None` when there is none, or none any more.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_fetch(conn: &impl ConnectionTrait, seq: i64) -> Result<Option<AuditRecord>, StoreError> {
    let found = Sql::new(conn).text(SELECT).text(" AND e.seq = ").bind(seq).one(conn).await?;
    found.as_ref().map(read).transpose()
}

fn read(row: &QueryResult) -> Result<AuditRecord, StoreError> {
    let body: String = row.try_get_by_index(2)?;
    let part = |at: usize| -> Result<Option<Value>, StoreError> {
        let text: Option<String> = row.try_get_by_index(at)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    };
    let record = serde_json::from_str(&body).map_err(|error| StoreError::corrupt("audit entry", error))?;
    Ok(AuditRecord {
        seq: row.try_get_by_index(0)?,
        at: row.try_get_by_index(1)?,
        record,
        prev_hash: row.try_get_by_index(3)?,
        hash: row.try_get_by_index(4)?,
        actor: part(5)?,
        object: part(6)?,
        body,
    })
}
