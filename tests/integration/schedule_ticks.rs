//! Three workers on one Postgres and ten minutes of a 5-second schedule: each tick runs exactly once, whoever dies meanwhile.
//!
//! Time is a clock that the test moves from tick to tick, so ten minutes take seconds and nothing is late. Each worker has a
//! runtime of its own, so that it can be ended in the middle of whatever it does.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::env::{Env, Random};
use platform::config::Config;
use platform::shutdown::Shutdown;
use store::Db;
use testkit::app::TestAppOptions;
use testkit::compose;
use testkit::db::{Backend, TestDatabase};
use testkit::env::FakeClock;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use worker::WorkerDeps;

use crate::support::{number, say, texts};

const TICKS: i64 = 120;
const PERIOD: i64 = 5;
const REPLICAS: u8 = 3;
/// How often each worker looks for due ticks.
const LOOK: Duration = Duration::from_millis(10);
/// Simulated silence after which a job is taken from its worker: less than a period, so that no tick meets the job of the
/// one before.
const ORPHAN_AFTER: u64 = 3;
const DONE: &str = "SELECT COUNT(*) FROM schedule_tick t JOIN job j ON j.id = t.job_id \
                    WHERE t.schedule = 'prune' AND j.state = 'done'";

/// The attempts at the jobs of the schedule that is looked at; others tick beside it.
const ATTEMPTS: &str = "FROM job_attempt a JOIN job j ON j.id = a.job_id WHERE j.kind = 'prune'";

/// A worker with a runtime of its own.
struct Replica {
    number: u8,
    runtime: Option<Runtime>,
    shutdown: Shutdown,
    task: JoinHandle<Result<()>>,
}

