//! Sessions of signed-in people. The token itself never comes here: only its SHA-256, in any text form the caller keeps to.

use chrono::{DateTime, Utc};
use domain::ids::{SessionId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use crate::cursor::{Cursor, list_name};
use crate::entity::{app_user, session};
use crate::error::StoreError;
use crate::repo::grants::{self, GrantRecord};
use crate::repo::prune::prune_ended;
use crate::repo::users::{self, UserRecord};
use crate::sql::{Sql, micros};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used; written now and then only.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was ended, by sign-out or from elsewhere.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
    /// Where they signed in from.
    pub ip_address: Option<String>,
    /// When its person last proved who they are; `None` for sessions of an earlier version.
    pub proved_at: Option<DateTime<Utc>>,
    /// How they signed in, such as `password`.
    pub method: String,
}

/// A page of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPage {
    /// The sessions, the latest begun first.
    pub rows: Vec<SessionRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// Sessions in all.
    pub total: u64,
}

/// A session to begin.
#[derive(Clone)]
pub struct NewSession {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The token's hash.
    pub token_hash: String,
    /// Now.
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
    /// Where they sign in from.
    pub ip_address: Option<String>,
    /// How they sign in, such as `password`.
    pub method: String,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("id", &self.id).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Begins a session.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn session_insert(conn: &impl ConnectionTrait, new: &NewSession) -> Result<(), StoreError> {
    let row = session::ActiveModel {
        id: Set(new.id.0),
        user_id: Set(new.user_id.0),
        token_hash: Set(new.token_hash.clone()),
        created_at: Set(micros(new.at)),
        last_seen_at: Set(micros(new.at)),
        expires_at: Set(micros(new.expires_at)),
        revoked_at: Set(None),
        user_agent: Set(new.user_agent.clone()),
        ip_address: Set(new.ip_address.clone()),
        proved_at: Set(Some(micros(new.at))),
        method: Set(new.method.clone()),
    };
    session::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The session with that token, its person and what they were given, while it is neither expired nor revoked and the person
/// is enabled. One statement: each request asks it.
///
/// # Errors
/// [`StoreError`].
pub async fn session_fetch_by_token(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<(SessionRecord, UserRecord, Vec<GrantRecord>)>, StoreError> {
    let people: String = app_user::Column::iter().map(|column| format!(", u.{0} AS u_{0}", column.as_str())).collect();
    let rows = Sql::new(conn)
        .text("SELECT s.*")
        .text(&people)
        .text(", ")
        .text(grants::COLUMNS)
        .text(" FROM session s JOIN app_user u ON u.id = s.user_id")
        .text(grants::JOINS)
        .text(" WHERE s.token_hash = ")
        .bind(token_hash)
        .text(" AND s.revoked_at IS NULL AND s.expires_at > ")
        .bind(micros(at))
        .text(" AND u.enabled ORDER BY g.id")
        .all(conn)
        .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let session = record(session::Model::from_query_result(first, "")?);
    let user = users::record(app_user::Model::from_query_result(first, "u_")?);
    Ok(Some((session, user, grants::read(&rows)?)))
}

/// Those of a person that have not been ended, nor by age, nor by not being used since `used_after`.
fn working(user: UserId, at: DateTime<Utc>, used_after: DateTime<Utc>) -> Select<session::Entity> {
    session::Entity::find()
        .filter(session::Column::UserId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(micros(at)))
        .filter(session::Column::LastSeenAt.gt(micros(used_after)))
}

/// The sessions of a person that still work at `at` and were used after `used_after`, the latest begun first, at most `limit`.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn session_list(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
    used_after: DateTime<Utc>,
    limit: u64,
    cursor: Option<&str>,
) -> Result<SessionPage, StoreError> {
    let name = list_name(&format!("sessions {user}"));
    let total = working(user, at, used_after).count(conn).await?;
    // Ids are made in the order of time.
    let mut page = working(user, at, used_after).order_by_desc(session::Column::Id).limit(limit + 1);
    if let Some(cursor) = cursor {
        let cursor: Cursor<uuid::Uuid> = Cursor::decode(cursor, &name)?;
        page = page.filter(session::Column::Id.lt(cursor.id));
    }
    let mut rows = page.all(conn).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|last| Cursor::new(&name, String::new(), last.id).encode());
    Ok(SessionPage { rows: rows.into_iter().map(record).collect(), next, total })
}

/// Notes that it was used, unless that was noted after `since` already: of many replicas one writes.
///
/// # Errors
/// [`StoreError`].
pub async fn session_touch(
    conn: &impl ConnectionTrait,
    id: SessionId,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = session::ActiveModel { last_seen_at: Set(micros(at)), ..Default::default() };
    session::Entity::update_many()
        .set(row)
        .filter(session::Column::Id.eq(id.0))
        .filter(session::Column::LastSeenAt.lte(micros(since)))
        .exec(conn)
        .await?;
    Ok(())
}

/// Notes that its person proved again who they are; `false` when there is none that still works.
///
/// # Errors
/// [`StoreError`].
pub async fn session_proved(conn: &impl ConnectionTrait, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let row = session::ActiveModel { proved_at: Set(Some(micros(at))), ..Default::default() };
    let done = session::Entity::update_many()
        .set(row)
        .filter(session::Column::Id.eq(id.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends a session of that person; `false` when there is none that still works.
///
/// # Errors
/// [`StoreError`].
pub async fn session_revoke(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: SessionId,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = session::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let done = session::Entity::update_many()
        .set(row)
        .filter(session::Column::Id.eq(id.0))
        .filter(session::Column::UserId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends the session with that token; `false` when there is none that still works.
///
/// # Errors
/// [`StoreError`].
pub async fn session_revoke_by_token(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = session::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let done = session::Entity::update_many()
        .set(row)
        .filter(session::Column::TokenHash.eq(token_hash))
        .filter(session::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends every session of a person, but for `kept`. Gives how many there were that nobody had ended.
///
/// # Errors
/// [`StoreError`].
pub async fn session_revoke_all(
    conn: &impl ConnectionTrait,
    user: UserId,
    kept: Option<SessionId>,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let row = session::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let mut change = session::Entity::update_many()
        .set(row)
        .filter(session::Column::UserId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(micros(at)));
    if let Some(kept) = kept {
        change = change.filter(session::Column::Id.ne(kept.0));
    }
    Ok(change.exec(conn).await?.rows_affected)
}

/// Forgets sessions that ended by themselves before that moment. Gives how many: at most `limit`; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn session_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    prune_ended(conn, "session", "p.expires_at", before, limit).await
}

fn record(row: session::Model) -> SessionRecord {
    SessionRecord {
        id: SessionId(row.id),
        user_id: UserId(row.user_id),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        user_agent: row.user_agent,
        ip_address: row.ip_address,
        proved_at: row.proved_at,
        method: row.method,
    }
}
