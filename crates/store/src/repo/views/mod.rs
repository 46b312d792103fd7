//! Saved views, by name without regard to case. Who may see which is decided by `services::views`, which says it as
//! [`ViewScope`]; what a query may hold, by `api`.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::ids::{UserId, ViewId};
use domain::views::ViewPage;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::saved_view;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRecord {
    /// The id.
    pub id: ViewId,
    /// Whose it is.
    pub owner_id: UserId,
    /// The page.
    pub page: ViewPage,
    /// What it is called.
    pub name: String,
    /// The query string of the page's address.
    pub query: String,
    /// Whether all who may see the page see it.
    pub shared: bool,
    /// Rises with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Whose views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewScope {
    /// One's own.
    pub own: UserId,
    /// And those of these pages that are shared.
    pub pages: Vec<ViewPage>,
}

/// Which views, and where the page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewQuery {
    /// Only those of these pages; empty for all.
    pub pages: Vec<ViewPage>,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// Rows of a page.
    pub limit: u32,
}

/// A page of views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundViews {
    /// The views, by name.
    pub rows: Vec<ViewRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    owner_id: Uuid,
    page: String,
    name: String,
    sort_key: String,
    query: String,
    shared: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for ViewRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ViewId(row.id),
            owner_id: UserId(row.owner_id),
            page: row.page.parse().map_err(|e| StoreError::corrupt("page of a view", e))?,
            name: row.name,
            query: row.query,
            shared: row.shared,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const SELECT: &str = "SELECT v.*, lower(v.name) AS sort_key FROM saved_view v WHERE ";

fn names(pages: &[ViewPage]) -> impl ExactSizeIterator<Item = String> {
    pages.iter().map(|page| page.as_str().to_owned())
}

/// After going back a release there may be views of pages that this one does not have: nobody sees them, and they stay.
fn scoped(sql: Sql, scope: &ViewScope) -> Sql {
    let sql = sql.bind_in("v.page", names(ViewPage::ALL)).text(" AND (v.owner_id = ").bind(scope.own.0);
    if scope.pages.is_empty() {
        return sql.text(")");
    }
    sql.text(" OR (v.shared = ").bind(true).text(" AND ").bind_in("v.page", names(&scope.pages)).text("))")
}

fn narrowed(sql: Sql, scope: &ViewScope, pages: &[ViewPage]) -> Sql {
    scoped(sql, scope).any_of("v.page", names(pages))
}

fn page(conn: &impl ConnectionTrait, scope: &ViewScope, query: &ViewQuery) -> Result<Sql, StoreError> {
    let mut sql = narrowed(Sql::new(conn).text(SELECT), scope, &query.pages);
    if let Some(cursor) = &query.cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &list(scope, query))?;
        sql = sql.text(" AND (lower(v.name), v.id) > (").bind(cursor.key).text(", ").bind(cursor.id).text(")");
    }
    Ok(sql.text(" ORDER BY lower(v.name), v.id LIMIT ").bind(i64::from(query.limit) + 1))
}

fn list(scope: &ViewScope, query: &ViewQuery) -> String {
    list_name(&format!("views {scope:?} {:?}", query.pages))
}

/// A page of views.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn view_list(
    conn: &impl ConnectionTrait,
    scope: &ViewScope,
    query: &ViewQuery,
) -> Result<FoundViews, StoreError> {
    let mut found: Vec<Row> = page(conn, scope, query)?.all_as(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|row| Cursor::new(&list(scope, query), row.sort_key.clone(), row.id).encode());
    Ok(FoundViews { rows: found.into_iter().map(ViewRecord::try_from).collect::<Result<_, _>>()?, next })
}

/// How many views there are within the scope, of these pages.
///
/// # Errors
/// [`StoreError`].
pub async fn view_count(conn: &impl ConnectionTrait, scope: &ViewScope, pages: &[ViewPage]) -> Result<u64, StoreError> {
    narrowed(Sql::new(conn).text("SELECT count(*) FROM saved_view v WHERE "), scope, pages).count(conn).await
}

/// A view within the scope.
///
/// # Errors
/// [`StoreError`].
pub async fn view_fetch(
    conn: &impl ConnectionTrait,
    scope: &ViewScope,
    id: ViewId,
) -> Result<Option<ViewRecord>, StoreError> {
    let sql = scoped(Sql::new(conn).text(SELECT), scope).text(" AND v.id = ").bind(id.0);
    let row: Option<Row> = sql.one_as(conn).await?;
    row.map(ViewRecord::try_from).transpose()
}

fn active(record: &ViewRecord) -> saved_view::ActiveModel {
    saved_view::ActiveModel {
        id: Set(record.id.0),
        owner_id: Set(record.owner_id.0),
        page: Set(record.page.as_str().to_owned()),
        name: Set(record.name.clone()),
        query: Set(record.query.clone()),
        shared: Set(record.shared),
        version: Set(record.version),
        created_at: Set(micros(record.created_at)),
        updated_at: Set(micros(record.updated_at)),
    }
}

/// Adds a view.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_saved_view_name` when its owner has one of that name and page.
pub async fn view_insert(conn: &impl ConnectionTrait, record: &ViewRecord) -> Result<(), StoreError> {
    saved_view::Entity::insert(active(record)).exec_without_returning(conn).await?;
    Ok(())
}

/// Writes a view that nobody changed since it was read, with the next version. Gives whether it was so.
///
/// # Errors
/// As [`view_insert`].
pub async fn view_update(conn: &impl ConnectionTrait, record: &ViewRecord) -> Result<bool, StoreError> {
    let changed = saved_view::ActiveModel { version: Set(record.version + 1), ..active(record) };
    let done = saved_view::Entity::update_many()
        .set(changed)
        .filter(saved_view::Column::Id.eq(record.id.0))
        .filter(saved_view::Column::Version.eq(record.version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Removes a view that nobody changed since it was read. Gives whether it was so.
///
/// # Errors
/// [`StoreError`].
pub async fn view_delete(conn: &impl ConnectionTrait, id: ViewId, version: i64) -> Result<bool, StoreError> {
    let done = saved_view::Entity::delete_many()
        .filter(saved_view::Column::Id.eq(id.0))
        .filter(saved_view::Column::Version.eq(version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}
