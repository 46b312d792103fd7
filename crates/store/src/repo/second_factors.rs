//! Second factors of people: the sealed secret that codes are reckoned from, recovery codes, and sign-ins that wait for one.
//! Whatever may happen once only is one conditional statement, so that of several at once one succeeds. What a code is and
//! whether it fits is not decided here (`services::identity`).

use chrono::{DateTime, Duration, Utc};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::prune::prune_ended;
use crate::sql::{Sql, micros};

/// The secret that somebody's codes are reckoned from.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpRecord {
    /// Sealed, for the row and column it is in.
    pub secret: String,
    /// When its first code was shown to be right; before that it is not asked for.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Since when wrong codes are counted.
    pub tries_since: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for TotpRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotpRecord").field("confirmed_at", &self.confirmed_at).finish_non_exhaustive()
    }
}

/// The table and column of the sealed secret; its row is the person's id.
pub const TOTP_SECRET: (&str, &str) = ("user_totp", "secret");

/// The secret of a person.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_fetch(conn: &impl ConnectionTrait, user: UserId) -> Result<Option<TotpRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        secret: String,
        confirmed_at: Option<DateTime<Utc>>,
        tries_since: Option<DateTime<Utc>>,
    }
    let row = Sql::new(conn)
        .text("SELECT secret, confirmed_at, tries_since FROM user_totp WHERE user_id = ")
        .bind(user.0)
        .one_as::<Row>(conn)
        .await?;
    Ok(row.map(|row| TotpRecord { secret: row.secret, confirmed_at: row.confirmed_at, tries_since: row.tries_since }))
}

/// Keeps a secret that is still to be confirmed, instead of one that never was. `false`, and nothing changed, when there is a
/// confirmed one.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_begin(
    conn: &impl ConnectionTrait,
    user: UserId,
    sealed: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("INSERT INTO user_totp (user_id, secret, created_at) VALUES (")
        .bind(user.0)
        .text(", ")
        .bind(sealed)
        .text(", ")
        .bind(micros(at))
        .text(
            ") ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, \
             last_step = 0 WHERE user_totp.confirmed_at IS NULL",
        )
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the secret as confirmed, with the step of the code that showed it. `false` when it is confirmed already, or was replaced
/// by another meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_confirm(
    conn: &impl ConnectionTrait,
    user: UserId,
    sealed: &str,
    step: i64,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("UPDATE user_totp SET tries = 0, confirmed_at = ")
        .bind(micros(at))
        .text(", last_step = ")
        .bind(step)
        .text(" WHERE confirmed_at IS NULL AND user_id = ")
        .bind(user.0)
        .text(" AND secret = ")
        .bind(sealed)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the code of a step: `true` once for each step, and never for one before the last that was taken. The count of wrong
/// codes begins anew.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_step_take(conn: &impl ConnectionTrait, user: UserId, step: i64) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("UPDATE user_totp SET tries = 0, last_step = ")
        .bind(step)
        .text(" WHERE confirmed_at IS NOT NULL AND user_id = ")
        .bind(user.0)
        .text(" AND last_step < ")
        .bind(step)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a try at somebody's codes: `false` when there were `most` within `window` already. Counted in the database, so that it
/// holds for all processes together.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_try(
    conn: &impl ConnectionTrait,
    user: UserId,
    most: i32,
    window: Duration,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let since = micros(at - window);
    let done = Sql::new(conn)
        .text("UPDATE user_totp SET tries = CASE WHEN tries_since IS NULL OR tries_since < ")
        .bind(since)
        .text(" THEN 1 ELSE tries + 1 END, tries_since = CASE WHEN tries = 0 OR tries_since IS NULL OR tries_since < ")
        .bind(since)
        .text(" THEN ")
        .bind(micros(at))
        .text(" ELSE tries_since END WHERE user_id = ")
        .bind(user.0)
        .text(" AND (tries < ")
        .bind(most)
        .text(" OR tries_since < ")
        .bind(since)
        .text(")")
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a person's secret and recovery codes. `false` when there was none.
///
/// # Errors
/// [`StoreError`].
pub async fn totp_remove(conn: &impl ConnectionTrait, user: UserId) -> Result<bool, StoreError> {
    Sql::new(conn).text("DELETE FROM recovery_code WHERE user_id = ").bind(user.0).execute(conn).await?;
    let done = Sql::new(conn).text("DELETE FROM user_totp WHERE user_id = ").bind(user.0).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps these recovery codes, by their hashes, instead of all earlier ones.
///
/// # Errors
/// [`StoreError`].
pub async fn recovery_codes_replace(
    conn: &impl ConnectionTrait,
    user: UserId,
    hashes: &[String],
) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM recovery_code WHERE user_id = ").bind(user.0).execute(conn).await?;
    for hash in hashes {
        let sql = Sql::new(conn).text("INSERT INTO recovery_code (user_id, code_hash) VALUES (").bind(user.0);
        sql.text(", ").bind(hash.as_str()).text(")").execute(conn).await?;
    }
    Ok(())
}

