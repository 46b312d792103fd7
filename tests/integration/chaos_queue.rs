//! The queue's promises under `kill -9`, with real worker processes: nothing is lost, no effect is doubled, orphans run
//! again within 15 s, a job that kills its workers is found out, and SIGTERM ends well.
//!
//! Alone on the machine (nextest's rule for `chaos`), on Postgres, since several processes share the queue.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use domain::env::Env;
use futures::future::join_all;
use sea_orm::{ConnectionTrait as _, FromQueryResult, Statement};
use store::Db;
use store::queue;
use testkit::db::{Backend, TestDatabase};
use testkit::db_test;

use crate::support::number;
use crate::worker_process::{Workers, effects, poison, sleeping};

/// What the design promises about orphans.
const TAKEOVER_SECONDS: f64 = 15.0;

async fn database() -> Result<Option<TestDatabase>> {
    if testkit::outside::needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(None);
    }
    TestDatabase::migrated(Backend::Postgres).await
}

/// Our jobs by state; those of the queue's own housekeeping are no subject here.
async fn states(db: &Db) -> Result<BTreeMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        state: String,
        jobs: i64,
    }
    let sql = "SELECT state, COUNT(*) AS jobs FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') GROUP BY state";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let rows = rows.iter().map(|row| Row::from_query_result(row, "")).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().map(|row| (row.state, row.jobs)).collect())
}

