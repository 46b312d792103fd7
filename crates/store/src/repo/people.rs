//! People as administrators look at them: the list with its filters, and what they change about somebody. Signing in and
//! passwords are in `super::users`.

use chrono::{DateTime, Datelike as _, Utc};
use domain::access::GrantedRole;
use domain::ids::UserId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::app_user;
use crate::error::StoreError;
use crate::repo::users::{self, UserRecord};
pub use crate::repo::workspaces::SortDirection;
use crate::sql::{Sql, like_anywhere, micros};

/// What the list is narrowed to. An empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Part of the e-mail address or the name.
    pub q: Option<String>,
    /// Those who hold one of these roles, over anything.
    pub roles: Vec<GrantedRole>,
    /// Whether they may sign in.
    pub enabled: Option<bool>,
}

/// What the list is sorted by; the id breaks ties.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserSort {
    /// The e-mail address.
    #[default]
    Email,
    /// The name, without regard to case.
    DisplayName,
    /// When they were created.
    CreatedAt,
    /// When they last signed in; those who never did are the earliest.
    LastSignInAt,
}

impl UserSort {
    /// Every sort.
    pub const ALL: &'static [Self] = &[Self::Email, Self::DisplayName, Self::CreatedAt, Self::LastSignInAt];

    /// The name, as in a query string.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::DisplayName => "display_name",
            Self::CreatedAt => "created_at",
            Self::LastSignInAt => "last_sign_in_at",
        }
    }

    /// The sort of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sort| sort.as_str() == name)
    }

    fn is_time(self) -> bool {
        matches!(self, Self::CreatedAt | Self::LastSignInAt)
    }

    fn key(self, postgres: bool) -> &'static str {
        match self {
            Self::Email => "lower(u.email)",
            Self::DisplayName if postgres => "lower(u.display_name) COLLATE \"C\"",
            Self::DisplayName => "lower(u.display_name)",
            Self::CreatedAt => "u.created_at",
            Self::LastSignInAt if postgres => "COALESCE(u.last_sign_in_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')",
            Self::LastSignInAt => "COALESCE(u.last_sign_in_at, '')",
        }
    }
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// What it is narrowed to.
    pub filter: UserFilter,
    /// What it is sorted by.
    pub sort: UserSort,
    /// Which end comes first.
    pub direction: SortDirection,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: u32,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The people.
    pub rows: Vec<UserRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A page of people.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another filter or sort.
pub async fn user_page(conn: &impl ConnectionTrait, query: &UserQuery) -> Result<UserPage, StoreError> {
    let name = list_name(&format!("users {:?} {:?} {:?}", query.filter, query.sort, query.direction));
    let sql = Sql::new(conn);
    let key = query.sort.key(sql.is_postgres());
    let (order, beyond) = match query.direction {
        SortDirection::Ascending => ("ASC", ">"),
        SortDirection::Descending => ("DESC", "<"),
    };
    let sort_key = if query.sort.is_time() { "''" } else { key };
    let mut sql = sql.text("SELECT u.*, ").text(sort_key).text(" AS sort_key FROM app_user u WHERE 1 = 1");
    sql = filtered(sql, &query.filter);
    if let Some(cursor) = &query.cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name)?;
        sql = sql.text(&format!(" AND ({key}, u.id) {beyond} ("));
        sql = bind_key(sql, query.sort, cursor.key)?.text(", ").bind(cursor.id).text(")");
    }
    let sql = sql.text(&format!(" ORDER BY {key} {order}, u.id {order} LIMIT ")).bind(i64::from(query.limit) + 1);
    let found = sql.all(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let (mut rows, mut last) = (Vec::new(), None);
    for row in found.iter().take(limit) {
        let text: String = row.try_get("", "sort_key")?;
        let user = users::record(app_user::Model::from_query_result(row, "")?);
        let time = |at: Option<DateTime<Utc>>| at.map(crate::sql::time_text).unwrap_or_default();
        let key = match query.sort {
            UserSort::CreatedAt => time(Some(user.created_at)),
            UserSort::LastSignInAt => time(user.last_sign_in_at),
            _ => text,
        };
        last = Some((key, user.id.0));
        rows.push(user);
    }
    let next = last.filter(|_| found.len() > limit).map(|(key, id)| Cursor::new(&name, key, id).encode());
    Ok(UserPage { rows, next })
}

