//! Directories, bundles, images and quotas as people look at them: pages of each, with how many WorkSpaces they have within the
//! asker's scope, or how much is used. One statement a page, with the WorkSpaces counted once for all rows; what is counted, and
//! how, is `kinds`. What syncs write, and the plain lists that filters are resolved with, are `repo::inventory`.
//!
//! To add a sort: a variant of [`PlaceSort`], its expression in `sort_key`, its value in the cursor.

#[cfg(test)]
mod around_tests;
mod kinds;
#[cfg(test)]
mod tests;

use domain::access::{Reach, Scope};
use domain::ids::{AccountId, Region};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use self::kinds::{BUNDLES, DIRECTORIES, IMAGES, Kind, QUOTAS};
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::inventory::{
    BundleRecord, DirectoryRecord, ImageRecord, QuotaRecord, bundle_record, directory_record, image_record,
    quota_record,
};
use crate::sql::{Sql, like_anywhere, search_words};

/// What a list is narrowed to. Within a field any value fits, fields narrow each other, an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceFilter {
    /// Accounts.
    pub account_ids: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Words that must all be somewhere in name or AWS id, without regard to case.
    pub q: Option<String>,
    /// How much there is of it at least, counted as [`PlaceSort::Workspaces`] counts. What is not counted does not fit.
    pub at_least: Option<u64>,
}

/// What a list is sorted by; the id breaks ties.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PlaceSort {
    /// The name, without regard to case.
    #[default]
    Name,
    /// How many WorkSpaces it has; of a quota how much is used, in percent.
    Workspaces,
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceOrder {
    /// What it is sorted by.
    pub sort: PlaceSort,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceQuery {
    /// What it is narrowed to.
    pub filter: PlaceFilter,
    /// In which order.
    pub order: PlaceOrder,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: u32,
}

/// A directory, a bundle, an image or a quota with what is known around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow<T> {
    /// What it is about.
    pub place: T,
    /// The name of its account.
    pub account_name: String,
    /// How many WorkSpaces within the scope belong to it, without those that are gone. Of a quota what is used, of all in its
    /// account and region; nothing where it is not counted.
    pub workspaces: u64,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacePage<T> {
    /// The rows, in order.
    pub rows: Vec<PlaceRow<T>>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// How many there are in all.
    pub total: u64,
}

/// What stands beside the columns of the table itself.
#[derive(FromQueryResult)]
struct Around {
    id: Uuid,
    account_name: String,
    name_key: String,
    workspaces: i64,
    count_key: i64,
}

/// A page of the directories within the scope.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list, scope, filter or order.
pub async fn directory_page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &PlaceQuery,
) -> Result<PlacePage<DirectoryRecord>, StoreError> {
    page(conn, &DIRECTORIES, scope, query, directory_record).await
}

/// A page of the bundles within the scope.
///
/// # Errors
/// As [`directory_page`].
pub async fn bundle_page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &PlaceQuery,
) -> Result<PlacePage<BundleRecord>, StoreError> {
    page(conn, &BUNDLES, scope, query, bundle_record).await
}

/// A page of the images within the scope.
///
/// # Errors
/// As [`directory_page`].
pub async fn image_page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &PlaceQuery,
) -> Result<PlacePage<ImageRecord>, StoreError> {
    page(conn, &IMAGES, scope, query, image_record).await
}

/// A page of the quotas of accounts and regions that are wholly within the scope.
///
/// # Errors
/// As [`directory_page`].
pub async fn quota_page(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    query: &PlaceQuery,
) -> Result<PlacePage<QuotaRecord>, StoreError> {
    page(conn, &QUOTAS, scope, query, quota_record).await
}

/// Of how many quotas within the scope so much is used, or more, in percent.
///
/// # Errors
/// [`StoreError`].
pub async fn quota_count(conn: &impl ConnectionTrait, scope: &Scope, percent: u64) -> Result<u64, StoreError> {
    // Who sees no whole account or region sees no quota, and need not wait until all WorkSpaces are counted.
    let whole = |reach: &Reach| matches!(reach, Reach::Account { .. } | Reach::Region { .. });
    if matches!(scope, Scope::Only(reaches) if !reaches.iter().any(whole)) {
        return Ok(0);
    }
    quota_count_sql(conn.get_database_backend(), scope, percent).count(conn).await
}

/// The statement of [`quota_count`].
pub(crate) fn quota_count_sql(backend: DbBackend, scope: &Scope, percent: u64) -> Sql {
    let filter = PlaceFilter { at_least: Some(percent), ..PlaceFilter::default() };
    how_many(backend, &QUOTAS, scope, &filter)
}

