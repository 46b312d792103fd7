//! A whole sync: speed, requests, and memory at a tenth of the size beside it.

use std::time::Instant;

use anyhow::Result;

use crate::fleet::{Simulated, Synced, peak_of};
use crate::{Bench, Row, row};

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
    // A ratio within one run: what a sync holds must not grow with the fleet.
    anyhow::ensure!(
        large_peak < 2 * small_peak,
        "the sync's peak is {:.0} MiB, but {:.0} MiB at a tenth of the size",
        mib(large_peak),
        mib(small_peak)
    );

    let n = u64::from(bench.workspaces);
    let bound = 2 * n.div_ceil(25) + n.div_ceil(100) + report.tags_read;
    Ok(vec![
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
    ])
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
