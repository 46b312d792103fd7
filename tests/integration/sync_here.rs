//! `wheelhouse sync --here` works for itself: it does what was asked for, and nothing that costs money unasked.

use anyhow::{Context as _, Result};
use platform::shutdown::Shutdown;
use testkit::app::TestAppOptions;
use testkit::compose;
use testkit::db::{Backend, TestDatabase};
use testkit::outside::needed;
use testkit::process::wheelhouse;

use crate::support::texts;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_here_starts_nothing_that_was_not_asked_for() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let shutdown = Shutdown::new();
    let (_aws, endpoint) = compose::simulator(&TestAppOptions::default(), &shutdown).await?;
    let database = TestDatabase::migrated(Backend::Sqlite).await?.context("SQLite is always there")?;
    let folder = tempfile::tempdir()?;
    let add = ["account", "add", "--name", "T", "--region", "us-east-1", "--endpoint-url", &endpoint];
    let sync = ["sync", "--account", "T", "--job", "sync-workspaces", "--here", "--wait"];
    for arguments in [add.as_slice(), sync.as_slice()] {
        let mut command = wheelhouse()?;
        command.args(arguments).current_dir(folder.path()).kill_on_drop(true);
        command.env("DATABASE_URL", &database.url).env("REDIS_URL", "").env("WHEELHOUSE_TELEMETRY__LOG_FILTER", "warn");
        command.env("AWS_ACCESS_KEY_ID", "AKIASIMULATED0000000").env("AWS_SECRET_ACCESS_KEY", "simulated");
        let output = command.output().await?;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    let db = sea_orm::Database::connect(&database.url).await?;
    let kinds = texts(
        &db,
        "SELECT DISTINCT kind FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') ORDER BY 1",
        "kind",
    )
    .await?;
    db.close().await?;
    shutdown.trigger();
    assert_eq!(kinds, ["sync-workspaces"]);
    Ok(())
}
