//! What a backup asks of the database: how many rows each table has, which schema it is, a moment that holds still while it is
//! read (Postgres) and a copy of such a moment in a file (SQLite). What becomes of it is `services::backups`.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::db::{Backend, Db};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::tx::Tx;

/// A moment of a Postgres database that holds still as long as this is held, also for programs that are told its name.
#[derive(Debug)]
pub struct Snapshot {
    /// Read what belongs to the moment in it. It can't write.
    pub tx: Tx,
    /// What Postgres calls the moment.
    pub name: String,
}

/// Holds this moment still. Postgres only.
///
/// # Errors
/// [`StoreError`].
pub async fn snapshot(db: &Db) -> Result<Snapshot, StoreError> {
    let tx = db.begin().await?;
    tx.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    tx.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    let name = Sql::new(&tx).text("SELECT pg_export_snapshot()").one(&tx).await?;
    let name = name.map(|row| row.try_get_by_index::<String>(0)).transpose()?.unwrap_or_default();
    Ok(Snapshot { tx, name })
}

/// Copies the database as it is at this moment into that file, which is not there yet or is empty. SQLite only; writers go on
/// meanwhile.
///
/// # Errors
/// [`StoreError`], also when the file can't be written or its disk is full.
pub async fn copy_into(db: &Db, file: &Path) -> Result<(), StoreError> {
    let path = file.display().to_string().replace('\'', "''");
    db.execute_unprepared(&format!("VACUUM INTO '{path}'")).await?;
    Ok(())
}

/// Whether the newest try to archive the log failed. `None` where none is archived: on SQLite, and where `archive_mode` is off.
///
/// # Errors
/// [`StoreError`].
pub async fn archive_failing(db: &Db) -> Result<Option<bool>, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let found = Sql::new(db)
        .text(
            "SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) FROM pg_stat_archiver \
             WHERE current_setting('archive_mode') <> 'off'",
        )
        .one(db)
        .await?;
    Ok(found.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// What the archived log begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveBackup {
    /// When the newest full or differential backup was whole; `None` while there is none.
    pub ended: Option<DateTime<Utc>>,
}

/// What the service that makes those backups has told the database (`deploy/pgbackrest/entry`): a setting of the database, as it
/// has no table. `None` where no such service has said anything.
///
/// # Errors
/// [`StoreError`].
pub async fn archive_backup(db: &Db) -> Result<Option<ArchiveBackup>, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let found = Sql::new(db)
        .text(
            "SELECT substring(told FROM '=([0-9]{1,11})$')::bigint FROM pg_db_role_setting, unnest(setconfig) AS told \
             WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND starts_with(told, 'wheelhouse.archive_backup=')",
        )
        .one(db)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let seconds: Option<i64> = row.try_get_by_index(0)?;
    Ok(Some(ArchiveBackup { ended: seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) }))
}

/// The names of the tables, in order. None in a database that nobody has used.
///
/// # Errors
/// [`StoreError`].
pub async fn tables(conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let sql = Sql::new(conn).either(
        "SELECT c.relname::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace \
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
         ORDER BY 1",
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1",
    );
    sql.all(conn).await?.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// The rows of each table.
///
/// # Errors
/// [`StoreError`].
pub async fn table_counts(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for table in tables(conn).await? {
        let quoted = format!("\"{}\"", table.replace('"', "\"\""));
        let count = Sql::new(conn).text("SELECT COUNT(*) FROM ").text(&quoted).count(conn).await?;
        counts.insert(table, count);
    }
    Ok(counts)
}

/// The newest step of the schema that the database has; `None` when it has none of ours.
///
/// # Errors
/// [`StoreError`].
pub async fn schema_version(conn: &impl ConnectionTrait) -> Result<Option<String>, StoreError> {
    if !tables(conn).await?.iter().any(|table| table == "seaql_migrations") {
        return Ok(None);
    }
    let newest = Sql::new(conn).text("SELECT MAX(version) FROM seaql_migrations").one(conn).await?;
    Ok(newest.map(|row| row.try_get_by_index::<Option<String>>(0)).transpose()?.flatten())
}

/// The major version of the server, such as 15; `None` on SQLite.
///
/// # Errors
/// [`StoreError`].
pub async fn server_major(db: &Db) -> Result<Option<u32>, StoreError> {
    if db.backend() == Backend::Sqlite {
        return Ok(None);
    }
    let version = Sql::new(db).text("SELECT current_setting('server_version_num')::bigint").count(db).await?;
    Ok(u32::try_from(version / 10_000).ok())
}
