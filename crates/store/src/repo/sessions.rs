//! Sessions of signed-in people. The token itself never comes here: only its SHA-256, in any text form the caller keeps to.

use chrono::{DateTime, Utc};
use domain::ids::{SessionId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::session;
use crate::error::StoreError;
use crate::repo::users::{UserRecord, user_fetch};
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
    };
    session::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The session with that token and its person, while it is neither expired nor revoked and the person is enabled.
///
/// # Errors
/// [`StoreError`].
pub async fn session_fetch_by_token(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<(SessionRecord, UserRecord)>, StoreError> {
    let found = session::Entity::find()
        .filter(session::Column::TokenHash.eq(token_hash))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(micros(at)))
        .one(conn)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let user = user_fetch(conn, UserId(row.user_id)).await?.filter(|user| user.enabled);
    Ok(user.map(|user| (record(row), user)))
}

/// The sessions of a person that still work, the one last used first.
///
/// # Errors
/// [`StoreError`].
pub async fn session_list(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<Vec<SessionRecord>, StoreError> {
    let rows = session::Entity::find()
        .filter(session::Column::UserId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(micros(at)))
        .order_by_desc(session::Column::LastSeenAt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(record).collect())
}

/// Notes that it was used.
///
/// # Errors
/// [`StoreError`].
pub async fn session_touch(conn: &impl ConnectionTrait, id: SessionId, at: DateTime<Utc>) -> Result<(), StoreError> {
    let row = session::ActiveModel { last_seen_at: Set(micros(at)), ..Default::default() };
    session::Entity::update_many().set(row).filter(session::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
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

/// Ends every session of a person. Gives how many worked.
///
/// # Errors
/// [`StoreError`].
pub async fn session_revoke_all(
    conn: &impl ConnectionTrait,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let row = session::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let done = session::Entity::update_many()
        .set(row)
        .filter(session::Column::UserId.eq(user.0))
        .filter(session::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(done.rows_affected)
}

/// Forgets sessions that ended by themselves before that moment. Gives how many: at most `limit`; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn session_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM session WHERE id IN (SELECT s.id FROM session s WHERE s.expires_at < ")
        .bind(micros(before))
        .text(" LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
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
    }
}
