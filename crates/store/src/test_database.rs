//! A database of its own for each test, on SQLite and on Postgres. For tests of every crate (feature `testing`); nothing that
//! ships has it.
//!
//! Postgres is the server of `WHEELHOUSE_TEST_POSTGRES_URL` (a superuser), which `cargo xtask test` starts. Without it the
//! Postgres half says so and ends; with `CI` set that is a failure, so that it can't go missing unseen.
//!
//! A migrated database is a copy of one that was migrated once: each test program, as it was built, makes one for itself, since
//! what it was built from is the schema it needs. To migrate for real: [`TestDatabase::empty`] and [`crate::db::migrate`].
//!
//! That a release does with the schema of a newer one is tried with `WHEELHOUSE_TEST_SCHEMA_BY`, the newer `wheelhouse`: its
//! migrations come first, and ours find nothing to do.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::StoreError;
use crate::db::{Backend, Db, DbOptions, connect, migrate};

/// What copies are made of is removed at this age, when another program makes its own.
const OLD: Duration = Duration::from_hours(24);
/// The lock under which programs make what copies are made of: any number that nobody else takes on a test server.
const LOCK: i64 = 0x7465_6d70_6c61_7465;
/// Names the program of a newer release whose schema tests get.
const SCHEMA_BY: &str = "WHEELHOUSE_TEST_SCHEMA_BY";

/// A test can't have a database.
#[derive(Debug, thiserror::Error)]
pub enum TestDatabaseError {
    /// There is no server although there must be one.
    #[error("WHEELHOUSE_TEST_POSTGRES_URL is not set, and CI is")]
    NoServer,
    /// The variable holds no URL of a database.
    #[error("WHEELHOUSE_TEST_POSTGRES_URL names no database")]
    BadUrl,
    /// The server refused.
    #[error(transparent)]
    Server(#[from] DbErr),
    /// A migration failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file can't be made.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The program of `WHEELHOUSE_TEST_SCHEMA_BY` did not bring its schema.
    #[error("{SCHEMA_BY}: {0}")]
    Newer(String),
}

/// A database of one test. Dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    /// The URL to connect to.
    pub url: String,
    /// Which one it is.
    pub backend: Backend,
    /// The server and the database on it.
    server: Option<(String, String)>,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// An empty one; `None` when there is no server for it (see the module's page).
    ///
    /// # Errors
    /// [`TestDatabaseError`].
    pub async fn empty(backend: Backend) -> Result<Option<Self>, TestDatabaseError> {
        match backend {
            Backend::Sqlite => Self::file().map(Some),
            Backend::Postgres => {
                let Some(server) = Server::found()? else { return Ok(None) };
                let connection = Database::connect(&server.admin).await?;
                let name = server.name()?;
                connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                connection.close().await?;
                Ok(Some(server.database(name)))
            }
        }
    }

    /// One with the schema in it.
    ///
    /// # Errors
    /// As [`Self::empty`], or a migration failed.
    pub async fn migrated(backend: Backend) -> Result<Option<Self>, TestDatabaseError> {
        match backend {
            Backend::Sqlite => {
                let made = migrated_file().await?;
                let database = Self::file()?;
                std::fs::copy(made, file_of(&database.url))?;
                Ok(Some(database))
            }
            Backend::Postgres => {
                let Some(server) = Server::found()? else { return Ok(None) };
                let connection = Database::connect(&server.admin).await?;
                let (name, made) = (server.name()?, format!("migrated_{}", program()?));
                let copy = format!("CREATE DATABASE {name} TEMPLATE {made}");
                if connection.execute_unprepared(&copy).await.is_err() {
                    server.migrate(&connection, &made).await?;
                    connection.execute_unprepared(&copy).await?;
                }
                connection.close().await?;
                Ok(Some(server.database(name)))
            }
        }
    }

    /// How to open it: few connections, since tests run side by side on one server.
    #[must_use]
    pub fn options(&self) -> DbOptions {
        DbOptions { max_connections: 8, ..DbOptions::new(self.url.clone()) }
    }

    fn file() -> Result<Self, TestDatabaseError> {
        let folder = tempfile::tempdir()?;
        let url = url_of(&folder.path().join("wheelhouse.db"));
        Ok(Self { url, backend: Backend::Sqlite, server: None, _folder: Some(folder) })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((admin, name)) = self.server.take() else { return };
        // A thread of its own: a drop can't wait for async work on the runtime it runs in.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let connection = Database::connect(&admin).await.ok()?;
                connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok()
            })
        });
        drop(dropper.join());
    }
}

/// The server that tests have.
struct Server {
    /// The URL of a superuser.
    admin: String,
    /// The same without its database.
    base: String,
}

