//! The job queue alone: jobs that do nothing, as fast as one worker process takes them, and how long a job waits when the
//! worker is idle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use platform::shutdown::Shutdown;
use sea_orm::{ConnectionTrait as _, Statement};
use store::Db;
use store::queue::{NewJob, enqueue, enqueue_many};
use testkit::app::TestAppOptions;

use crate::{Row, row};

const JOBS: i64 = 10_000;
const SINGLE: usize = 300;

fn noop() -> NewJob {
    NewJob::new(worker::NoopJob::NAME, "nothing", serde_json::json!({}))
}

async fn number(db: &Db, sql: &str) -> Result<f64> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.context("no row")?;
    Ok(row.try_get_by_index::<f64>(0)?)
}

async fn until_done(db: &Db, wanted: f64) -> Result<()> {
    let give_up = Instant::now() + Duration::from_secs(300);
    while number(db, "SELECT COUNT(*)::float8 FROM job WHERE state = 'done' AND kind = 'noop'").await? < wanted {
        anyhow::ensure!(Instant::now() < give_up, "the jobs do not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

pub async fn run() -> Result<Vec<Row>> {
    let database = crate::postgres().await?;
    let mut config = testkit::compose::config(&TestAppOptions::default(), &database.url, ([127, 0, 0, 1], 0).into())?;
    config.worker.concurrency = 32;
    let context = testkit::compose::context(&config, None).await?;
    let (db, env) = (context.db.clone(), context.env.clone());
    for _ in 0..JOBS / 500 {
        enqueue_many(&db, &env, (0..500).map(|_| noop()).collect()).await?;
    }

    let shutdown = Shutdown::new();
    let deps = testkit::compose::worker(Arc::new(config), context, true);
    let stop = shutdown.clone();
    let began = Instant::now();
    let running = tokio::spawn(async move { worker::run(deps, &stop).await });
    until_done(&db, JOBS as f64).await?;
    let took = began.elapsed().as_secs_f64();

    for _ in 0..SINGLE {
        enqueue(&db, &env, noop()).await?;
        rest().await;
    }
    until_done(&db, (JOBS + SINGLE as i64) as f64).await?;
    let wait = |share: f64| {
        format!(
            "SELECT percentile_cont({share}) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM started_at - created_at)::float8 * 1000) \
             FROM (SELECT * FROM job ORDER BY id DESC LIMIT {SINGLE}) newest"
        )
    };
    let (p50, p99) = (number(&db, &wait(0.5)).await?, number(&db, &wait(0.99)).await?);
    shutdown.trigger();
    running.await??;
    Ok(vec![
        row("jobs that do nothing", format!("{:.0} jobs/s at a time 32", JOBS as f64 / took)),
        row("pick-up by an idle worker", format!("p50 {p50:.1} ms, p99 {p99:.1} ms")),
    ])
}

/// The pause between single jobs: the worker is idle again.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(15)).await;
}
