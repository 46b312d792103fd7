//! The job: it runs on its schedule's word, keeps what should be kept, and is cancelled.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::access::Actor;
use domain::ids::JobId;
use domain::jobs::JobState;
use platform::shutdown::Shutdown;
use services::backups::BackupJob;
use services::jobs::{JobRecord, cancel_job, fetch_job};
use services::schedules::{ScheduleChange, list_schedules, run_schedule, update_schedule};
use testkit::compose;
use testkit::db::{Backend, TestDatabase};
use testkit::db_test;

use super::place::Place;

async fn until(ctx: &services::Context, id: JobId, fits: impl Fn(&JobRecord) -> bool) -> Result<JobRecord> {
    let look = async {
        loop {
            let job = fetch_job(ctx, &Actor::system(), id).await?.context("the job")?.job;
            if fits(&job) {
                return anyhow::Ok(job);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), look).await.context("the job did not get there")?
}

/// Only when it is asked for.
async fn paused(ctx: &services::Context) -> Result<()> {
    let pause = ScheduleChange { paused: Some(true), ..ScheduleChange::default() };
    update_schedule(ctx, &Actor::system(), BackupJob::NAME, pause).await?;
    Ok(())
}

async fn run_on(database: TestDatabase) -> Result<()> {
    let place = Place::filled_in(database).await?;
    let ctx = place.context().await?;
    // Eight days with two each, the newest yesterday at the latest; and something that is none of ours.
    std::fs::create_dir_all(place.backups())?;
    let now = ctx.env.now();
    let mut newest_of_each = Vec::new();
    for day in 1..=8 {
        for hour in ["01", "23"] {
            let name =
                format!("wheelhouse-{}T{hour}0000Z.tar.gz.age", (now - chrono::TimeDelta::days(day)).format("%Y%m%d"));
            std::fs::write(place.backups().join(&name), "old")?;
            newest_of_each.extend((hour == "23" && day < 7).then_some(name));
        }
    }
    std::fs::write(place.backups().join("notes.txt"), "mine")?;

    let shutdown = Shutdown::new();
    let mut config = place.config().clone();
    config.backup.keep_weekly = 0;
    let ctx = compose::context(&config, None).await?;
    let listed = list_schedules(&ctx, &Actor::system()).await?;
    assert!(listed.iter().any(|one| one.schedule.name() == BackupJob::NAME && one.setting.ticks()));
    paused(&ctx).await?;
    let running = tokio::spawn(worker::run(compose::worker(Arc::new(config), ctx.clone(), false), &shutdown));
    let id = run_schedule(&ctx, &Actor::system(), BackupJob::NAME).await?.pop().context("a job")?;
    let job = until(&ctx, id, |job| job.state.is_final()).await?;
    assert_eq!((job.state, &job.error), (JobState::Done, &None));
    let report = job.result.context("its report")?;
    assert!(
        report.as_object().context("an object")?.values().all(|value| !value.is_object() && !value.is_array()),
        "{report}"
    );
    assert_eq!((&report["read_back"], &report["removed"]), (&true.into(), &10.into()), "{report}");

    let made = report["file"].as_str().and_then(|path| path.rsplit('/').next()).context("its name")?.to_owned();
    let mut expected = newest_of_each;
    expected.extend([made, "notes.txt".to_owned()]);
    expected.sort();
    assert_eq!(place.names()?, expected);
    shutdown.trigger();
    running.await??;
    Ok(ctx.db.close().await?)
}

db_test! {
    async fn it_runs_and_keeps_what_should_be_kept(database) {
        run_on(database).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_cancelled_and_its_program_with_it() -> Result<()> {
    let Some(mut place) = Place::filled(Backend::Postgres).await? else { return Ok(()) };
    // A dump that never ends, as one that waits for a lock.
    let told = place.folder().join("pid");
    let script = format!(
        "[ \"$1\" = --version ] && {{ echo 'pg_dump (PostgreSQL) 99.0'; exit; }}; echo $$ > {}; exec sleep 600",
        told.display()
    );
    let folder = super::refused::program(&place, "pg_dump", &script)?;
    place.config_mut().backup.postgres_bin = Some(folder);
    let (shutdown, ctx) = (Shutdown::new(), place.context().await?);
    paused(&ctx).await?;
    let deps = compose::worker(Arc::new(place.config().clone()), ctx.clone(), false);
    let running = tokio::spawn(worker::run(deps, &shutdown));
    let id = run_schedule(&ctx, &Actor::system(), BackupJob::NAME).await?.pop().context("a job")?;
    let pid = async {
        loop {
            match std::fs::read_to_string(&told).ok().and_then(|text| text.trim().parse::<u32>().ok()) {
                Some(pid) => return pid,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let pid = tokio::time::timeout(Duration::from_secs(60), pid).await.context("it did not start")?;
    cancel_job(&ctx, &Actor::system(), id).await?;
    let job = until(&ctx, id, |job| job.state.is_final()).await?;
    assert_eq!(job.state, JobState::Cancelled);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "the dump goes on");
    assert_eq!(place.names()?, Vec::<String>::new());
    shutdown.trigger();
    running.await??;
    Ok(ctx.db.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_folder_there_is_no_schedule() -> Result<()> {
    let mut place = Place::filled(Backend::Sqlite).await?.context("SQLite is always there")?;
    place.config_mut().backup.dir = None;
    let ctx = place.context().await?;
    let listed = list_schedules(&ctx, &Actor::system()).await?;
    assert!(listed.iter().all(|one| one.schedule.name() != BackupJob::NAME));
    assert!(run_schedule(&ctx, &Actor::system(), BackupJob::NAME).await.is_err());
    Ok(ctx.db.close().await?)
}