/// A cursor's sort value as what the column holds: SQLite keeps moments as text that sorts in their order.
fn bind_key(sql: Sql, sort: UserSort, key: String) -> Result<Sql, StoreError> {
    if !sort.is_time() || !sql.is_postgres() {
        return Ok(sql.bind(key));
    }
    let at = if key.is_empty() { DateTime::UNIX_EPOCH } else { key.parse().map_err(|_| StoreError::BadCursor)? };
    // Further than any of ours, and nearer than Postgres' ends of time.
    if (1970..=9999).contains(&at.year()) { Ok(sql.bind(at)) } else { Err(StoreError::BadCursor) }
}

/// How many people the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn user_count(conn: &impl ConnectionTrait, filter: &UserFilter) -> Result<u64, StoreError> {
    filtered(Sql::new(conn).text("SELECT count(*) FROM app_user u WHERE 1 = 1"), filter).count(conn).await
}

fn filtered(mut sql: Sql, filter: &UserFilter) -> Sql {
    if let Some(q) = filter.q.as_deref().filter(|q| !q.is_empty()) {
        let pattern = like_anywhere(&q.to_lowercase());
        sql = sql.text(" AND (lower(u.email) LIKE ").bind(pattern.as_str()).text(" ESCAPE '\\'");
        sql = sql.text(" OR lower(u.display_name) LIKE ").bind(pattern).text(" ESCAPE '\\')");
    }
    if let Some(enabled) = filter.enabled {
        sql = sql.text(" AND u.enabled = ").bind(enabled);
    }
    if !filter.roles.is_empty() {
        let built_in = filter.roles.iter().filter_map(|role| match role {
            GrantedRole::BuiltIn(role) => Some(role.as_str()),
            GrantedRole::Custom(_) => None,
        });
        let custom = filter.roles.iter().filter_map(|role| match role {
            GrantedRole::Custom(id) => Some(id.0),
            GrantedRole::BuiltIn(_) => None,
        });
        sql = sql.text(" AND EXISTS (SELECT 1 FROM role_grant f WHERE f.user_id = u.id AND (");
        sql = sql.bind_in("f.role", built_in).text(" OR ").bind_in("f.role_id", custom).text("))");
    }
    sql
}

/// Changes somebody's name and whether they may sign in, if they still have the version; `false` when not. Their version
/// rises, also where only their grants were changed.
///
/// # Errors
/// [`StoreError`].
pub async fn user_update(
    conn: &impl ConnectionTrait,
    changed: &UserRecord,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = app_user::ActiveModel {
        display_name: Set(changed.display_name.clone()),
        enabled: Set(changed.enabled),
        updated_at: Set(micros(at)),
        ..Default::default()
    };
    let done = app_user::Entity::update_many()
        .set(row)
        .col_expr(app_user::Column::Version, Expr::cust("version + 1"))
        .filter(app_user::Column::Id.eq(changed.id.0))
        .filter(app_user::Column::Version.eq(changed.version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Which of these people are there.
///
/// # Errors
/// [`StoreError`].
pub async fn users_fetch(conn: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<UserRecord>, StoreError> {
    let sql = Sql::new(conn).text("SELECT * FROM app_user WHERE ").bind_in("id", ids.iter().map(|id| id.0));
    let rows: Vec<app_user::Model> = sql.all_as(conn).await?;
    Ok(rows.into_iter().map(users::record).collect())
}
