//! A Postgres that crashes and comes back under running workers and a running API: they survive and go on.

use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::paths;
use serde_json::Value;
use store::queue;
use testkit::client::ApiClient;
use testkit::outside::{Cluster, needed};
use testkit::process::{Child, free_port, wheelhouse};

use crate::support::number;
use crate::worker_process::{Workers, effects, environment, sleeping};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_and_api_survive_a_crash_of_postgres() -> Result<()> {
    const JOBS: i64 = 300;
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let Some(cluster) = Cluster::take().await? else { return Ok(()) };
    let url = cluster.database().await?;
    let db = store::db::connect(&store::DbOptions::new(url.clone())).await?;
    store::db::migrate(&db).await?;
    let env = testkit::env::real();

    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let mut command = wheelhouse()?;
    command.args(["api", "--listen", &format!("127.0.0.1:{port}")]).envs(environment(&url)).current_dir(folder.path());
    let mut api = Child::spawn(command.stdout(std::process::Stdio::null()))?;
    let client = ApiClient::new(&format!("http://127.0.0.1:{port}"))?;
    ready_is(&client, Some(200)).await?;
    let mut workers = Workers::new(&url)?;
    for _ in 0..2 {
        workers.start().await?;
    }
    queue::enqueue_many(&db, &env, (0..JOBS).map(|_| sleeping(Duration::from_millis(100))).collect()).await?;
    let done =
        "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'done'";
    while number(&db, done).await? < 30 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    for _ in 0..2 {
        cluster.crash().await?;
        ready_is(&client, Some(503)).await?;
        client.get(paths::SETUP).await?.refused(503, "unavailable")?;
        assert_eq!(client.get("/health/live").await?.status, 200);
        tokio::time::sleep(Duration::from_secs(3)).await;
        cluster.start().await?;
        ready_is(&client, Some(200)).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // Without anybody restarting them.
    let give_up = tokio::time::Instant::now() + Duration::from_secs(60);
    let finished = loop {
        // The pool of this test met the crash too.
        let finished = number(&db, done).await.unwrap_or(0);
        if finished == JOBS || tokio::time::Instant::now() > give_up {
            break finished;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(finished, JOBS, "every job finished");
    assert_eq!(effects(&db).await?, (JOBS, JOBS), "each effect once");
    assert_eq!(workers.ended_by_themselves(), 0, "no worker gave up");
    let setup: Value = client.get(paths::SETUP).await?.ok()?;
    assert_eq!(setup["needs_owner"], true);
    workers.terminate().await?;
    assert!(api.terminate().await?.success(), "the API ends well");
    db.close().await.context("close")
}

/// Waits until `/health/ready` has the status.
async fn ready_is(client: &ApiClient, status: Option<u16>) -> Result<()> {
    let mut last = None;
    for _ in 0..150 {
        last = client.get("/health/ready").await.ok().map(|answer| answer.status.as_u16());
        if last == status {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("/health/ready is {last:?}, not {status:?}")
}
