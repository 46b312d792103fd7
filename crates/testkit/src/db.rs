//! A database of its own for each test, on SQLite and on Postgres: that of [`store::test_database`], with the folder that
//! checkpoints of its audit log go to.

use anyhow::Result;
pub use store::Backend;

/// A database of one test. Dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    /// The URL to connect to.
    pub url: String,
    /// Which one it is.
    pub backend: Backend,
    inner: store::test_database::TestDatabase,
}

impl TestDatabase {
    /// One with the schema in it; `None` when there is no server for it (see [`store::test_database`]).
    ///
    /// # Errors
    /// The server refused, the temporary folder can't be made, or a migration failed.
    pub async fn migrated(backend: Backend) -> Result<Option<Self>> {
        Ok(store::test_database::TestDatabase::migrated(backend).await?.map(Self::from))
    }

    /// One with nothing in it; `None` when there is no server for it.
    ///
    /// # Errors
    /// The server refused, or the temporary folder can't be made.
    pub async fn empty(backend: Backend) -> Result<Option<Self>> {
        Ok(store::test_database::TestDatabase::empty(backend).await?.map(Self::from))
    }

    /// How to open it: few connections, since tests run side by side on one server.
    #[must_use]
    pub fn options(&self) -> store::DbOptions {
        self.inner.options()
    }

    /// A connection pool of its own.
    ///
    /// # Errors
    /// The database can't be reached.
    pub async fn connect(&self) -> Result<store::db::Db> {
        Ok(store::db::connect(&self.options()).await?)
    }
}

impl From<store::test_database::TestDatabase> for TestDatabase {
    fn from(inner: store::test_database::TestDatabase) -> Self {
        Self { url: inner.url.clone(), backend: inner.backend, inner }
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
