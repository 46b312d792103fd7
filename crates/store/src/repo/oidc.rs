//! People as an OpenID provider knows them: the provider and its name for the person are the key. And sign-ins there that have
//! begun and not come back. What the provider says is checked in `platform::oidc`, what follows from it in `services::oidc`.

use chrono::{DateTime, Utc};
use domain::ids::{SessionId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// Somebody as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRecord {
    /// The provider.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// The person here.
    pub user_id: UserId,
    /// Whether the provider's groups say what roles they have.
    pub managed: bool,
    /// When the two were joined.
    pub created_at: DateTime<Utc>,
    /// When they last signed in there.
    pub last_sign_in_at: DateTime<Utc>,
}

/// What somebody goes to the provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginPurpose {
    /// Signing in.
    SignIn,
    /// Joining the provider's person to themselves.
    Link(UserId),
    /// Proving that it is still them, for one session of theirs.
    Proof(UserId, SessionId),
}

impl LoginPurpose {
    fn of(user: Option<Uuid>, session: Option<Uuid>) -> Self {
        match (user.map(UserId), session.map(SessionId)) {
            (Some(user), Some(session)) => Self::Proof(user, session),
            (Some(user), None) => Self::Link(user),
            (None, _) => Self::SignIn,
        }
    }

    fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::SignIn => (None, None),
            Self::Link(user) => (Some(user.0), None),
            Self::Proof(user, session) => (Some(user.0), Some(session.0)),
        }
    }
}

/// A sign-in that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRecord {
    /// The hash of what comes back in the address.
    pub state_hash: String,
    /// The hash of what the browser holds.
    pub browser_hash: String,
    /// Where the browser goes afterwards.
    pub return_to: String,
    /// What for.
    pub purpose: LoginPurpose,
    /// Until when it may come back.
    pub expires_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    issuer: String,
    subject: String,
    user_id: Uuid,
    managed: bool,
    created_at: DateTime<Utc>,
    last_sign_in_at: DateTime<Utc>,
}

impl From<IdentityRow> for IdentityRecord {
    fn from(row: IdentityRow) -> Self {
        let IdentityRow { issuer, subject, user_id, managed, created_at, last_sign_in_at } = row;
        Self { issuer, subject, user_id: UserId(user_id), managed, created_at, last_sign_in_at }
    }
}

/// Who the provider's person is here.
///
/// # Errors
/// [`StoreError`].
pub async fn identity_fetch(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<IdentityRecord>, StoreError> {
    let sql = Sql::new(conn).text("SELECT * FROM external_identity WHERE issuer = ").bind(issuer);
    let row: Option<IdentityRow> = sql.text(" AND subject = ").bind(subject).one_as(conn).await?;
    Ok(row.map(Into::into))
}

/// How providers know the person.
///
/// # Errors
/// [`StoreError`].
pub async fn identity_list(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<IdentityRecord>, StoreError> {
    let sql = Sql::new(conn).text("SELECT * FROM external_identity WHERE user_id = ").bind(user.0);
    let rows: Vec<IdentityRow> = sql.text(" ORDER BY issuer, subject").all_as(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Joins a provider's person to one here.
///
/// # Errors
/// [`StoreError::Conflict`] with `pk_external_identity` when the provider's person is joined to somebody.
pub async fn identity_insert(conn: &impl ConnectionTrait, new: &IdentityRecord) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO external_identity (issuer, subject, user_id, managed, created_at, last_sign_in_at) VALUES (")
        .bind(new.issuer.as_str())
        .text(", ")
        .bind(new.subject.as_str())
        .text(", ")
        .bind(new.user_id.0)
        .text(", ")
        .bind(new.managed)
        .text(", ")
        .bind(micros(new.created_at))
        .text(", ")
        .bind(micros(new.last_sign_in_at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes a sign-in.
///
/// # Errors
/// [`StoreError`].
pub async fn identity_used(
    conn: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("UPDATE external_identity SET last_sign_in_at = ").bind(micros(at));
    let sql = sql.text(" WHERE issuer = ").bind(issuer).text(" AND subject = ").bind(subject);
    sql.execute(conn).await?;
    Ok(())
}

/// Takes the person apart from every provider. How many there were.
///
/// # Errors
/// [`StoreError`].
pub async fn identity_delete(conn: &impl ConnectionTrait, user: UserId) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("DELETE FROM external_identity WHERE user_id = ").bind(user.0);
    Ok(sql.execute(conn).await?.rows_affected())
}

/// Keeps a sign-in that begins; those that can no longer come back go.
///
/// # Errors
/// [`StoreError`].
pub async fn login_insert(conn: &impl ConnectionTrait, new: &LoginRecord, at: DateTime<Utc>) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM oidc_login WHERE expires_at <= ").bind(micros(at)).execute(conn).await?;
    let (user, session) = new.purpose.ids();
    Sql::new(conn)
        .text("INSERT INTO oidc_login (state_hash, browser_hash, return_to, user_id, session_id, expires_at) VALUES (")
        .bind(new.state_hash.as_str())
        .text(", ")
        .bind(new.browser_hash.as_str())
        .text(", ")
        .bind(new.return_to.as_str())
        .text(", ")
        .bind(user)
        .text(", ")
        .bind(session)
        .text(", ")
        .bind(micros(new.expires_at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends what a person began and has not come back from.
///
/// # Errors
/// [`StoreError`].
pub async fn login_end_all(conn: &impl ConnectionTrait, user: UserId) -> Result<(), StoreError> {
    Sql::new(conn).text("DELETE FROM oidc_login WHERE user_id = ").bind(user.0).execute(conn).await?;
    Ok(())
}

/// Takes a sign-in that comes back: one caller gets it, however many race.
///
/// # Errors
/// [`StoreError`].
pub async fn login_take(
    conn: &impl ConnectionTrait,
    state_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<LoginRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        state_hash: String,
        browser_hash: String,
        return_to: String,
        user_id: Option<Uuid>,
        session_id: Option<Uuid>,
        expires_at: DateTime<Utc>,
    }
    let sql = Sql::new(conn).text("DELETE FROM oidc_login WHERE state_hash = ").bind(state_hash);
    let row: Option<Row> = sql
        .text(" AND expires_at > ")
        .bind(micros(at))
        .text(" RETURNING state_hash, browser_hash, return_to, user_id, session_id, expires_at")
        .one_as(conn)
        .await?;
    Ok(row.map(|row| {
        let Row { state_hash, browser_hash, return_to, user_id, session_id, expires_at } = row;
        let purpose = LoginPurpose::of(user_id, session_id);
        LoginRecord { state_hash, browser_hash, return_to, purpose, expires_at }
    }))
}
