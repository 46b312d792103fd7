//! Looking at the log: pages of it, newest first, and one entry. What a word to look for means is `find`'s.

use chrono::{DateTime, Utc};
use domain::audit::{COMINGS, LOOKS, Outcome, Record};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;

use super::find::Find;
use crate::cursor::{Behind, Cursor, list_name};
use crate::error::StoreError;
use crate::sql::{Sql, micros};

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
    /// Only what changed something or was to: without looks, and without who came and went.
    pub changes_only: bool,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// A request's id, an object's UUID, or a word of what was done or of a personal part.
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
    /// Where the next page begins. In a search by words there may be one behind a page without rows.
    pub next: Option<String>,
    /// The place where a search by words stopped looking; `None` when it came to the beginning.
    pub looked_back_to: Option<i64>,
}

const SELECT: &str = "SELECT e.seq, e.at, e.body, e.prev_hash, e.hash, a.body, o.body FROM audit_entry e \
    LEFT JOIN audit_personal a ON a.seq = e.seq AND a.subject = 'actor' \
    LEFT JOIN audit_personal o ON o.seq = e.seq AND o.subject = 'object' WHERE true";

/// What stands behind the point of an action's name.
const VERB_POSTGRES: &str = "substr(e.action, strpos(e.action, '.') + 1)";
const VERB_SQLITE: &str = "substr(e.action, instr(e.action, '.') + 1)";

/// Adds what the filter narrows to, to a statement over `audit_entry e` that ends in a condition.
pub(super) fn narrowed(mut sql: Sql, filter: &AuditFilter, find: &Find) -> Sql {
    if let Some(actor) = filter.actor {
        sql = sql.text(" AND e.actor_id = ").bind(actor.0);
    }
    sql = sql.any_of("e.action", filter.actions.iter().cloned());
    if let Some(kind) = &filter.object_kind {
        // Beside an id the kind leads nowhere sooner; SQLite would rather walk along it.
        let along = if filter.object_id.is_some() { " AND +e.object_kind = " } else { " AND e.object_kind = " };
        sql = sql.either(" AND e.object_kind = ", along).bind(kind.clone());
    }
    if let Some(id) = &filter.object_id {
        sql = sql.text(" AND e.object_id = ").bind(id.clone());
    }
    if !filter.outcomes.is_empty() {
        sql = sql.text(" AND ").bind_in("e.outcome", filter.outcomes.iter().map(|outcome| outcome.as_str()));
        if !filter.outcomes.contains(&Outcome::Done) {
            // As the index says it: SQLite draws no conclusions.
            sql = sql.text(" AND e.outcome <> 'done'");
        }
    }
    if filter.changes_only {
        let verb = if sql.is_postgres() { VERB_POSTGRES } else { VERB_SQLITE };
        sql = sql.text(" AND NOT (").bind_in(verb, LOOKS.iter().copied()).text(")");
        sql = sql.text(" AND NOT (").bind_in("e.action", COMINGS.iter().copied()).text(")");
    }
    // The same for moments.
    let at = if filter.object_id.is_some() { " AND +e.at" } else { " AND e.at" };
    if let Some(from) = filter.from {
        sql = sql.either(" AND e.at", at).text(" >= ").bind(micros(from));
    }
    if let Some(to) = filter.to {
        sql = sql.either(" AND e.at", at).text(" < ").bind(micros(to));
    }
    find.narrow(sql)
}

/// A page of entries, newest first. A search by words looks at [`WORD_WINDOW`] places at most and says how far it came; its
/// next page goes on there.
///
/// # Errors
/// [`StoreError`], with [`StoreError::BadCursor`] for a cursor of another filter.
pub async fn audit_list(conn: &impl ConnectionTrait, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let (list, from) = start(query)?;
    let find = Find::of(conn, &query.filter, from.as_ref()).await?;
    let limit = query.limit.clamp(1, 10_000);
    let found = page(Sql::new(conn), &query.filter, &find, from.as_ref(), limit).all(conn).await?;
    let mut rows = found.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let looked_back_to = find.floor();
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(Cursor::new(&list, find.key(), last.seq)),
        None => looked_back_to.map(|floor| Cursor::new(&list, String::new(), floor)),
    };
    Ok(AuditPage { rows, next: next.map(|next| next.encode()), looked_back_to })
}

/// The name of the list, and where the page begins.
fn start(query: &AuditQuery) -> Result<(String, Option<Cursor<i64>>), StoreError> {
    let list = list_name(&format!("audit {:?}", query.filter));
    let from = query.cursor.as_deref().map(|cursor| Cursor::decode(cursor, &list)).transpose()?;
    Ok((list, from))
}

/// The statement of a page: one row more than asked for, which tells that there are more.
pub(super) fn page(sql: Sql, filter: &AuditFilter, find: &Find, from: Option<&Cursor<i64>>, limit: u64) -> Sql {
    let mut sql = narrowed(sql.text(SELECT), filter, find);
    if let Some(from) = from {
        sql = sql.text(" AND e.seq < ").bind(from.id);
    }
    sql.text(" ORDER BY e.seq DESC LIMIT ").bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
}

/// The newest entries by their moments behind that, `limit` at most, whatever words the filter has: for a list that has others
/// beside them.
pub(crate) async fn audit_behind(
    conn: &impl ConnectionTrait,
    filter: &AuditFilter,
    from: Behind<i64>,
    limit: usize,
) -> Result<Vec<AuditRecord>, StoreError> {
    behind(Sql::new(conn), filter, from, limit).all(conn).await?.iter().map(read).collect()
}

/// The statement of [`audit_behind`].
pub(crate) fn behind(sql: Sql, filter: &AuditFilter, from: Behind<i64>, limit: usize) -> Sql {
    // The entries about one object are found by its id and sorted: along the moments of all the way to them may be long.
    let at = match (&filter.object_id, sql.is_postgres()) {
        (None, _) => "e.at",
        (Some(_), true) => "(e.at + INTERVAL '0')",
        (Some(_), false) => "+e.at",
    };
    let sql = narrowed(sql.text(SELECT), filter, &Find::Everything);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    from.narrow(sql, at, "e.seq").text(&format!(" ORDER BY {at} DESC, e.seq DESC LIMIT ")).bind(limit)
}

/// How many entries the filter leaves; in a search by words, of the places that the page looks at.
///
/// # Errors
/// As [`audit_list`].
pub async fn audit_count(conn: &impl ConnectionTrait, query: &AuditQuery) -> Result<u64, StoreError> {
    let sql = Sql::new(conn);
    if query.filter == AuditFilter::default() {
        // Places have no gaps.
        let all = "SELECT coalesce((SELECT max(seq) FROM audit_entry) - (SELECT min(seq) FROM audit_entry) + 1, 0)";
        return sql.text(all).count(conn).await;
    }
    let find = Find::of(conn, &query.filter, start(query)?.1.as_ref()).await?;
    narrowed(sql.text("SELECT count(*) FROM audit_entry e WHERE true"), &query.filter, &find).count(conn).await
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
