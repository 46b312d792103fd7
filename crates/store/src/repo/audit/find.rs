//! What `q` of a list finds, and how far it looks. An id leads to its entries by an index, wherever they are. Words have to be
//! looked for entry by entry, in texts that no index knows: in the newest [`WORD_WINDOW`] places from where the page begins, and
//! the page says where it stopped.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::query::AuditFilter;
use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::sql::{Sql, like_anywhere, micros};

/// Places that one page of a search by words looks at, at most.
pub const WORD_WINDOW: i64 = 50_000;
/// Moments are nearly in the order of places: an entry says when it was written, and gets its place a little later. A search by
/// words between two moments looks at so many places more on either side.
const DISORDER: i64 = 1_000;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Find {
    /// Nothing: every entry that the other filters leave.
    Everything,
    /// The entries of that request.
    Request(String),
    /// The entries about the object with that id.
    Object(String),
    /// These words, in the places from `floor` to before `ceiling`.
    Words {
        q: String,
        floor: i64,
        ceiling: i64,
        /// Whether something lies before `floor`.
        more: bool,
    },
}

impl Find {
    /// What the filter's `q` is, for a page that begins there.
    pub(super) async fn of(
        conn: &impl ConnectionTrait,
        filter: &AuditFilter,
        from: Option<&Cursor<i64>>,
    ) -> Result<Self, StoreError> {
        let q = filter.q.as_deref().map(|q| q.replace('\0', "")).map(|q| q.trim().to_owned());
        let Some(given) = q.filter(|q| !q.is_empty()) else { return Ok(Self::Everything) };
        let q = given.to_lowercase();
        let uuid = Uuid::parse_str(&q).is_ok();
        for id in [&given, &q] {
            if any(conn, "request_id", id).await? {
                return Ok(Self::Request(id.clone()));
            }
            if uuid && any(conn, "object_id", id).await? {
                return Ok(Self::Object(id.clone()));
            }
        }
        let (first, end) = ends(conn, filter).await?;
        let (floor, ceiling) = match from.map(|from| (from.id, from.key.as_str())) {
            None => (end.saturating_sub(WORD_WINDOW), end),
            Some((at, "")) => (at.min(end).saturating_sub(WORD_WINDOW), at.min(end)),
            Some((_, floor)) => {
                let floor: i64 = floor.parse().map_err(|_| StoreError::BadCursor)?;
                (floor, floor.saturating_add(WORD_WINDOW))
            }
        };
        Ok(Self::Words { q, floor: floor.max(first), ceiling, more: floor > first })
    }

    /// Where it stops looking; `None` when it comes to the beginning.
    pub(super) fn floor(&self) -> Option<i64> {
        match self {
            Self::Words { floor, more: true, .. } => Some(*floor),
            _ => None,
        }
    }

    /// What a page's cursor keeps of it, so that the next page looks at the same places.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Words { floor, .. } => floor.to_string(),
            _ => String::new(),
        }
    }

    pub(super) fn narrow(&self, sql: Sql) -> Sql {
        match self {
            Self::Everything => sql,
            Self::Request(id) => sql.text(" AND e.request_id = ").bind(id.clone()),
            Self::Object(id) => sql.text(" AND e.object_id = ").bind(id.clone()),
            Self::Words { q, floor, ceiling, .. } => {
                let pattern = like_anywhere(q);
                let sql = sql.text(" AND e.seq >= ").bind(*floor).text(" AND e.seq < ").bind(*ceiling);
                let sql = sql.text(" AND (e.request_id = ").bind(q.clone()).text(" OR lower(e.object_id) = ");
                let sql = sql.bind(q.clone()).text(" OR e.action LIKE ").bind(pattern.clone()).text(" ESCAPE '\\'");
                // The same bounds once more, for a plan that reads the parts first.
                let sql = sql.text(" OR EXISTS (SELECT 1 FROM audit_personal p WHERE p.seq = e.seq AND p.seq >= ");
                let sql = sql.bind(*floor).text(" AND p.seq < ").bind(*ceiling).text(" AND lower(p.body) LIKE ");
                sql.bind(pattern).text(" ESCAPE '\\'))")
            }
        }
    }
}

async fn any(conn: &impl ConnectionTrait, column: &str, id: &str) -> Result<bool, StoreError> {
    let sql = Sql::new(conn).text(&format!("SELECT 1 FROM audit_entry WHERE {column} = ")).bind(id);
    Ok(sql.text(" LIMIT 1").one(conn).await?.is_some())
}

/// The first place within the filter's moments, and the place behind the last one.
async fn ends(conn: &impl ConnectionTrait, filter: &AuditFilter) -> Result<(i64, i64), StoreError> {
    let place = async |sql: Sql| -> Result<Option<i64>, StoreError> {
        Ok(sql.one(conn).await?.map(|row| row.try_get_by_index(0)).transpose()?)
    };
    let sql = |text: &str| Sql::new(conn).text("SELECT seq FROM audit_entry").text(text);
    let head = place(sql(" ORDER BY seq DESC LIMIT 1")).await?.unwrap_or(0);
    let mut ends = (place(sql(" ORDER BY seq LIMIT 1")).await?.unwrap_or(1), head + 1);
    if let Some(from) = filter.from {
        let found = place(sql(" WHERE at >= ").bind(micros(from)).text(" ORDER BY at, seq LIMIT 1")).await?;
        ends.0 = ends.0.max(found.map_or(head, |seq| seq - DISORDER));
    }
    if let Some(to) = filter.to {
        let found = place(sql(" WHERE at < ").bind(micros(to)).text(" ORDER BY at DESC, seq DESC LIMIT 1")).await?;
        ends.1 = ends.1.min(found.map_or(ends.0, |seq| seq + DISORDER));
    }
    Ok(ends)
}