/// Takes a recovery code: `true` for exactly one caller. The count of wrong codes begins anew.
///
/// # Errors
/// [`StoreError`].
pub async fn recovery_code_take(
    conn: &impl ConnectionTrait,
    user: UserId,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let done = Sql::new(conn)
        .text("UPDATE recovery_code SET used_at = ")
        .bind(micros(at))
        .text(" WHERE used_at IS NULL AND user_id = ")
        .bind(user.0)
        .text(" AND code_hash = ")
        .bind(hash)
        .execute(conn)
        .await?;
    if done.rows_affected() != 1 {
        return Ok(false);
    }
    Sql::new(conn).text("UPDATE user_totp SET tries = 0 WHERE user_id = ").bind(user.0).execute(conn).await?;
    Ok(true)
}

/// Recovery codes that a person has not used.
///
/// # Errors
/// [`StoreError`].
pub async fn recovery_codes_left(conn: &impl ConnectionTrait, user: UserId) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("SELECT count(*) FROM recovery_code WHERE used_at IS NULL AND user_id = ");
    sql.bind(user.0).count(conn).await
}

/// A sign-in that waits for its second factor.
#[derive(Clone)]
pub struct NewChallenge {
    /// The id.
    pub id: Uuid,
    /// Who signs in.
    pub user_id: UserId,
    /// What was proved first, such as `password`.
    pub method: String,
    /// The hash of the token that goes on with it.
    pub token_hash: String,
    /// Now.
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for NewChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewChallenge").field("id", &self.id).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A sign-in that waits, found by its token.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
struct Waiting {
    id: Uuid,
    user_id: Uuid,
    method: String,
}

/// Keeps a sign-in that waits.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn challenge_insert(conn: &impl ConnectionTrait, new: &NewChallenge) -> Result<(), StoreError> {
    let mut sql = Sql::new(conn)
        .text("INSERT INTO sign_in_challenge (id, user_id, method, token_hash, created_at, expires_at) VALUES (")
        .bind(new.id);
    sql = sql.text(", ").bind(new.user_id.0).text(", ").bind(new.method.as_str()).text(", ");
    sql = sql.bind(new.token_hash.as_str()).text(", ").bind(micros(new.at)).text(", ");
    sql.bind(micros(new.expires_at)).text(")").execute(conn).await?;
    Ok(())
}

/// Counts a try at a sign-in that waits: its id, who signs in and what was proved first. `None` when there is none by that token,
/// it ran out, or had `most` tries.
///
/// # Errors
/// [`StoreError`].
pub async fn challenge_try(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    most: i32,
    at: DateTime<Utc>,
) -> Result<Option<(Uuid, UserId, String)>, StoreError> {
    let found = Sql::new(conn)
        .text("UPDATE sign_in_challenge SET tries = tries + 1 WHERE token_hash = ")
        .bind(token_hash)
        .text(" AND expires_at > ")
        .bind(micros(at))
        .text(" AND tries < ")
        .bind(most)
        .text(" RETURNING id, user_id, method")
        .one_as::<Waiting>(conn)
        .await?;
    Ok(found.map(|row| (row.id, UserId(row.user_id), row.method)))
}

/// Ends a sign-in that waits: `true` for exactly one caller.
///
/// # Errors
/// [`StoreError`].
pub async fn challenge_end(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, StoreError> {
    let done = Sql::new(conn).text("DELETE FROM sign_in_challenge WHERE id = ").bind(id).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all sign-ins of a person that wait.
///
/// # Errors
/// [`StoreError`].
pub async fn challenge_end_all(conn: &impl ConnectionTrait, user: UserId) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM sign_in_challenge WHERE user_id = ").bind(user.0).execute(conn).await?;
    Ok(())
}

/// Forgets sign-ins that ran out before that moment. Gives how many: at most `limit`; call it until it gives none.
///
/// # Errors
/// [`StoreError`].
pub async fn challenge_prune(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    prune_ended(conn, "sign_in_challenge", "p.expires_at", before, limit).await
}
