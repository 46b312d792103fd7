//! The macro for tests that run on both kinds of database.

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
