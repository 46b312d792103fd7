//! A sync at AWS's own limit: how near it comes to the least time there can be, and that nobody sees a throttle.

use std::time::Instant;

use anyhow::Result;

use crate::fleet::{Simulated, Synced};
use crate::{Bench, Row, row};

/// Enough for a hundred pages, so that the burst is a small part.
const WORKSPACES: u32 = 2_500;
/// AWS's limit of the WorkSpaces API, per second and at once.
const RATE: f64 = 2.0;
const BURST: f64 = 5.0;

pub async fn run(_: &mut Bench) -> Result<Vec<Row>> {
    let simulated = Simulated::throttled(WORKSPACES).await?;
    let fleet = Synced::at_aws_limits(&simulated).await?;
    let began = Instant::now();
    let report = fleet.sync().await?;
    let took = began.elapsed().as_secs_f64();
    anyhow::ensure!(report.problems.is_empty(), "a problem surfaced: {:?}", report.problems);
    let (least, refused) = simulated.operations().await?.iter().fold((0.0, 0), |(least, refused), operation| {
        // One after the other, each with a bucket of its own.
        let wait = if operation.limited { ((operation.requests as f64 - BURST) / RATE).max(0.0) } else { 0.0 };
        (least + wait, refused + operation.throttled)
    });
    Ok(vec![
        row("whole inventory", format!("{took:.1} s for {} requests", report.aws_calls)),
        row("least there can be, phase after phase", format!("{least:.1} s; ratio {:.3}", took / least)),
        row("throttled answers of the simulated AWS", refused.to_string()),
    ])
}
