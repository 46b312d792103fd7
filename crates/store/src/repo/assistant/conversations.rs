//! Conversations.

use chrono::{DateTime, Utc};
use domain::ids::{ConversationId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::conversation;
use crate::error::StoreError;
use crate::repo::prune::prune_ended;
use crate::sql::{Sql, micros};

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRecord {
    /// The id.
    pub id: ConversationId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its title; empty until somebody or its first question names it.
    pub title: String,
    /// Rises with each change of the title.
    pub version: i64,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last asked something, or renamed.
    pub updated_at: DateTime<Utc>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The conversations, the one that was used last first.
    pub rows: Vec<ConversationRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Adds one.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn conversation_insert(conn: &impl ConnectionTrait, new: &ConversationRecord) -> Result<(), StoreError> {
    let row = conversation::ActiveModel {
        id: Set(new.id.0),
        user_id: Set(new.user_id.0),
        title: Set(new.title.clone()),
        version: Set(new.version),
        created_at: Set(micros(new.created_at)),
        updated_at: Set(micros(new.updated_at)),
    };
    conversation::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// One of that person's.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_fetch(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: ConversationId,
) -> Result<Option<ConversationRecord>, StoreError> {
    let found = conversation::Entity::find_by_id(id.0).filter(conversation::Column::UserId.eq(user.0));
    Ok(found.one(conn).await?.map(record))
}

/// A page of that person's.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn conversation_list(
    conn: &impl ConnectionTrait,
    user: UserId,
    limit: u32,
    cursor: Option<&str>,
) -> Result<ConversationPage, StoreError> {
    let mut rows: Vec<conversation::Model> =
        page(conn.get_database_backend(), user, limit, cursor)?.all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let rows: Vec<_> = rows.into_iter().map(record).collect();
    let next = rows.last().filter(|_| more).map(|last| Cursor::at(&name(user), last.updated_at, last.id.0).encode());
    Ok(ConversationPage { rows, next })
}

/// The statement of [`conversation_list`].
pub(crate) fn page(backend: DbBackend, user: UserId, limit: u32, cursor: Option<&str>) -> Result<Sql, StoreError> {
    let mut sql = Sql::of(backend).text("SELECT * FROM conversation WHERE user_id = ").bind(user.0);
    if let Some(cursor) = cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name(user))?;
        sql = sql.text(" AND (updated_at, id) < (").bind(cursor.moment()?).text(", ").bind(cursor.id).text(")");
    }
    Ok(sql.text(" ORDER BY updated_at DESC, id DESC LIMIT ").bind(i64::from(limit) + 1))
}

fn name(user: UserId) -> String {
    list_name(&format!("conversations of {user}"))
}

/// How many that person has.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_count(conn: &impl ConnectionTrait, user: UserId) -> Result<u64, StoreError> {
    Sql::new(conn).text("SELECT count(*) FROM conversation WHERE user_id = ").bind(user.0).count(conn).await
}

/// Gives it a title; `false` when it has another version.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_rename(
    conn: &impl ConnectionTrait,
    id: ConversationId,
    version: i64,
    title: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row =
        conversation::ActiveModel { title: Set(title.to_owned()), updated_at: Set(micros(at)), ..Default::default() };
    let done = conversation::Entity::update_many()
        .set(row)
        .col_expr(conversation::Column::Version, Expr::cust("version + 1"))
        .filter(conversation::Column::Id.eq(id.0))
        .filter(conversation::Column::Version.eq(version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that it was asked something.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_touch(
    conn: &impl ConnectionTrait,
    id: ConversationId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = conversation::ActiveModel { updated_at: Set(micros(at)), ..Default::default() };
    conversation::Entity::update_many().set(row).filter(conversation::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Removes one of that person's with its turns; `false` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_delete(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: ConversationId,
) -> Result<bool, StoreError> {
    let gone = conversation::Entity::delete_by_id(id.0).filter(conversation::Column::UserId.eq(user.0));
    Ok(gone.exec(conn).await?.rows_affected == 1)
}

/// Forgets conversations that were last used before that moment, at most so many. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn conversation_prune(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    prune_ended(conn, "conversation", "p.updated_at", before, limit).await
}

fn record(row: conversation::Model) -> ConversationRecord {
    ConversationRecord {
        id: ConversationId(row.id),
        user_id: UserId(row.user_id),
        title: row.title,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
