//! A whole sync: speed, requests, and memory at a tenth of the size beside it. Then what a worker process takes for the same.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use domain::access::Actor;
use domain::jobs::JobState;
use domain::sync::SyncKind;
use store::repo::jobs::{JobScope, job_fetch};

use crate::fleet::{Simulated, Synced, peak_of};
use crate::served::Worked;
use crate::{Bench, Row, row};

/// How long a worker process has to start, and to do what it does by itself.
const SETTLES: Duration = Duration::from_secs(5);
/// Longest that one sync may take.
const PATIENCE: Duration = Duration::from_secs(900);

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let tenth = bench.workspaces / 10;
    let small = Simulated::start(tenth).await?;
    let connected = Synced::connect(&small).await?;
    let (_, small_peak) = peak_of(connected.sync()).await?;
    drop((connected, small));

    let large = Simulated::start(bench.workspaces).await?;
    let fleet = Synced::connect(&large).await?;
    let asked = large.requests().await?;
    let began = Instant::now();
    let (report, large_peak) = peak_of(fleet.sync()).await?;
    let first = began.elapsed();
    let requests = large.requests().await? - asked;
    anyhow::ensure!(report.seen == u64::from(bench.workspaces) && report.problems.is_empty(), "not whole: {report:?}");

    let began = Instant::now();
    let again = fleet.sync().await?;
    let second = began.elapsed();
    bench.fleet = Some(fleet);
    let by_worker = by_worker(&large, bench.workspaces).await?;
    // A ratio within one run: what a sync holds must not grow with the fleet.
    anyhow::ensure!(
        large_peak < 2 * small_peak,
        "the sync's peak is {:.0} MiB, but {:.0} MiB at a tenth of the size",
        mib(large_peak),
        mib(small_peak)
    );

    let n = u64::from(bench.workspaces);
    let bound = 2 * n.div_ceil(25) + n.div_ceil(100) + report.tags_read;
    let mut rows = vec![
        row("first sync", format!("{:.1} s, {:.0} WorkSpaces/s", first.as_secs_f64(), n as f64 / first.as_secs_f64())),
        row(
            "sync again",
            format!(
                "{:.1} s, {:.0} WorkSpaces/s, {} unchanged",
                second.as_secs_f64(),
                n as f64 / second.as_secs_f64(),
                again.unchanged
            ),
        ),
        row("requests made", format!("{requests} ({} by our own count)", report.aws_calls)),
        row("bound 2⌈N/25⌉+⌈N/100⌉+tags", format!("{bound}, {} of them tags", report.tags_read)),
        row(
            "peak memory",
            format!(
                "{:.0} MiB; {:.0} MiB at {tenth}; ratio {:.2}",
                mib(large_peak),
                mib(small_peak),
                large_peak as f64 / small_peak.max(1) as f64
            ),
        ),
    ];
    rows.extend(by_worker);
    Ok(rows)
}

/// A worker process that reads the fleet into a database of its own, twice: what it takes of the processor, and of memory at most.
async fn by_worker(simulated: &Simulated, workspaces: u32) -> Result<Vec<Row>> {
    let fleet = Synced::connect(simulated).await?;
    let worker = Worked::start(&fleet, None)?;
    tokio::time::sleep(SETTLES).await;
    let Some(rest) = worker.memory() else {
        return Ok(vec![row("a worker process", "unknown: it ended, or there is no /proc")]);
    };
    let mut rows = vec![row("a worker process at rest", format!("{:.0} MiB", mib(rest.current_bytes)))];
    let period = platform::config::Config::default().sync.workspaces_period_seconds;
    for what in ["a worker process, first sync", "a worker process, sync again"] {
        let before = worker.processor_seconds();
        job(&fleet).await?;
        let used = before.zip(worker.processor_seconds()).map(|(before, after)| after - before);
        let Some((used, memory)) = used.zip(worker.memory()) else { bail!("the worker ended") };
        let (of_each, share) = (used * 1000.0 / f64::from(workspaces), used / period as f64);
        rows.push(row(
            what,
            format!(
                "{of_each:.2} s of processor time for 1,000 WorkSpaces ({share:.3} processors if all are read every {period} s), \
                 at most {:.0} MiB",
                mib(memory.peak_bytes)
            ),
        ));
    }
    Ok(rows)
}

/// Has the worker read the fleet.
async fn job(fleet: &Synced) -> Result<()> {
    let kinds = [SyncKind::Workspaces];
    let jobs = services::sync::sync_now(&fleet.context, &Actor::system(), fleet.account, &kinds).await?;
    ensure!(!jobs.is_empty(), "no sync was begun");
    let give_up = Instant::now() + PATIENCE;
    for id in jobs {
        loop {
            let found = job_fetch(&fleet.context.db, &JobScope::everything(), id).await?;
            match found.map(|job| (job.state, job.error)) {
                Some((JobState::Done, _)) => break,
                Some((JobState::Queued | JobState::Running, _)) if Instant::now() < give_up => {}
                other => bail!("the sync is {other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

/// The large fleet in a database, synced now unless a section did so before.
pub async fn fleet(bench: &mut Bench) -> Result<&Synced> {
    if bench.fleet.is_none() {
        let large = Simulated::start(bench.workspaces).await?;
        let fleet = Synced::connect(&large).await?;
        fleet.sync().await?;
        bench.fleet = Some(fleet);
    }
    bench.fleet.as_ref().ok_or_else(|| anyhow::anyhow!("no fleet"))
}