/// Waits until the query gives a number that is at least `wanted`.
async fn reaches(db: &Db, sql: &str, wanted: i64, patience: Duration) -> Result<()> {
    let give_up = tokio::time::Instant::now() + patience;
    loop {
        let found = number(db, sql).await?;
        if found >= wanted {
            return Ok(());
        }
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "{found} of {wanted}: {sql}; {:?}", states(db).await?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// For each claim that was orphaned by a kill: seconds from the kill of its worker to the start of the next claim.
async fn takeovers(db: &Db, kills: &[(String, chrono::DateTime<chrono::Utc>)]) -> Result<Vec<f64>> {
    #[derive(FromQueryResult)]
    struct Row {
        worker: String,
        again: Option<chrono::DateTime<chrono::Utc>>,
    }
    let sql = "SELECT a.worker, COALESCE(b.started_at, j.started_at) AS again FROM job_attempt a \
               JOIN job j ON j.id = a.job_id \
               LEFT JOIN job_attempt b ON b.job_id = a.job_id AND b.number = a.number + 1 \
               WHERE a.outcome = 'orphaned' AND j.kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify')";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let mut seconds = Vec::new();
    for row in rows {
        let row = Row::from_query_result(&row, "")?;
        let (_, killed) = kills
            .iter()
            .find(|(name, _)| *name == row.worker)
            .with_context(|| format!("{} was not killed", row.worker))?;
        let again = row.again.context("an orphan was never run again")?;
        seconds.push((again - *killed).as_seconds_f64());
    }
    Ok(seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orphan_runs_again_within_15_seconds() -> Result<()> {
    let Some(database) = database().await? else { return Ok(()) };
    let (db, env) = (database.connect().await?, testkit::env::real());
    let mut workers = Workers::new(&database.url)?;
    workers.start().await?;
    queue::enqueue(&db, &env, sleeping(Duration::from_secs(4))).await?;
    let running = "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'running'";
    reaches(&db, running, 1, Duration::from_secs(20)).await?;
    // The second one comes after the claim, so that it is sure who holds it.
    workers.start().await?;
    let killed = workers.kill_holder(&db).await?.context("somebody holds it")?;
    reaches(
        &db,
        "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'done'",
        1,
        Duration::from_secs(60),
    )
    .await?;
    let seconds = takeovers(&db, &[killed]).await?;
    assert_eq!(seconds.len(), 1);
    assert!(seconds[0] <= TAKEOVER_SECONDS, "taken over after {} s", seconds[0]);
    println!("taken over {:.1} s after kill -9", seconds[0]);
    assert_eq!(effects(&db).await?, (1, 1), "its effect happened once");
    workers.terminate().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_under_load_lose_and_double_nothing() -> Result<()> {
    const JOBS: i64 = 2000;
    let Some(database) = database().await? else { return Ok(()) };
    let (db, env) = (database.connect().await?, testkit::env::real());
    let mut workers = Workers::new(&database.url)?;
    for _ in 0..3 {
        workers.start().await?;
    }
    for batch in 0..JOBS / 100 {
        let jobs = (0..100)
            .map(|at| sleeping(Duration::from_millis(60 + u64::try_from((batch * 31 + at * 17) % 100).unwrap_or(0))));
        queue::enqueue_many(&db, &env, jobs.collect()).await?;
    }
    let mut kills = Vec::new();
    while kills.len() < 20 {
        tokio::time::sleep(Duration::from_millis(600)).await;
        let left = number(&db, "SELECT COUNT(*) FROM job WHERE state = 'queued'").await?;
        anyhow::ensure!(left > 0, "no load left after {} kills", kills.len());
        if let Some(killed) = workers.kill_holder(&db).await? {
            kills.push(killed);
            workers.start().await?;
        }
    }
    reaches(
        &db,
        "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'done'",
        JOBS,
        Duration::from_secs(90),
    )
    .await?;
    assert_eq!(states(&db).await?, BTreeMap::from([("done".to_owned(), JOBS)]), "nothing is lost or dead");
    assert_eq!(effects(&db).await?, (JOBS, JOBS), "each effect once");
    let names: std::collections::BTreeSet<&str> = kills.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 20, "each process has its own name");
    let workers_seen = number(&db, "SELECT COUNT(DISTINCT worker) FROM job_attempt").await?;
    assert!(workers_seen > 20, "{workers_seen} names, with those that took over");
    let seconds = takeovers(&db, &kills).await?;
    assert!(seconds.len() >= 20, "{} claims were orphaned by 20 kills", seconds.len());
    let worst = seconds.iter().copied().fold(0.0, f64::max);
    println!("20 kills orphaned {} claims; the slowest ran again after {worst:.1} s", seconds.len());
    assert!(worst <= TAKEOVER_SECONDS, "an orphan waited {worst} s");
    workers.terminate().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_its_workers_is_dead_after_three_claims() -> Result<()> {
    let Some(database) = database().await? else { return Ok(()) };
    let (db, env) = (database.connect().await?, testkit::env::real());
    let mut workers = Workers::new(&database.url)?;
    for _ in 0..2 {
        workers.start().await?;
    }
    let bad = queue::enqueue(&db, &env, poison()).await?.id();
    queue::enqueue_many(&db, &env, (0..40).map(|_| sleeping(Duration::from_millis(100))).collect()).await?;
    let give_up = tokio::time::Instant::now() + Duration::from_secs(80);
    let dead = format!("SELECT COUNT(*) FROM job WHERE state = 'dead' AND id = '{bad}'");
    while number(&db, &dead).await? == 0 {
        anyhow::ensure!(tokio::time::Instant::now() < give_up, "it is not dead: {:?}", states(&db).await?);
        // As a supervisor does.
        workers.restart_ended().await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    reaches(
        &db,
        "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'done'",
        40,
        Duration::from_secs(40),
    )
    .await?;
    #[derive(FromQueryResult)]
    struct Row {
        claim_number: i32,
        error: Option<String>,
    }
    let sql = format!("SELECT claim_number, error FROM job WHERE id = '{bad}'");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.context("the job")?;
    let row = Row::from_query_result(&row, "")?;
    assert_eq!(row.claim_number, 3, "three claims and no more");
    let reason = row.error.unwrap_or_default();
    assert!(reason.contains('3') || reason.contains("three"), "the reason is told: {reason:?}");
    assert_eq!(workers.ended_by_themselves(), 3, "each claim ended a process");
    workers.restart_ended().await?;
    workers.terminate().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_finishes_or_hands_back() -> Result<()> {
    let Some(database) = database().await? else { return Ok(()) };
    let (db, env) = (database.connect().await?, testkit::env::real());
    let running = "SELECT COUNT(*) FROM job WHERE kind NOT IN ('prune', 'audit-checkpoint', 'audit-verify') AND state = 'running'";

    // A job that ends within the drain time is finished.
    let mut workers = Workers::new(&database.url)?;
    workers.start().await?;
    queue::enqueue(&db, &env, sleeping(Duration::from_secs(2))).await?;
    reaches(&db, running, 1, Duration::from_secs(20)).await?;
    workers.terminate().await?;
    assert_eq!(states(&db).await?, BTreeMap::from([("done".to_owned(), 1)]));

    // One that does not is handed back, at no cost, and what was only waiting is left waiting.
    let mut workers = Workers::new(&database.url)?.drain_seconds(2);
    workers.start().await?;
    queue::enqueue(&db, &env, sleeping(Duration::from_secs(300))).await?;
    reaches(&db, running, 1, Duration::from_secs(20)).await?;
    let asked = tokio::time::Instant::now();
    workers.terminate().await?;
    assert!(asked.elapsed() < Duration::from_secs(30), "SIGTERM took {:?}", asked.elapsed());
    assert_eq!(states(&db).await?, BTreeMap::from([("done".to_owned(), 1), ("queued".to_owned(), 1)]));
    let back = "SELECT COUNT(*) FROM job_attempt WHERE outcome = 'handed_back'";
    assert_eq!(number(&db, back).await?, 1);
    let cost = "SELECT failed_attempts + silent_claims FROM job WHERE state = 'queued'";
    assert_eq!(number(&db, &cost.replace("failed_attempts", "CAST(failed_attempts AS BIGINT)")).await?, 0);
    Ok(())
}

#[test]
fn the_defaults_keep_the_promises() {
    let worker = platform::config::Config::default().worker;
    // An orphan is found after its silence and a look of the reaper.
    assert_eq!(worker.heartbeat(), Duration::from_secs(2));
    assert!(worker.orphan_after() <= Duration::from_secs(12), "{:?}", worker.orphan_after());
}

/// What the design promises about a wish to cancel, with or without the nudge that tells the worker of it.
const CANCEL_SECONDS: f64 = 2.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_job_is_cancelled_within_two_seconds() -> Result<()> {
    let Some(database) = database().await? else { return Ok(()) };
    let (db, env) = (database.connect().await?, testkit::env::real());
    let mut workers = Workers::new(&database.url)?;
    workers.start().await?;
    for nudged in [true, false] {
        let id = queue::enqueue(&db, &env, sleeping(Duration::from_secs(300))).await?.id();
        reaches(
            &db,
            &format!("SELECT COUNT(*) FROM job WHERE id = '{id}' AND state = 'running'"),
            1,
            Duration::from_secs(20),
        )
        .await?;
        let asked = env.now();
        if nudged {
            assert_eq!(queue::cancel(&db, id, asked).await?, queue::CancelOutcome::Asked);
        } else {
            // What `cancel` writes, and nothing that would wake the worker.
            db.execute_unprepared(&format!("UPDATE job SET cancel_requested = true WHERE id = '{id}'")).await?;
        }
        let cancelled = format!("SELECT COUNT(*) FROM job WHERE state = 'cancelled' AND id = '{id}'");
        reaches(&db, &cancelled, 1, Duration::from_secs(20)).await?;
        let ended = format!("SELECT finished_at AS ended FROM job WHERE id = '{id}'");
        let row =
            db.query_one_raw(Statement::from_string(db.get_database_backend(), ended)).await?.context("the job")?;
        let ended: chrono::DateTime<chrono::Utc> = row.try_get("", "ended")?;
        let seconds = (ended - asked).as_seconds_f64();
        println!("cancelled {seconds:.1} s after it was asked for; nudged: {nudged}");
        assert!(seconds <= CANCEL_SECONDS, "cancelled after {seconds} s; nudged: {nudged}");
    }
    assert_eq!(effects(&db).await?.0, 0, "it had no effect");
    workers.terminate().await
}

async fn race(db: &Db, env: &Env, at: chrono::DateTime<chrono::Utc>) -> Result<usize> {
    let racers = (0..8).map(|_| async {
        let tx = db.begin().await?;
        let put = queue::tick(&tx, env, "sync-workspaces", at, sleeping(Duration::ZERO)).await?;
        tx.commit().await?;
        anyhow::Ok(put.is_some())
    });
    let won = join_all(racers).await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(won.into_iter().filter(|won| *won).count())
}

db_test! {
    async fn a_tick_runs_once_however_many_race_for_it(database) {
        let (db, env) = (database.connect().await?, testkit::env::real());
        let first = env.now();
        for at in 0..5 {
            let tick = first + TimeDelta::minutes(at);
            assert_eq!(race(&db, &env, tick).await?, 1, "of eight, one");
            assert_eq!(race(&db, &env, tick).await?, 0, "nor later");
        }
        assert_eq!(number(&db, "SELECT COUNT(*) FROM job").await?, 5);
        Ok(())
    }
}

db_test! {
    async fn a_last_claim_is_made_without_other_suspects(database) {
        let (db, env) = (database.connect().await?, testkit::env::real());
        let later = |seconds| env.now() + TimeDelta::seconds(seconds);
        queue::enqueue_many(&db, &env, (0..4).map(|_| sleeping(Duration::ZERO)).collect()).await?;
        // One of four kills its worker, twice: nobody can tell which.
        for crash in ["a", "b"] {
            assert_eq!(queue::claim(&db, crash, &[], 10, later(0)).await?.len(), 4);
            let reaped = queue::reap_orphans(&db, later(1), later(1)).await?;
            assert_eq!((reaped.requeued.len(), reaped.dead.len()), (4, 0));
        }
        queue::enqueue(&db, &env, sleeping(Duration::ZERO)).await?;
        // The third time each is alone with those that are above suspicion.
        let held = queue::claim(&db, "c", &[], 10, later(2)).await?;
        assert_eq!(held.len(), 2, "one suspect and the new one");
        assert_eq!(queue::claim(&db, "c", &[], 10, later(2)).await?.len(), 0, "while it holds a suspect");
        assert_eq!(queue::claim(&db, "d", &[], 10, later(2)).await?.len(), 1, "another worker takes the next");
        let reaped = queue::reap_orphans(&db, later(3), later(3)).await?;
        assert_eq!((reaped.requeued.len(), reaped.dead.len()), (1, 2), "two workers went, with a suspect each");
        assert_eq!(queue::claim(&db, "e", &[], 1, later(4)).await?.len(), 1, "never more than there is room for");
        Ok(())
    }
}
