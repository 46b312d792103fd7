//! Columns whose values are sealed: finding those under an older master key, and putting a rewrapped one in the place of the
//! one it was made from. What a sealed text means is `platform::vault`'s; which columns are sealed is said in `services::vault`.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::db::{Backend, Db};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::tx::Tx;

/// The advisory lock of a rotation, on Postgres.
const ROTATION_LOCK: i64 = 0x524f_5441_5445;

/// A column with sealed values, in a table whose key is one UUID. Names come from our own code, never from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column of its key.
    pub key: &'static str,
    /// The column with the sealed text, which may be NULL.
    pub column: &'static str,
    /// Whether values from before it was sealed may be there as they were.
    pub was_plain: bool,
}

/// How many values of a column are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealedCount {
    /// Values in all.
    pub total: u64,
    /// Of these sealed under the version asked for.
    pub at_version: u64,
    /// Of these not sealed at all.
    pub plain: u64,
}

/// The turn to rotate all sealed values of this database; it ends with this.
#[derive(Debug)]
pub enum SealedTurn {
    /// It is ours. Postgres keeps it with an open transaction, in which nothing else happens; SQLite is one machine, whose
    /// processes take turns by the key's file.
    Ours(Option<Tx>),
    /// It is somebody else's.
    Taken,
}

/// Asks for the turn to rotate.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_turn(db: &Db) -> Result<SealedTurn, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(SealedTurn::Ours(None));
    }
    let tx = db.begin().await?;
    let asked = Sql::new(&tx).text("SELECT pg_try_advisory_xact_lock(").bind(ROTATION_LOCK).text(")").one(&tx).await?;
    let ours = asked.map(|row| row.try_get_by_index::<bool>(0)).transpose()?.unwrap_or(false);
    Ok(if ours { SealedTurn::Ours(Some(tx)) } else { SealedTurn::Taken })
}

/// How a text sealed under that version begins. None of it is special in LIKE.
fn beginning(version: u32) -> String {
    format!("v1.{version}.%")
}

/// How many values there are, and how many are sealed under that version.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_count(
    conn: &impl ConnectionTrait,
    at: &SealedColumn,
    version: u32,
) -> Result<SealedCount, StoreError> {
    let SealedColumn { table, column, .. } = at;
    let count =
        |more: &str| Sql::new(conn).text(&format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL{more}"));
    let like = format!(" AND {column} LIKE ");
    Ok(SealedCount {
        total: count("").count(conn).await?,
        at_version: count(&like).bind(beginning(version)).count(conn).await?,
        plain: count(&format!(" AND {column} NOT LIKE 'v1.%'")).count(conn).await?,
    })
}

/// The next rows after that key whose value is not sealed under that version, by key.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_batch(
    conn: &impl ConnectionTrait,
    at: &SealedColumn,
    version: u32,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    let SealedColumn { table, key, column, .. } = at;
    let mut sql = Sql::new(conn)
        .text(&format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND {column} NOT LIKE "))
        .bind(beginning(version));
    if let Some(after) = after {
        sql = sql.text(&format!(" AND {key} > ")).bind(after);
    }
    let rows = sql.text(&format!(" ORDER BY {key} LIMIT ")).bind(i64::from(limit)).all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Puts a value in the place of the one it was made from; `false` when that is no longer there: somebody wrote meanwhile, and
/// what they wrote stays.
///
/// # Errors
/// [`StoreError`].
pub async fn sealed_replace(
    conn: &impl ConnectionTrait,
    at: &SealedColumn,
    row: Uuid,
    old: &str,
    new: &str,
) -> Result<bool, StoreError> {
    let SealedColumn { table, key, column, .. } = at;
    let done = Sql::new(conn)
        .text(&format!("UPDATE {table} SET {column} = "))
        .bind(new)
        .text(&format!(" WHERE {key} = "))
        .bind(row)
        .text(&format!(" AND {column} = "))
        .bind(old)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}
