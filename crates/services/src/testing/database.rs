//! A database for one test, and the macro for tests that run on both kinds. Dropped with the test.

use sea_orm::{ConnectionTrait, Database};
use store::Backend;
use uuid::Uuid;

pub(crate) struct TestDatabase {
    pub(crate) url: String,
    /// The server and the database on it.
    server: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// An empty one; `None` on Postgres without a server, which is a failure where `CI` is set.
    pub(crate) async fn create(backend: Backend) -> Option<Self> {
        if backend == Backend::Sqlite {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
            return Some(Self { url, server: None, _folder: Some(folder) });
        }
        let Ok(admin) = std::env::var("WHEELHOUSE_TEST_POSTGRES_URL") else {
            assert!(std::env::var_os("CI").is_none(), "WHEELHOUSE_TEST_POSTGRES_URL is not set");
            println!("skipped on Postgres: WHEELHOUSE_TEST_POSTGRES_URL is not set");
            return None;
        };
        let mut random = [0; 16];
        platform::os::fill_random(&mut random);
        let name = format!("services_{}", Uuid::from_bytes(random).simple());
        let server = Database::connect(&admin).await.unwrap();
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        server.close().await.unwrap();
        let url = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
        Some(Self { url, server: Some((admin, name)), _folder: None })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((admin, name)) = self.server.take() else { return };
        // A thread of its own: a drop can't wait for async work on the runtime it runs in.
        let dropper = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let server = Database::connect(&admin).await.ok()?;
                server.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.ok()
            })
        });
        drop(dropper.join());
    }
}

/// Defines tests that run on SQLite and on Postgres: `both_databases! { async fn name(backend) { … } }`.
macro_rules! both_databases {
    ($(async fn $name:ident($backend:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn run($backend: store::Backend) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(store::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(store::Backend::Postgres).await;
            }
        }
    )+};
}
pub(crate) use both_databases;
