//! A replica of Postgres: what is read from it and when, and that nobody notices when it is behind, hangs or is gone.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;
use store::{Db, DbOptions, Replica, ReplicaState};
use testkit::client::ApiClient;
use testkit::cluster::Cluster;
use testkit::outside::needed;
use testkit::process::{Child, free_port, wheelhouse};
use tokio::task::JoinHandle;

use crate::worker_process::environment;

/// How old what is read may be here.
const OLDEST: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 600;

/// Two servers, and a database that is watched.
struct Pair {
    primary: Cluster,
    replica: Cluster,
    db: Db,
    watching: JoinHandle<()>,
}

impl Pair {
    async fn start() -> Result<Option<Self>> {
        let Some(mut primary) = Cluster::prepared().await? else { return Ok(None) };
        primary.begin().await?;
        let replica = primary.replica().await?;
        let db = store::db::connect(&DbOptions::new(primary.url())).await?;
        db.execute_unprepared("CREATE TABLE mark (number bigint NOT NULL)").await?;
        let followed = store::db::connect_replica(&DbOptions::new(replica.url()), OLDEST).await?;
        let (watched, watcher) = (db.clone(), followed.clone());
        let watching = tokio::spawn(async move { watcher.watch(&watched).await });
        let pair = Self { primary, replica, db: db.with_replica(followed), watching };
        pair.becomes(usable).await?;
        Ok(Some(pair))
    }

    fn followed(&self) -> Result<&Replica> {
        self.db.replica().context("no replica")
    }