impl Server {
    fn found() -> Result<Option<Self>, TestDatabaseError> {
        let Ok(admin) = std::env::var("WHEELHOUSE_TEST_POSTGRES_URL") else {
            if std::env::var_os("CI").is_some() {
                return Err(TestDatabaseError::NoServer);
            }
            tracing::warn!("skipped on Postgres: WHEELHOUSE_TEST_POSTGRES_URL is not set; cargo xtask test sets it");
            return Ok(None);
        };
        let (base, _) = admin.rsplit_once('/').ok_or(TestDatabaseError::BadUrl)?;
        Ok(Some(Self { base: base.to_owned(), admin }))
    }

    /// A name that nothing has.
    fn name(&self) -> Result<String, TestDatabaseError> {
        let drawn = getrandom::u64().map_err(std::io::Error::other)?;
        Ok(format!("test_{}_{drawn:016x}", std::process::id()))
    }

    fn database(self, name: String) -> TestDatabase {
        let url = format!("{}/{name}", self.base);
        TestDatabase { url, backend: Backend::Postgres, server: Some((self.admin, name)), _folder: None }
    }

    /// Makes the database that copies are made of, unless another process of this program did meanwhile.
    async fn migrate(&self, admin: &DatabaseConnection, made: &str) -> Result<(), TestDatabaseError> {
        // A session's lock, on a connection of its own: it ends with it, whatever happens.
        let lock = Database::connect(&self.admin).await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await?;
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{made}'");
        let exists = admin.query_one_raw(sea_orm::Statement::from_string(admin.get_database_backend(), exists)).await?;
        if exists.is_none() {
            self.forget_old(admin).await?;
            let making = format!("making_{made}");
            // Of a process that was killed in the middle.
            admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await?;
            admin.execute_unprepared(&format!("CREATE DATABASE {making}")).await?;
            with_schema(&format!("{}/{making}", self.base)).await?.close().await?;
            admin.execute_unprepared(&format!("ALTER DATABASE {making} WITH ALLOW_CONNECTIONS false")).await?;
            admin.execute_unprepared(&format!("ALTER DATABASE {making} RENAME TO {made}")).await?;
        }
        Ok(lock.close().await?)
    }

    /// Removes what programs made that are long gone.
    async fn forget_old(&self, admin: &DatabaseConnection) -> Result<(), TestDatabaseError> {
        let old = format!(
            "SELECT datname FROM pg_database WHERE datname LIKE 'migrated\\_%' AND \
             (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '{} seconds'",
            OLD.as_secs()
        );
        let statement = sea_orm::Statement::from_string(admin.get_database_backend(), old);
        for row in admin.query_all_raw(statement).await? {
            let name: String = row.try_get("", "datname")?;
            admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}

/// Brings the schema into an empty database.
async fn with_schema(url: &str) -> Result<Db, TestDatabaseError> {
    if let Some(newer) = std::env::var_os(SCHEMA_BY) {
        let mut command = std::process::Command::new(newer);
        let output = command.arg("migrate").env("WHEELHOUSE_DATABASE__URL", url).output()?;
        if !output.status.success() {
            return Err(TestDatabaseError::Newer(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
    }
    let db = connect(&DbOptions::new(url)).await?;
    migrate(&db).await?;
    Ok(db)
}

/// The file that copies are made of, made if need be. Two processes that make it at once make the same; the later one stays.
async fn migrated_file() -> Result<PathBuf, TestDatabaseError> {
    let folder = std::env::temp_dir().join("wheelhouse-test-migrated");
    let made = folder.join(format!("{}.db", program()?));
    if made.exists() {
        return Ok(made);
    }
    std::fs::create_dir_all(&folder)?;
    let making = tempfile::tempdir_in(&folder)?;
    forget_old_files(&folder, std::fs::metadata(making.path())?.modified()?)?;
    let file = making.path().join("wheelhouse.db");
    let db = with_schema(&url_of(&file)).await?;
    // All of it in the one file.
    db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    db.close().await?;
    std::fs::rename(file, &made)?;
    Ok(made)
}

fn forget_old_files(folder: &Path, now: SystemTime) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        // One that is gone meanwhile another process forgot.
        let modified = std::fs::metadata(&path).and_then(|file| file.modified());
        let old = modified.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > OLD));
        if old && path.extension().is_some_and(|extension| extension == "db") {
            drop(std::fs::remove_file(path));
        }
    }
    Ok(())
}

/// Which program this is, as it was built, and whose schema it wants: 16 hexadecimal digits.
fn program() -> std::io::Result<String> {
    let path = std::env::current_exe()?;
    let file = std::fs::metadata(&path)?;
    let built = file.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let newer = std::env::var_os(SCHEMA_BY);
    let told = format!("{} {} {} {newer:?}", path.display(), file.len(), built.as_nanos());
    Ok(Sha256::digest(told).iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn url_of(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn file_of(url: &str) -> &str {
    let file = url.strip_prefix("sqlite://").unwrap_or(url);
    file.split_once('?').map_or(file, |(file, _)| file)
}
