//! A database of its own for each test, on SQLite and on Postgres.
//!
//! Postgres is the server of `WHEELHOUSE_TEST_POSTGRES_URL` (a superuser), which `cargo xtask test` starts. Without it the
//! Postgres half says so and ends; with `CI` set that is a failure, so that it can't go missing unseen.

use anyhow::{Context as _, Result};
use sea_orm::{ConnectionTrait as _, Database};
use uuid::Uuid;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// SQLite in a temporary folder.
    Sqlite,
    /// A fresh database on the test server.
    Postgres,
}

/// A database of one test. Dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    /// The URL to connect to.
    pub url: String,
    /// Which one it is.
    pub backend: Backend,
    admin_url: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// Makes an empty one; `None` when there is no server for it (see the module's page).
    ///
    /// # Errors
    /// The server refused, or the temporary folder can't be made.
    pub async fn create(backend: Backend) -> Result<Option<Self>> {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir()?;
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("wheelhouse.db").display());
                Ok(Some(Self { url, backend, admin_url: None, _folder: Some(folder) }))
            }
            Backend::Postgres => {
                let Ok(admin) = std::env::var("WHEELHOUSE_TEST_POSTGRES_URL") else {
                    anyhow::ensure!(std::env::var_os("CI").is_none(), "WHEELHOUSE_TEST_POSTGRES_URL is not set");
                    tracing::warn!(
                        "skipped on Postgres: WHEELHOUSE_TEST_POSTGRES_URL is not set; cargo xtask test sets it"
                    );
                    return Ok(None);
                };
                let name = format!("test_{}", Uuid::from_bytes(crate::env::real().random.bytes()).simple());
                let connection = Database::connect(&admin).await.context("connect to the test server")?;
                connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                connection.close().await?;
                let (server, _) = admin.rsplit_once('/').context("the test server's URL has no database")?;
                Ok(Some(Self {
                    url: format!("{server}/{name}"),
                    backend,
                    admin_url: Some((admin.clone(), name)),
                    _folder: None,
                }))
            }
        }
    }

    /// Makes an empty one and brings the schema up.
    ///
    /// # Errors
    /// As [`TestDatabase::create`], or a migration failed.
    pub async fn migrated(backend: Backend) -> Result<Option<Self>> {
        let Some(database) = Self::create(backend).await? else { return Ok(None) };
        let db = database.connect().await?;
        store::db::migrate(&db).await?;
        Ok(Some(database))
    }

    /// How to open it: few connections, since tests run side by side on one server.
    #[must_use]
    pub fn options(&self) -> store::DbOptions {
        store::DbOptions { max_connections: 8, ..store::DbOptions::new(self.url.clone()) }
    }

    /// A connection pool of its own.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn connect(&self) -> Result<store::db::Db> {
        Ok(store::db::connect(&self.options()).await?)
    }
}

/// Where the checkpoints of that database go: on Postgres a folder that goes with it, otherwise beside the file.
#[must_use]
pub fn audit_folder(url: &str) -> Option<std::path::PathBuf> {
    let (_, name) = url.strip_prefix("postgres")?.rsplit_once('/')?;
    Some(std::env::temp_dir().join("wheelhouse-test-audit").join(name))
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(folder) = audit_folder(&self.url) {
            drop(std::fs::remove_dir_all(folder));
        }
        let Some((admin, name)) = self.admin_url.take() else { return };
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

/// Defines a test that runs on SQLite and on Postgres: `db_test!(async fn name(database) { … })`, where the body gets a
/// migrated [`TestDatabase`] and ends in `Ok(())`.
#[macro_export]
macro_rules! db_test {
    ($(#[$meta:meta])* async fn $name:ident($database:ident) $body:block) => {
        mod $name {
            use super::*;

            async fn run($database: $crate::db::TestDatabase) -> anyhow::Result<()> $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> anyhow::Result<()> {
                match $crate::db::TestDatabase::migrated($crate::db::Backend::Sqlite).await? {
                    Some(database) => run(database).await,
                    None => Ok(()),
                }
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> anyhow::Result<()> {
                match $crate::db::TestDatabase::migrated($crate::db::Backend::Postgres).await? {
                    Some(database) => run(database).await,
                    None => Ok(()),
                }
            }
        }
    };
}
