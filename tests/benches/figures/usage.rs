//! Usage: points of CloudWatch made into sessions and days, alone and over the wire into Postgres.

use std::time::{Duration, Instant};

use anyhow::Result;
use domain::ids::JobId;
use domain::usage::hours::usage_days;
use domain::usage::points::{Resolution, Window, connected_intervals};
use services::sync::SyncUsageJob;
use testkit::run::Quiet;

use crate::fleet::{Simulated, Synced};
use crate::{Bench, Row, row};

/// WorkSpaces and days of the figure to hold: 10,000 for a month.
const WORKSPACES: usize = 10_000;
const DAYS: i64 = 30;
/// WorkSpaces of the run over the wire.
const WIRED: u32 = 1_000;
const SLOT: i64 = 300;
/// 1 March 2026, a Sunday.
const MONTH: i64 = 1_772_323_200;

/// A month of one person's points: on working days from about eight to five with a break, each a little otherwise.
fn points(person: i64) -> (Vec<i64>, Vec<f64>) {
    (0..DAYS * 288)
        .map(|slot| {
            let (day, of_day) = (slot / 288, slot % 288);
            let start = 96 + (person * 7 + day * 3) % 13;
            let lunch = 144 + (person + day) % 5;
            let working = !matches!(day % 7, 0 | 6);
            let there = working && (start..start + 108).contains(&of_day) && !(lunch..lunch + 9).contains(&of_day);
            (MONTH + slot * SLOT, f64::from(u8::from(there)))
        })
        .unzip()
}

pub async fn run(_: &mut Bench) -> Result<Vec<Row>> {
    let window = Window::new(MONTH, MONTH + DAYS * 86_400, Resolution::FiveMinutes)
        .ok_or_else(|| anyhow::anyhow!("no window"))?;
    // Different people in turn: arrays of a month for each of 10,000 would measure memory alone.
    let people: Vec<_> = (0..97).map(points).collect();
    let (mut read, mut sessions) = (0u64, 0u64);
    let began = Instant::now();
    for (timestamps, values) in people.iter().cycle().take(WORKSPACES) {
        let found = connected_intervals(timestamps, values, &window);
        read += found.report.read;
        sessions += usage_days(&found.intervals).iter().map(|day| u64::from(day.sessions)).sum::<u64>();
    }
    let parsed = began.elapsed();

    let simulated = Simulated::start(WIRED).await?;
    let fleet = Synced::connect(&simulated).await?;
    fleet.sync().await?;
    let job = SyncUsageJob { account_id: fleet.account, region: fleet.region.clone() };
    let began = Instant::now();
    let handle = Quiet(JobId(fleet.context.env.new_id()));
    let done = services::sync::run_usage_job(&fleet.context, &job, &handle).await?;
    let wired = began.elapsed();
    anyhow::ensure!(done.report.problems.is_empty(), "not whole: {:?}", done.report);
    let speed = |points: u64, took: Duration| points as f64 / took.as_secs_f64() / 1e6;
    Ok(vec![
        row(
            format!("{WORKSPACES} WorkSpaces, {DAYS} days at 5 minutes, points into sessions and days"),
            format!("{:.1} M points/s on one core ({read} points, {sessions} sessions)", speed(read, parsed)),
        ),
        row(
            format!("{WIRED} WorkSpaces from the simulated AWS into Postgres, first read"),
            format!(
                "{:.1} M points/s, {} points, {:.1} s, {} requests",
                speed(done.report.points_read, wired),
                done.report.points_read,
                wired.as_secs_f64(),
                done.report.aws_calls
            ),
        ),
    ])
}
