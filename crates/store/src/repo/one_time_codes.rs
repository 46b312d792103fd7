//! Codes and links that were sent by mail: each works once, for a while, within a few tries. Only hashes come here. What they
//! open is not decided here (`services::identity`).

use chrono::{DateTime, Utc};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::prune::prune_ended;
use crate::sql::{Sql, micros};

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// A new password.
    Reset,
}

impl Purpose {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Reset => "reset",
        }
    }
}

/// A code to keep.
#[derive(Clone)]
pub struct NewCode {
    /// The id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: UserId,
    /// What for.
    pub purpose: Purpose,
    /// Its hash: slow for what can be guessed, SHA-256 for what can't.
    pub code_hash: String,
    /// Now.
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for NewCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCode").field("id", &self.id).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// How many codes of a purpose somebody was sent since a moment.
///
/// # Errors
/// [`StoreError`].
pub async fn code_count_since(
    conn: &impl ConnectionTrait,
    user: UserId,
    purpose: Purpose,
    since: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("SELECT count(*) FROM one_time_code WHERE user_id = ").bind(user.0);
    let sql = sql.text(" AND purpose = ").bind(purpose.as_str()).text(" AND created_at > ").bind(micros(since));
    sql.count(conn).await
}

/// Keeps a code; earlier ones of its purpose stop working.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn code_insert(conn: &impl ConnectionTrait, new: &NewCode) -> Result<(), StoreError> {
    codes_void(conn, new.user_id, Some(new.purpose), new.at).await?;
    let mut sql = Sql::new(conn)
        .text("INSERT INTO one_time_code (id, user_id, purpose, code_hash, created_at, expires_at) VALUES (")
        .bind(new.id);
    sql = sql.text(", ").bind(new.user_id.0).text(", ").bind(new.purpose.as_str()).text(", ");
    sql = sql.bind(new.code_hash.as_str()).text(", ").bind(micros(new.at)).text(", ");
    sql.bind(micros(new.expires_at)).text(")").execute(conn).await?;
    Ok(())
}

/// All codes of a person stop working, or those of one purpose.
///
/// # Errors
/// [`StoreError`].
pub async fn codes_void(
    conn: &impl ConnectionTrait,
    user: UserId,
    purpose: Option<Purpose>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut sql = Sql::new(conn).text("UPDATE one_time_code SET used_at = ").bind(micros(at));
    sql = sql.text(" WHERE used_at IS NULL AND user_id = ").bind(user.0);
    if let Some(purpose) = purpose {
        sql = sql.text(" AND purpose = ").bind(purpose.as_str());
    }
    sql.execute(conn).await?;
    Ok(())
}

/// Counts a try at the code that somebody has: its id and hash. `None` when they have none that works, or there were `most` tries.
///
/// # Errors
/// [`StoreError`].
pub async fn code_try(
    conn: &impl ConnectionTrait,
    user: UserId,
    purpose: Purpose,
    most: i32,
    at: DateTime<Utc>,
) -> Result<Option<(Uuid, String)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        code_hash: String,
    }
    let found = Sql::new(conn)
        .text("UPDATE one_time_code SET tries = tries + 1 WHERE used_at IS NULL AND user_id = ")
        .bind(user.0)
        .text(" AND purpose = ")
        .bind(purpose.as_str())
        .text(" AND expires_at > ")
        .bind(micros(at))
        .text(" AND tries < ")
        .bind(most)
        .text(" RETURNING id, code_hash")
        .one_as::<Row>(conn)
        .await?;
    Ok(found.map(|row| (row.id, row.code_hash)))
}

/// Uses a code: `true` for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn code_use(conn: &impl ConnectionTrait, id: Uuid, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = Sql::new(conn).text("UPDATE one_time_code SET used_at = ").bind(micros(at));
    let done = sql.text(" WHERE used_at IS NULL AND id = ").bind(id).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Whose code of that purpose it is, by its hash: `None` when it is unknown, used, or ran out.
///
/// # Errors
/// [`StoreError`].
pub async fn code_owner(
    conn: &impl ConnectionTrait,
    purpose: Purpose,
    code_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<(Uuid, UserId)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        user_id: Uuid,
    }
    let found = Sql::new(conn)
        .text("SELECT id, user_id FROM one_time_code WHERE used_at IS NULL AND code_hash = ")
        .bind(code_hash)
        .text(" AND purpose = ")
        .bind(purpose.as_str())
        .text(" AND expires_at > ")
        .bind(micros(at))
        .one_as::<Row>(conn)
        .await?;
    Ok(found.map(|row| (row.id, UserId(row.user_id))))
}

/// Forgets codes that ran out before that moment. Gives how many: at most `limit`; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn code_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    prune_ended(conn, "one_time_code", "p.expires_at", before, limit).await
}