async fn page<M: FromQueryResult, T>(
    conn: &impl ConnectionTrait,
    kind: &Kind,
    scope: &Scope,
    query: &PlaceQuery,
    record: fn(M) -> Result<T, StoreError>,
) -> Result<PlacePage<T>, StoreError> {
    let Kind { table, alias, .. } = kind;
    let PlaceQuery { filter, order, .. } = query;
    let name = list_name(&format!("{table} {scope:?} {filter:?} {order:?}"));
    let total = how_many(conn.get_database_backend(), kind, scope, filter).count(conn).await?;
    let mut sql = narrowed(counted(Sql::new(conn), kind, scope), kind, scope, filter);
    let key = sort_key(kind, order.sort);
    let (direction, beyond) = if order.descending { ("DESC", "<") } else { ("ASC", ">") };
    if let Some(cursor) = &query.cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name)?;
        sql = sql.text(&format!(" AND ({key}, {alias}.id) {beyond} ("));
        sql = match order.sort {
            PlaceSort::Name => sql.bind(cursor.key),
            PlaceSort::Workspaces => sql.bind(cursor.key.parse::<i64>().map_err(|_| StoreError::BadCursor)?),
        };
        sql = sql.text(", ").bind(cursor.id).text(")");
    }
    let sql = sql.text(&format!(" ORDER BY {key} {direction}, {alias}.id {direction} LIMIT "));
    let found = sql.bind(i64::from(query.limit) + 1).all(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let (mut rows, mut last) = (Vec::new(), None);
    for row in found.iter().take(limit) {
        let around = Around::from_query_result(row, "")?;
        let place = record(M::from_query_result(row, "")?)?;
        let workspaces = u64::try_from(around.workspaces).unwrap_or(0);
        rows.push(PlaceRow { place, account_name: around.account_name, workspaces });
        let key = match order.sort {
            PlaceSort::Name => around.name_key,
            PlaceSort::Workspaces => around.count_key.to_string(),
        };
        last = Some((key, around.id));
    }
    let next = last.filter(|_| found.len() > limit).map(|(key, id)| Cursor::new(&name, key, id).encode());
    Ok(PlacePage { rows, next, total })
}

/// The statement of how many rows there are in all. Nothing is counted for each of them unless the filter asks for it.
fn how_many(backend: DbBackend, kind: &Kind, scope: &Scope, filter: &PlaceFilter) -> Sql {
    let all = Sql::of(backend).text(&format!("SELECT count(*) FROM {} {}", kind.table, kind.alias));
    let all = if filter.at_least.is_some() { joined(all, kind, scope) } else { all };
    narrowed(all, kind, scope, filter)
}

/// `SELECT … FROM` the table, with the WorkSpaces within the scope counted in one go.
fn counted(sql: Sql, kind: &Kind, scope: &Scope) -> Sql {
    let Kind { table, alias, key, .. } = kind;
    let sql = (kind.beside)(sql.text(&format!("SELECT {alias}.*")), scope).text(&format!(
        ", a.name AS account_name, lower({alias}.name) AS name_key, COALESCE(n.workspaces, 0) AS workspaces, {key} AS count_key \
         FROM {table} {alias} JOIN account a ON a.id = {alias}.account_id"
    ));
    joined(sql, kind, scope)
}

/// Adds what is counted for each row, as `n`.
fn joined(sql: Sql, kind: &Kind, scope: &Scope) -> Sql {
    (kind.counted)(sql.text(" LEFT JOIN ("), scope).text(&format!(") n ON n.place = {}.id", kind.alias))
}

/// Adds WHERE with scope and filter.
fn narrowed(sql: Sql, kind: &Kind, scope: &Scope, filter: &PlaceFilter) -> Sql {
    let alias = kind.alias;
    let mut sql = (kind.scoped)(sql.text(" WHERE 1 = 1"), scope)
        .any_of(&format!("{alias}.account_id"), filter.account_ids.iter().map(|id| id.0))
        .any_of(&format!("{alias}.region"), filter.regions.iter().map(Region::as_str));
    if let Some(least) = filter.at_least {
        sql = sql.text(&format!(" AND {} >= ", kind.key)).bind(i64::try_from(least).unwrap_or(i64::MAX));
    }
    for word in search_words(filter.q.as_deref()) {
        let pattern = like_anywhere(&word);
        sql = sql.text(&format!(" AND (lower({alias}.name) LIKE ")).bind(pattern.as_str());
        sql = sql.text(&format!(" ESCAPE '\\' OR lower({alias}.aws_id) LIKE ")).bind(pattern).text(" ESCAPE '\\')");
    }
    sql
}

/// The expression that the rows are sorted by.
fn sort_key(kind: &Kind, sort: PlaceSort) -> String {
    match sort {
        PlaceSort::Name => format!("lower({}.name)", kind.alias),
        PlaceSort::Workspaces => kind.key.to_owned(),
    }
}
