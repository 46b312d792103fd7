//! Opening the database, and bringing its schema up.
//!
//! **SQLite and writers.** SQLite has one writer at a time. A transaction that reads first and writes later can't wait for
//! its turn (it fails with BUSY, since its snapshot is old), so every transaction of ours begins with `BEGIN IMMEDIATE`
//! ([`Db::begin`]). Inside one process writers queue, in order, on a lock of the [`Db`], so that none starves while
//! others are quick; between processes `busy_timeout` waits. Readers go on beside the writer (WAL).
//!
//! **Postgres that goes away.** A pooled connection that was idle for a second is tried before use, one that broke is not
//! put back: after a restart the first calls may answer [`StoreError::Unavailable`], then everything goes on.
//!
//! **A replica.** What may be a little old is read from a second Postgres where there is one: [`Db::reading`], [`crate::replica`].
//!
//! **Callers that give up.** sqlx 0.9 puts a connection back with its transaction open when nobody waits for the end of `BEGIN`
//! any more, as when a browser leaves; what is written next on it would wait for a commit that nobody makes. So a transaction
//! begins in a task of its own ([`Db::begin`]), which ends it properly where it is not wanted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use migrations::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::replica::Replica;
use crate::sql::Sql;
use crate::tx::Tx;
use crate::waiting::{PRIMARY, asked, hooks};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file, for one process or a few on one machine.
    Sqlite,
    /// A server, for any number of replicas.
    Postgres,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// `postgres://user:password@host/database` or `sqlite://path?mode=rwc`.
    pub url: String,
    /// Connections in the pool at most.
    pub max_connections: u32,
    /// How long a call waits for a connection, and a writer on SQLite for its turn.
    pub acquire_timeout: Duration,
    /// How long a statement may take on Postgres.
    pub statement_timeout: Duration,
    /// The name Postgres shows for our connections.
    pub application_name: String,
}

impl DbOptions {
    /// The URL with values that suit a small installation: 16 connections, 10 s to get one, 30 s for a statement.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            application_name: "wheelhouse".to_owned(),
        }
    }
}

/// The database: a pool of connections. Cheap to clone. Repos take it wherever they take a connection; each call then
/// is a transaction of its own.
#[derive(Debug, Clone)]
pub struct Db {
    conn: DatabaseConnection,
    backend: Backend,
    /// The turn of SQLite's writers (see the module's page); unused on Postgres.
    writers: Arc<Mutex<()>>,
    acquire_timeout: Duration,
    replica: Option<Replica>,
    /// Whether queries go to the replica.
    reading: bool,
}

/// How a pool is used, in connections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolUse {
    /// That somebody has.
    pub used: f64,
    /// That are open and nobody has.
    pub idle: f64,
    /// That are opened at most.
    pub most: f64,
}

impl Db {
    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The same database with a replica, which nobody reads from without [`reading`](Self::reading).
    #[must_use]
    pub fn with_replica(self, replica: Replica) -> Self {
        Self { replica: Some(replica), ..self }
    }

    /// Its replica, where there is one.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// The same database for reads that bear to be a little old: queries go to the replica while it can be asked, transactions begin on the
    /// primary.
    #[must_use]
    pub fn reading(&self) -> Self {
        Self { reading: true, ..self.clone() }
    }

    /// The same database for reads that must agree with each other, whichever of the two was asked before: queries go to the primary.
    #[must_use]
    pub fn primary(&self) -> Self {
        Self { reading: false, ..self.clone() }
    }

    /// The replica, if it is the one to ask.
    fn elsewhere(&self) -> Option<&Replica> {
        self.replica.as_ref().filter(|_| self.reading)
    }

    /// Opens a transaction that may write. It is rolled back when dropped without [`Tx::commit`].
    ///
    /// Never open a second one while holding the first: on SQLite it would wait for itself until the time-out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection, or on SQLite no turn to write, is had in time.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        if self.backend == Backend::Postgres {
            let conn = self.conn.clone();
            let begun = tokio::spawn(async move { asked(PRIMARY, conn.begin()).await });
            let begun = begun.await.map_err(|error| DbErr::Custom(format!("BEGIN was cut off: {error}")))?;
            return Ok(Tx::new(begun?, None));
        }
        let turn = tokio::time::timeout(self.acquire_timeout, Arc::clone(&self.writers).lock_owned())
            .await
            .map_err(|_| StoreError::Unavailable { source: None })?;
        Ok(Tx::new(self.begin_immediate().await?, Some(turn)))
    }

    async fn begin_immediate(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        asked(PRIMARY, self.conn.begin_with_options(options)).await
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes the pool, waiting for connections in use.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.conn.close_by_ref().await?)
    }

    /// Lets SQLite gather statistics for its planner; Postgres does that by itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn optimize(&self) -> Result<(), StoreError> {
        let statement = if self.backend == Backend::Sqlite { "PRAGMA optimize" } else { "SELECT 1" };
        self.execute_unprepared(statement).await?;
        Ok(())
    }

    /// How the pool is used at this moment.
    #[must_use]
    pub fn pool(&self) -> PoolUse {
        match self.backend {
            Backend::Postgres => pool_use(self.conn.get_postgres_connection_pool()),
            Backend::Sqlite => pool_use(self.conn.get_sqlite_connection_pool()),
        }
    }

    /// Postgres' pool, for LISTEN.
    pub(crate) fn postgres_pool(&self) -> Option<&sea_orm::sqlx::PgPool> {
        (self.backend == Backend::Postgres).then(|| self.conn.get_postgres_connection_pool())
    }
}

