//! API keys. The secret itself never comes here: only its SHA-256, in any text form the caller keeps to. What a key lets
//! somebody do is worked out with each request, of what it was made for and what its owner has then.

mod model;

use chrono::{DateTime, Utc};
use domain::ids::{ApiKeyId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryFilter,
};
use serde_json::Value;
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::{api_key, app_user};
use crate::error::StoreError;
use crate::repo::grants::{self, GrantRecord};
use crate::repo::roles::permissions_of;
use crate::repo::users::{self, UserRecord};
use crate::sql::{Sql, like_anywhere, micros};

pub use model::{ApiKeyFilter, ApiKeyPage, ApiKeyRecord, ApiKeySort, NewApiKey, OwnedApiKey};

/// Keeps a key.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_api_key_prefix`; [`StoreError::Missing`] when there is no such person.
pub async fn api_key_insert(conn: &impl ConnectionTrait, new: &NewApiKey) -> Result<(), StoreError> {
    let names = new.permissions.iter().map(|permission| Value::from(permission.as_str())).collect();
    let row = api_key::ActiveModel {
        id: Set(new.id.0),
        user_id: Set(new.user_id.0),
        name: Set(new.name.clone()),
        prefix: Set(new.prefix.clone()),
        secret_hash: Set(new.secret_hash.clone()),
        permissions: Set(Value::Array(names)),
        created_at: Set(micros(new.at)),
        expires_at: Set(new.expires_at.map(micros)),
        last_used_at: Set(None),
        last_used_ip: Set(None),
        revoked_at: Set(None),
        replaced_by: Set(None),
        good_until: Set(None),
        version: Set(1),
    };
    api_key::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The key of that secret, its owner and what they were given, while the key works and its owner is enabled. One statement:
/// each request asks it.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_fetch_by_secret(
    conn: &impl ConnectionTrait,
    secret_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<(ApiKeyRecord, UserRecord, Vec<GrantRecord>)>, StoreError> {
    let people: String = app_user::Column::iter().map(|column| format!(", u.{0} AS u_{0}", column.as_str())).collect();
    let rows = Sql::new(conn)
        .text("SELECT k.*")
        .text(&people)
        .text(", ")
        .text(grants::COLUMNS)
        .text(" FROM api_key k JOIN app_user u ON u.id = k.user_id")
        .text(grants::JOINS)
        .text(" WHERE k.secret_hash = ")
        .bind(secret_hash)
        .text(" AND k.revoked_at IS NULL AND u.enabled ORDER BY g.id")
        .all(conn)
        .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let key = record(api_key::Model::from_query_result(first, "")?);
    if !key.works(at) {
        return Ok(None);
    }
    let user = users::record(app_user::Model::from_query_result(first, "u_")?);
    Ok(Some((key, user, grants::read(&rows)?)))
}

/// One key; with `owner`, only if it is theirs.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_fetch(
    conn: &impl ConnectionTrait,
    owner: Option<UserId>,
    id: ApiKeyId,
) -> Result<Option<OwnedApiKey>, StoreError> {
    let sql = Sql::new(conn).text(SELECT).text(" WHERE k.id = ").bind(id.0);
    let sql = match owner {
        Some(owner) => sql.text(" AND k.user_id = ").bind(owner.0),
        None => sql,
    };
    sql.one(conn).await?.map(|row| owned(&row)).transpose()
}

const SELECT: &str = "SELECT k.*, u.email AS owner_email FROM api_key k JOIN app_user u ON u.id = k.user_id";

fn owned(row: &sea_orm::QueryResult) -> Result<OwnedApiKey, StoreError> {
    Ok(OwnedApiKey { key: record(api_key::Model::from_query_result(row, "")?), email: row.try_get("", "owner_email")? })
}

/// A page of keys: those of `owner`, or everybody's.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list, filter or sort.
pub async fn api_key_list(
    conn: &impl ConnectionTrait,
    owner: Option<UserId>,
    filter: &ApiKeyFilter,
    sort: ApiKeySort,
    limit: u64,
    cursor: Option<&str>,
) -> Result<ApiKeyPage, StoreError> {
    // Not the moment: it differs from page to page.
    let named = (owner, filter.user_id, &filter.q, filter.working_at.is_some(), sort);
    let name = list_name(&format!("api keys {named:?}"));
    let narrowed = |mut sql: Sql| {
        sql = sql.text(" WHERE 1 = 1");
        for user in [owner, filter.user_id].into_iter().flatten() {
            sql = sql.text(" AND k.user_id = ").bind(user.0);
        }
        if let Some(q) = &filter.q {
            let pattern = like_anywhere(&q.to_lowercase());
            sql = sql.text(" AND (lower(k.name) LIKE ").bind(pattern.as_str()).text(" ESCAPE '\\'");
            sql = sql.text(" OR lower(k.prefix) LIKE ").bind(pattern).text(" ESCAPE '\\')");
        }
        if let Some(at) = filter.working_at {
            sql = sql.text(" AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ").bind(micros(at));
            sql = sql.text(") AND (k.good_until IS NULL OR k.good_until > ").bind(micros(at)).text(")");
        }
        sql
    };
    let total = narrowed(Sql::new(conn).text("SELECT count(*) FROM api_key k")).count(conn).await?;
    let mut page = narrowed(Sql::new(conn).text(SELECT));
    let (after, order) = if sort.descending { (" < ", " DESC") } else { (" > ", "") };
    if let Some(cursor) = cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name)?;
        page = if sort.by_name {
            page.text(" AND (k.name, k.id)").text(after).text("(").bind(cursor.key).text(", ").bind(cursor.id).text(")")
        } else {
            // Ids are made in the order of time.
            page.text(" AND k.id").text(after).bind(cursor.id)
        };
    }
    page = page.text(" ORDER BY ");
    if sort.by_name {
        page = page.text("k.name").text(order).text(", ");
    }
    let page = page.text("k.id").text(order).text(" LIMIT ").bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let mut rows = page.all(conn).await?.iter().map(owned).collect::<Result<Vec<_>, _>>()?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| {
        let key = if sort.by_name { last.key.name.clone() } else { String::new() };
        Cursor::new(&name, key, last.key.id.0).encode()
    });
    Ok(ApiKeyPage { rows, next, total })
}

