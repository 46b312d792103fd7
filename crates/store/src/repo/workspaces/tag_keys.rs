//! The keys of the tags that there are: what filters and groupings can name. Not their values, and not how many WorkSpaces have
//! each: both would read every tag.

use domain::access::Scope;
use sea_orm::ConnectionTrait;

use super::query::{WorkspaceFilter, conditions};
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::sql::Sql;

/// A page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagKeyPage {
    /// The keys, by name.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// How many there are in all.
    pub total: u64,
}

/// From one key to the next through the index, whatever WorkSpaces they are of.
const EVERY_KEY: &str = "WITH RECURSIVE n(key) AS (SELECT min(t.key) FROM workspace_tag t \
     UNION ALL SELECT (SELECT min(t.key) FROM workspace_tag t WHERE t.key > n.key) FROM n WHERE n.key IS NOT NULL) ";

/// A page of the keys that a WorkSpace within reach has. What is gone does not count.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_tag_keys(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    cursor: Option<&str>,
    limit: u32,
) -> Result<TagKeyPage, StoreError> {
    let list = list_name("tag keys");
    let mut page = there(Sql::new(conn).text(EVERY_KEY).text("SELECT n.key"), scope);
    if let Some(cursor) = cursor {
        page = page.text(" AND n.key > ").bind(Cursor::<()>::decode(cursor, &list)?.key);
    }
    let page = page.text(" ORDER BY n.key LIMIT ").bind(i64::from(limit) + 1);
    let found = page.all(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let keys = found.iter().take(limit).map(|row| row.try_get("", "key")).collect::<Result<Vec<String>, _>>()?;
    let next = keys.last().filter(|_| found.len() > limit).map(|key| Cursor::new(&list, key.clone(), ()).encode());
    let total = there(Sql::new(conn).text(EVERY_KEY).text("SELECT count(*)"), scope).count(conn).await?;
    Ok(TagKeyPage { keys, next, total })
}

/// One WorkSpace with the key is enough: a subquery that Postgres does not make a join of all tags, as it does of `EXISTS`.
fn there(sql: Sql, scope: &Scope) -> Sql {
    let sql = sql.text(
        " FROM n WHERE n.key IS NOT NULL AND (SELECT 1 FROM workspace_tag k JOIN workspace w ON w.id = k.workspace_id",
    );
    conditions(sql, Purpose::All, scope, &WorkspaceFilter::default()).text(" AND k.key = n.key LIMIT 1) = 1")
}