impl Replica {
    fn start(number: u8, config: &Arc<Config>, clock: &FakeClock) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (shutdown, config) = (Shutdown::new(), Arc::clone(config));
        // The four random bytes of its name are its number, so that the test knows who holds a job.
        let random = Random::new(move |bytes| match bytes.len() {
            4 => bytes.fill(number),
            _ => platform::os::fill_random(bytes),
        });
        let (env, stop) = (Env { clock: clock.clock(), random }, shutdown.clone());
        let task = runtime.spawn(async move {
            let context = compose::context_in(&config, None, env).await?;
            let deps = WorkerDeps { schedule_look: LOOK, ..compose::worker(config, context, false) };
            Ok(worker::run(deps, &stop).await?)
        });
        Ok(Self { number, runtime: Some(runtime), shutdown, task })
    }

    /// Whether a name in the queue is this one's.
    fn is_named(&self, name: &str) -> bool {
        name.ends_with(&format!("{:02x}", self.number).repeat(4))
    }

    /// Ends it wherever it is.
    fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    async fn stop(mut self) -> Result<()> {
        self.shutdown.trigger();
        (&mut self.task).await??;
        self.kill();
        Ok(())
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Waits until so many ticks have their job done; `false` when they have not within `patience`.
async fn done(db: &Db, wanted: i64, patience: Duration) -> Result<bool> {
    let give_up = tokio::time::Instant::now() + patience;
    while number(db, DONE).await? < wanted {
        if tokio::time::Instant::now() > give_up {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(true)
}

/// Kills the worker that runs a job now, or any when none is seen.
async fn kill_one(db: &Db, replicas: &mut Vec<Replica>) -> Result<()> {
    let running = "SELECT worker FROM job WHERE kind = 'prune' AND state = 'running'";
    for _ in 0..200 {
        let holder = texts(db, running, "worker").await?.pop();
        if let Some(at) = holder.and_then(|name| replicas.iter().position(|replica| replica.is_named(&name))) {
            replicas.swap_remove(at).kill();
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    replicas.swap_remove(0).kill();
    Ok(())
}

struct Ended {
    db: Db,
    start: DateTime<Utc>,
    _database: TestDatabase,
}

/// Lets the schedule tick; at each tick of `kills` a worker is killed, and another is started five ticks later.
async fn tick(kills: &[i64]) -> Result<Option<Ended>> {
    let Some(database) = TestDatabase::migrated(Backend::Postgres).await? else { return Ok(None) };
    let options = TestAppOptions { schedules: false, ..TestAppOptions::default() };
    let mut config = compose::config(&options, &database.url, "127.0.0.1:1".parse()?)?;
    config.sync.prune_period_seconds = u64::try_from(PERIOD)?;
    config.worker.heartbeat_seconds = 1;
    config.worker.orphan_after_seconds = ORPHAN_AFTER;
    let config = Arc::new(config);
    let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse()?;
    let clock = FakeClock::at(start);
    let db = database.connect().await?;

    let mut replicas = Vec::new();
    for number in 1..=REPLICAS {
        replicas.push(Replica::start(number, &config, &clock)?);
    }
    let mut born = REPLICAS;
    // How far the clock is beyond the newest tick.
    let mut beyond = 0;
    for at in 0..TICKS {
        if at > 0 {
            clock.advance(TimeDelta::seconds(PERIOD - beyond));
            beyond = 0;
        }
        if kills.contains(&at) {
            kill_one(&db, &mut replicas).await?;
            if !done(&db, at + 1, Duration::from_secs(2)).await? {
                // Its job is found abandoned once it has been silent for long enough.
                beyond = i64::try_from(ORPHAN_AFTER)? + 1;
                clock.advance(TimeDelta::seconds(beyond));
            }
        }
        if kills.contains(&(at - 5)) {
            born += 1;
            replicas.push(Replica::start(born, &config, &clock)?);
        }
        anyhow::ensure!(done(&db, at + 1, Duration::from_secs(60)).await?, "tick {at} did not run");
        // Whoever was slower offers the same tick now.
        tokio::time::sleep(LOOK * 2).await;
    }
    for replica in replicas {
        replica.stop().await?;
    }
    Ok(Some(Ended { db, start, _database: database }))
}

impl Ended {
    /// Every tick is there, with a job of its own that was done once.
    async fn check(&self) -> Result<i64> {
        let sql = "SELECT to_char(tick AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at FROM schedule_tick \
                   WHERE schedule = 'prune' ORDER BY tick";
        let expected: Vec<_> = (0..TICKS)
            .map(|at| (self.start + TimeDelta::seconds(PERIOD * at)).format("%Y-%m-%d %H:%M:%S").to_string())
            .collect();
        assert_eq!(texts(&self.db, sql, "at").await?, expected, "no tick is missing, none is there twice");
        for (what, sql) in [
            ("a job for each tick", "SELECT COUNT(DISTINCT job_id) FROM schedule_tick WHERE schedule = 'prune'"),
            ("and no other", "SELECT COUNT(*) FROM job WHERE kind = 'prune'"),
            ("all done", "SELECT COUNT(*) FROM job WHERE kind = 'prune' AND state = 'done'"),
            ("done once", &format!("SELECT COUNT(*) {ATTEMPTS} AND a.outcome = 'done'")),
            ("each by one", &format!("SELECT COUNT(DISTINCT a.job_id) {ATTEMPTS} AND a.outcome = 'done'")),
        ] {
            assert_eq!(number(&self.db, sql).await?, TICKS, "{what}");
        }
        let begun = number(&self.db, "SELECT CAST(SUM(claim_number) AS BIGINT) FROM job WHERE kind = 'prune'").await?;
        let orphans = number(&self.db, &format!("SELECT COUNT(*) {ATTEMPTS} AND a.outcome = 'orphaned'")).await?;
        assert_eq!(begun, TICKS + orphans, "begun again only what a killed worker held");
        let workers = number(&self.db, &format!("SELECT COUNT(DISTINCT a.worker) {ATTEMPTS}")).await?;
        say(&format!("{TICKS} ticks by {workers} workers; {orphans} jobs were begun again"));
        Ok(orphans)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_run_each_of_120_ticks_once() -> Result<()> {
    let Some(ended) = tick(&[]).await? else { return Ok(()) };
    assert_eq!(ended.check().await?, 0);
    ended.db.close().await.context("close")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_they_do_when_workers_are_killed_and_started_again() -> Result<()> {
    const KILLS: [i64; 4] = [20, 45, 70, 95];
    let Some(ended) = tick(&KILLS).await? else { return Ok(()) };
    assert!(ended.check().await? <= i64::try_from(KILLS.len())?);
    ended.db.close().await.context("close")
}