/// Waits until nobody else makes a key for that person, and keeps others waiting until the end of the transaction. Gives how
/// many keys work that no other took the place of. On SQLite the transaction itself keeps others waiting.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_count_locked(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let lock = Sql::new(conn);
    if lock.is_postgres() {
        lock.text("SELECT id FROM app_user WHERE id = ").bind(user.0).text(" FOR NO KEY UPDATE").all(conn).await?;
    }
    Sql::new(conn)
        .text("SELECT count(*) FROM api_key WHERE user_id = ")
        .bind(user.0)
        .text(" AND revoked_at IS NULL AND replaced_by IS NULL AND (expires_at IS NULL OR expires_at > ")
        .bind(micros(at))
        .text(")")
        .count(conn)
        .await
}

/// Changes what a key is called, if it has that version; `false` when it has not.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_rename(
    conn: &impl ConnectionTrait,
    id: ApiKeyId,
    version: i64,
    name: &str,
) -> Result<bool, StoreError> {
    let done = api_key::Entity::update_many()
        .col_expr(api_key::Column::Name, Expr::value(name))
        .col_expr(api_key::Column::Version, Expr::value(version + 1))
        .filter(api_key::Column::Id.eq(id.0))
        .filter(api_key::Column::Version.eq(version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Notes that another key takes its place and until when it works beside it; `false` when somebody ended or replaced it.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_replace(
    conn: &impl ConnectionTrait,
    id: ApiKeyId,
    by: ApiKeyId,
    good_until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = api_key::Entity::update_many()
        .col_expr(api_key::Column::ReplacedBy, Expr::value(by.0))
        .col_expr(api_key::Column::GoodUntil, Expr::value(micros(good_until)))
        .col_expr(api_key::Column::Version, Expr::col(api_key::Column::Version).add(1))
        .filter(api_key::Column::Id.eq(id.0))
        .filter(api_key::Column::RevokedAt.is_null())
        .filter(api_key::Column::ReplacedBy.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends a key; `false` when it was ended before.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_revoke(conn: &impl ConnectionTrait, id: ApiKeyId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(revoke(conn, Condition::all().add(api_key::Column::Id.eq(id.0)), at).await? > 0)
}

/// Ends the keys whose place that one took. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_revoke_replaced(
    conn: &impl ConnectionTrait,
    by: ApiKeyId,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    revoke(conn, Condition::all().add(api_key::Column::ReplacedBy.eq(by.0)), at).await
}

/// Ends all keys of a person. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_revoke_all(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    revoke(conn, Condition::all().add(api_key::Column::UserId.eq(user.0)), at).await
}

async fn revoke(conn: &impl ConnectionTrait, which: Condition, at: DateTime<Utc>) -> Result<u64, StoreError> {
    let done = api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAt, Expr::value(micros(at)))
        .col_expr(api_key::Column::Version, Expr::col(api_key::Column::Version).add(1))
        .filter(which)
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}

/// Notes a use, unless one was noted after `since` already: of many replicas one writes.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_touch(
    conn: &impl ConnectionTrait,
    id: ApiKeyId,
    ip: Option<&str>,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    let unused = api_key::Column::LastUsedAt.is_null();
    api_key::Entity::update_many()
        .col_expr(api_key::Column::LastUsedAt, Expr::value(micros(at)))
        .col_expr(api_key::Column::LastUsedIp, Expr::value(ip.map(str::to_owned)))
        .filter(api_key::Column::Id.eq(id.0))
        .filter(unused.or(api_key::Column::LastUsedAt.lte(micros(since))))
        .exec(conn)
        .await?;
    Ok(())
}

fn record(row: api_key::Model) -> ApiKeyRecord {
    ApiKeyRecord {
        id: ApiKeyId(row.id),
        user_id: UserId(row.user_id),
        name: row.name,
        prefix: row.prefix,
        permissions: permissions_of(&row.permissions),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_ip: row.last_used_ip,
        revoked_at: row.revoked_at,
        replaced_by: row.replaced_by.map(ApiKeyId),
        good_until: row.good_until,
        version: row.version,
    }
}
