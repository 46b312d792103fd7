//! People who may sign in, and the one-time links that create the owner. Passwords are hashed before they come here.

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::ids::UserId;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{app_user, setup_token};
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A person who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The id.
    pub id: UserId,
    /// The e-mail address; unique without regard to case (`uq_app_user_email`).
    pub email: String,
    /// The name to show.
    pub display_name: String,
    /// Argon2id in PHC form; `None` for people who sign in otherwise. Kept out of `Debug`.
    pub password_hash: Option<String>,
    /// Whether they may sign in now.
    pub enabled: bool,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Rises with each change that somebody makes to them, their grants included.
    pub version: i64,
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord").field("id", &self.id).field("enabled", &self.enabled).finish_non_exhaustive()
    }
}

/// A person to add.
#[derive(Clone)]
pub struct NewUser {
    /// The id.
    pub id: UserId,
    /// The e-mail address.
    pub email: String,
    /// The name to show.
    pub display_name: String,
    /// Argon2id in PHC form.
    pub password_hash: Option<String>,
    /// Now.
    pub at: DateTime<Utc>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<NewUser> for UserRecord {
    fn from(new: NewUser) -> Self {
        Self {
            id: new.id,
            email: new.email,
            display_name: new.display_name,
            password_hash: new.password_hash,
            enabled: true,
            created_at: micros(new.at),
            last_sign_in_at: None,
            version: 1,
        }
    }
}

/// Adds a person.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_app_user_email` for an address that is taken.
pub async fn user_insert(conn: &impl ConnectionTrait, new: &NewUser) -> Result<(), StoreError> {
    let row = app_user::ActiveModel {
        id: Set(new.id.0),
        email: Set(new.email.clone()),
        display_name: Set(new.display_name.clone()),
        password_hash: Set(new.password_hash.clone()),
        enabled: Set(true),
        created_at: Set(micros(new.at)),
        updated_at: Set(micros(new.at)),
        last_sign_in_at: Set(None),
        version: Set(1),
    };
    app_user::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// One person.
///
/// # Errors
/// [`StoreError`].
pub async fn user_fetch(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<UserRecord>, StoreError> {
    Ok(app_user::Entity::find_by_id(id.0).one(conn).await?.map(record))
}

/// The person with that e-mail address, without regard to case.
///
/// # Errors
/// [`StoreError`].
pub async fn user_fetch_by_email(conn: &impl ConnectionTrait, email: &str) -> Result<Option<UserRecord>, StoreError> {
    let found =
        Sql::new(conn).text("SELECT * FROM app_user WHERE lower(email) = lower(").bind(email).text(")").one_as(conn);
    Ok(found.await?.map(record))
}

/// Everybody, by address.
///
/// # Errors
/// [`StoreError`].
pub async fn user_list(conn: &impl ConnectionTrait) -> Result<Vec<UserRecord>, StoreError> {
    let rows = app_user::Entity::find().order_by_asc(app_user::Column::Email).all(conn).await?;
    Ok(rows.into_iter().map(record).collect())
}

/// Whether there is an owner, enabled or not.
///
/// # Errors
/// [`StoreError`].
pub async fn owner_exists(conn: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let owners =
        Sql::new(conn).text("SELECT count(*) FROM role_grant WHERE role = ").bind(Role::Owner.as_str()).count(conn);
    Ok(owners.await? > 0)
}

/// Notes a sign-in.
///
/// # Errors
/// [`StoreError`].
pub async fn user_signed_in(conn: &impl ConnectionTrait, id: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
    let row = app_user::ActiveModel { last_sign_in_at: Set(Some(micros(at))), ..Default::default() };
    app_user::Entity::update_many().set(row).filter(app_user::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Replaces the password hash; `false` when there is no such person.
///
/// # Errors
/// [`StoreError`].
pub async fn user_password_set(
    conn: &impl ConnectionTrait,
    id: UserId,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = app_user::ActiveModel {
        password_hash: Set(Some(hash.to_owned())),
        updated_at: Set(micros(at)),
        ..Default::default()
    };
    let done = app_user::Entity::update_many().set(row).filter(app_user::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(done.rows_affected > 0)
}

/// Replaces a password hash by another of the same password, unless the password was changed meanwhile.
///
/// # Errors
/// [`StoreError`].
pub async fn user_password_rehash(
    conn: &impl ConnectionTrait,
    id: UserId,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    let row = app_user::ActiveModel { password_hash: Set(Some(new.to_owned())), ..Default::default() };
    app_user::Entity::update_many()
        .set(row)
        .filter(app_user::Column::Id.eq(id.0))
        .filter(app_user::Column::PasswordHash.eq(old))
        .exec(conn)
        .await?;
    Ok(())
}

/// Changes the name to show; `false` when there is no such person of that version.
///
/// # Errors
/// [`StoreError`].
pub async fn user_rename(
    conn: &impl ConnectionTrait,
    id: UserId,
    version: i64,
    display_name: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = app_user::ActiveModel {
        display_name: Set(display_name.to_owned()),
        updated_at: Set(micros(at)),
        version: Set(version + 1),
        ..Default::default()
    };
    let done = app_user::Entity::update_many()
        .set(row)
        .filter(app_user::Column::Id.eq(id.0))
        .filter(app_user::Column::Version.eq(version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Holds the person's row to the end of the transaction, so that two who count what belongs to it do so one after the other.
///
/// # Errors
/// [`StoreError`].
pub async fn user_lock(tx: &crate::Tx, id: UserId) -> Result<(), StoreError> {
    // On SQLite the transaction has the turn to write already.
    let sql = Sql::new(tx).text("SELECT 1 FROM app_user WHERE id = ").bind(id.0).either(" FOR UPDATE", "");
    sql.one(tx).await?;
    Ok(())
}

/// Keeps a one-time link; earlier ones that were not used stop working, so that there is one at a time.
///
/// # Errors
/// [`StoreError`].
pub async fn setup_token_insert(
    conn: &impl ConnectionTrait,
    id: Uuid,
    token_hash: &str,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    setup_token::Entity::delete_many().filter(setup_token::Column::UsedAt.is_null()).exec(conn).await?;
    let row = setup_token::ActiveModel {
        id: Set(id),
        token_hash: Set(token_hash.to_owned()),
        created_at: Set(micros(at)),
        expires_at: Set(micros(expires_at)),
        used_at: Set(None),
    };
    setup_token::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Keeps a one-time link unless another one is good: `true` for exactly one caller, however many race.
///
/// # Errors
/// [`StoreError`].
pub async fn setup_token_offer(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let over = setup_token::Column::UsedAt.is_not_null().or(setup_token::Column::ExpiresAt.lte(micros(at)));
    setup_token::Entity::delete_many().filter(over).exec(conn).await?;
    if setup_token::Entity::find().one(conn).await?.is_some() {
        return Ok(false);
    }
    // Whoever races offers under the same id, and waits here until the first is done.
    let done = Sql::new(conn)
        .text("INSERT INTO setup_token (id, token_hash, created_at, expires_at) VALUES (")
        .bind(Uuid::nil())
        .text(", ")
        .bind(token_hash)
        .text(", ")
        .bind(micros(at))
        .text(", ")
        .bind(micros(expires_at))
        .text(") ON CONFLICT DO NOTHING")
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Spends a one-time link: `true` for exactly one caller, however many race, and only while it has not expired.
///
/// # Errors
/// [`StoreError`].
pub async fn setup_token_consume(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = setup_token::ActiveModel { used_at: Set(Some(micros(at))), ..Default::default() };
    let spent = setup_token::Entity::update_many()
        .set(row)
        .filter(setup_token::Column::TokenHash.eq(token_hash))
        .filter(setup_token::Column::UsedAt.is_null())
        .filter(setup_token::Column::ExpiresAt.gt(micros(at)))
        .exec(conn)
        .await?;
    Ok(spent.rows_affected == 1)
}

pub(crate) fn record(row: app_user::Model) -> UserRecord {
    UserRecord {
        id: UserId(row.id),
        email: row.email,
        display_name: row.display_name,
        password_hash: row.password_hash,
        enabled: row.enabled,
        created_at: row.created_at,
        last_sign_in_at: row.last_sign_in_at,
        version: row.version,
    }
}