/// How a pool is used at this moment.
pub(crate) fn pool_use<D: sea_orm::sqlx::Database>(pool: &sea_orm::sqlx::Pool<D>) -> PoolUse {
    let (open, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
    // The two are not read at the same moment.
    let used = f64::from(open) - f64::from(open.min(idle));
    PoolUse { used, idle: f64::from(idle), most: f64::from(pool.options().get_max_connections()) }
}

#[async_trait::async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        self.conn.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        asked(PRIMARY, self.conn.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        asked(PRIMARY, self.conn.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if let Some(replica) = self.elsewhere()
            && let Some(answer) = replica.one(&statement).await
        {
            return answer;
        }
        asked(PRIMARY, self.conn.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some(replica) = self.elsewhere()
            && let Some(answer) = replica.all(&statement).await
        {
            return answer;
        }
        asked(PRIMARY, self.conn.query_all_raw(statement)).await
    }
}

/// Opens the database. The schema is left as it is: see [`migrate`].
///
/// # Errors
/// [`StoreError::Unavailable`] when it can't be reached, [`StoreError::Other`] for a URL that is neither kind.
pub async fn connect(options: &DbOptions) -> Result<Db, StoreError> {
    let backend = if options.url.starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres };
    let conn = Database::connect(pool(options, backend)).await?;
    let acquire_timeout = options.acquire_timeout;
    Ok(Db { conn, backend, writers: Arc::default(), acquire_timeout, replica: None, reading: false })
}

/// Names a replica of a Postgres, whose answers may be so old at most. It is connected to when it is first asked: one that is away
/// is no error. Until somebody [watches](Replica::watch) it, it is not asked.
///
/// # Errors
/// [`StoreError::Other`] for a URL that is none.
pub async fn connect_replica(options: &DbOptions, oldest: Duration) -> Result<Replica, StoreError> {
    let mut pool = pool(options, Backend::Postgres);
    pool.connect_lazy(true);
    Ok(Replica::new(Database::connect(pool).await?, oldest))
}

fn pool(options: &DbOptions, backend: Backend) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    connect
        .max_connections(options.max_connections.max(2))
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("temp_store", "memory")
                .pragma("cache_size", "-16384")
        });
    hooks(&mut connect);
    if backend == Backend::Postgres {
        connect
            .set_application_name(options.application_name.clone())
            .statement_timeout(options.statement_timeout)
            .test_before_acquire_if_idle_for(Duration::from_secs(1));
    }
    connect
}

/// What the advisory lock of the migrations is called: "WHEELHOU" in ASCII.
const MIGRATION_LOCK: i64 = 0x5748_4545_4c48_4f55;

/// The steps of the schema that this version knows, oldest first.
#[must_use]
pub fn schema_known() -> Vec<String> {
    Migrator::migrations().iter().map(|step| step.name().to_owned()).collect()
}

/// Brings the schema up to this version. Safe from many replicas at once: one does it, the others wait and find it done.
/// All pending migrations are one transaction: they are in together or not at all. A schema that a newer release brought up is
/// left as it is: it has all that this one needs, since a release only adds.
///
/// # Errors
/// [`StoreError::Unavailable`] when another replica does not finish within two minutes, [`StoreError::Other`] when a
/// migration fails.
pub async fn migrate(db: &Db) -> Result<(), StoreError> {
    let tx = db.begin().await?;
    if db.backend == Backend::Postgres {
        // First the queue of replicas, which may take a while; then a table that is in use should not stop everyone.
        tx.execute_unprepared("SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = 0").await?;
        Sql::new(&tx).text("SELECT pg_advisory_xact_lock(").bind(MIGRATION_LOCK).text(")").execute(&tx).await?;
        tx.execute_unprepared("SET LOCAL lock_timeout = '10s'").await?;
    }
    let models = Migrator::get_migration_models(tx.inner()).await?;
    let done: BTreeSet<String> = models.into_iter().map(|model| model.version).collect();
    let ours = schema_known().into_iter().collect();
    if done.is_superset(&ours) {
        for newer in done.difference(&ours) {
            tracing::info!(migration = newer, "a newer release was here");
        }
    } else {
        Migrator::up(tx.inner(), None).await?;
    }
    tx.commit().await
}

impl From<Backend> for DbBackend {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite,
            Backend::Postgres => Self::Postgres,
        }
    }
}