    async fn becomes(&self, wanted: impl Fn(ReplicaState) -> bool) -> Result<()> {
        for _ in 0..LOOKS {
            if wanted(self.followed()?.state()) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("it stays so: {}", self.followed()?.state())
    }

    /// Where a query was answered (`true`: on the replica) and how many marks are there.
    async fn read(db: &Db) -> Result<(bool, i64)> {
        let sql = "SELECT pg_is_in_recovery() AS there, (SELECT count(*) FROM mark) AS marks";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.context("no row")?;
        Ok((row.try_get("", "there")?, row.try_get("", "marks")?))
    }

    async fn mark(&self) -> Result<()> {
        self.db.execute_unprepared("INSERT INTO mark VALUES (1)").await?;
        Ok(())
    }

    /// Ends the watching before the servers go.
    fn end(self) {
        self.watching.abort();
    }
}

fn usable(state: ReplicaState) -> bool {
    matches!(state, ReplicaState::Usable(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_may_be_a_little_old_is_read_from_it_and_nothing_is_written() -> Result<()> {
    let Some(pair) = Pair::start().await? else { return Ok(()) };
    let reading = pair.db.reading();
    pair.mark().await?;
    assert_eq!(Pair::read(&pair.db).await?, (false, 1), "the others read what they wrote");
    for _ in 0..LOOKS {
        if Pair::read(&reading).await? == (true, 1) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    assert_eq!(Pair::read(&reading).await?, (true, 1));
    let statement = |sql: &str| Statement::from_string(reading.get_database_backend(), sql);
    let all =
        reading.query_all_raw(statement("SELECT pg_is_in_recovery() AS there FROM generate_series(1, 3)")).await?;
    ensure!(all.len() == 3 && all.iter().all(|row| row.try_get("", "there").unwrap_or(false)), "{all:?}");

    // What writes all the same does it on the primary: by itself, in a transaction, and where an answer is wanted.
    reading.execute_unprepared("INSERT INTO mark VALUES (2)").await?;
    let tx = reading.begin().await?;
    tx.execute_unprepared("INSERT INTO mark VALUES (3)").await?;
    tx.commit().await?;
    let row =
        reading.query_one_raw(statement("INSERT INTO mark VALUES (4) RETURNING number")).await?.context("no row")?;
    assert_eq!(row.try_get::<i64>("", "number")?, 4);
    assert_eq!(Pair::read(&pair.db).await?, (false, 4));
    // A query that is wrong is as wrong on the primary.
    assert!(reading.query_all_raw(statement("SELECT * FROM nowhere")).await.is_err());
    pair.end();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_behind_is_not_asked_until_it_has_caught_up() -> Result<()> {
    let Some(pair) = Pair::start().await? else { return Ok(()) };
    let reading = pair.db.reading();
    pair.replica.sql("wheelhouse", "SELECT pg_wal_replay_pause()").await?;
    pair.mark().await?;
    pair.becomes(|state| matches!(state, ReplicaState::Behind(_))).await?;
    assert_eq!(Pair::read(&reading).await?, (false, 1));
    assert!(pair.followed()?.state().to_string().ends_with("s behind; the primary is read"));
    pair.replica.sql("wheelhouse", "SELECT pg_wal_replay_resume()").await?;
    pair.becomes(usable).await?;
    assert_eq!(Pair::read(&reading).await?, (true, 1));
    pair.end();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_cut_off_from_the_primary_is_behind_though_it_has_all_that_it_got() -> Result<()> {
    let Some(pair) = Pair::start().await? else { return Ok(()) };
    pair.replica.sql("wheelhouse", "ALTER SYSTEM SET primary_conninfo = ''").await?;
    pair.replica.sql("wheelhouse", "SELECT pg_reload_conf()").await?;
    let gone = "SELECT 'yes' WHERE NOT EXISTS (SELECT FROM pg_stat_replication)";
    pair.primary.until("wheelhouse", gone).await?;
    pair.mark().await?;
    pair.becomes(|state| matches!(state, ReplicaState::Behind(_))).await?;
    assert_eq!(Pair::read(&pair.db.reading()).await?, (false, 1));
    pair.end();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_hangs_or_dies_is_not_missed() -> Result<()> {
    let Some(mut pair) = Pair::start().await? else { return Ok(()) };
    let reading = pair.db.reading();
    pair.mark().await?;
    assert!(Pair::read(&reading).await?.0);
    // It takes the query and never answers; the query goes on elsewhere when it is noticed.
    pair.replica.signal("STOP").await?;
    assert_eq!(Pair::read(&reading).await?, (false, 1));
    assert_eq!(pair.followed()?.state(), ReplicaState::Away);
    pair.replica.signal("CONT").await?;
    pair.becomes(usable).await?;
    assert_eq!(Pair::read(&reading).await?, (true, 1));

    // In the middle of a query, and before anybody has looked.
    let slow =
        Statement::from_string(reading.get_database_backend(), "SELECT pg_sleep(2), pg_is_in_recovery() AS there");
    let asked = reading.clone();
    let asking = tokio::spawn(async move { asked.query_one_raw(slow).await });
    let asked = "SELECT 'yes' FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    pair.replica.until("wheelhouse", asked).await?;
    pair.replica.kill().await?;
    let row = asking.await??.context("no row")?;
    assert!(!row.try_get::<bool>("", "there")?);
    assert_eq!(Pair::read(&reading).await?, (false, 1));
    pair.replica.run().await?;
    pair.becomes(usable).await?;
    assert_eq!(Pair::read(&reading).await?, (true, 1));
    pair.end();
    Ok(())
}

/// What the API's probe says of the check, and of the whole.
async fn told(client: &ApiClient) -> Result<(u16, String, String)> {
    let answer = client.get("/health/ready").await?;
    let body = answer.value()?;
    let check = body["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "replica");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((answer.status.as_u16(), text(&body["status"]), check.map(|check| text(&check["detail"])).unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_says_how_its_replica_is_and_is_ready_without_it() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let Some(mut primary) = Cluster::prepared().await? else { return Ok(()) };
    primary.begin().await?;
    let mut replica = primary.replica().await?;
    let settings = environment(&primary.url());
    ensure!(wheelhouse()?.arg("migrate").envs(settings.clone()).status().await?.success());
    let (port, metrics) = (free_port()?, free_port()?);
    let mut api = wheelhouse()?;
    api.args(["api", "--listen", &format!("127.0.0.1:{port}")]).envs(settings);
    api.env("WHEELHOUSE_DATABASE__REPLICA_URL", replica.url());
    api.env("WHEELHOUSE_METRICS__LISTEN", format!("127.0.0.1:{metrics}"));
    let mut api = Child::spawn(&mut api)?;
    let client = ApiClient::new(&format!("http://127.0.0.1:{port}"))?;
    let mut last = None;
    for wanted in [" s behind", "does not answer; the primary is read"] {
        for _ in 0..LOOKS {
            last = told(&client).await.ok();
            if last.as_ref().is_some_and(|(_, _, detail)| detail.ends_with(wanted)) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        let (status, whole, detail) = last.clone().context("it does not answer")?;
        ensure!(detail.ends_with(wanted), "{detail}");
        let away = wanted.starts_with("does");
        assert_eq!((status, whole.as_str()), (200, if away { "degraded" } else { "ok" }));
        // What is measured lags a look behind what is answered.
        let measured = ApiClient::new(&format!("http://127.0.0.1:{metrics}"))?;
        let usable = format!("wheelhouse_replica_usable {}", u8::from(!away));
        let mut text = String::new();
        for _ in 0..LOOKS {
            text = measured.get("/metrics").await?.text();
            if text.lines().any(|told| told == usable) {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        for line in [
            usable.as_str(),
            "db_client_connection_max{db_client_connection_pool_name=\"replica\"} 16",
            "db_client_connection_max{db_client_connection_pool_name=\"primary\"} 16",
        ] {
            ensure!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        if !away {
            replica.kill().await?;
        }
    }
    api.terminate().await?;
    Ok(())
}
