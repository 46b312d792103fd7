//! The whole fleet as a file: how long it takes, and what it costs in memory.

use std::time::Instant;

use anyhow::{Context as _, Result};
use domain::access::Actor;
use futures::StreamExt as _;
use services::exports::tables::WorkspaceTable;
use services::exports::{ExportFormat, Gate, begin};

use crate::{Bench, Row, row};

/// The rows that the figures are told for.
const TOLD: f64 = 100_000.0;

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let rows = f64::from(bench.workspaces);
    let fleet = crate::sync::fleet(bench).await?;
    crate::served::vacuum(&fleet.database.url).await?;
    let actor = Actor::system();
    let mut told = Vec::new();
    for format in ExportFormat::ALL {
        let before = resident();
        let (began, table) = (Instant::now(), Box::new(WorkspaceTable::default()));
        let mut export = begin(&fleet.context, &actor, table, *format, &Gate::default()).await?;
        let (mut bytes, mut most) = (0, before);
        while let Some(part) = export.parts.next().await {
            bytes += part.context("the export broke off")?.len();
            most = most.max(resident());
        }
        let seconds = began.elapsed().as_secs_f64();
        told.push(row(
            format.label(),
            format!(
                "{:.1} s for 100,000 rows ({seconds:.2} s for {rows}, {:.1} MB), {:+.1} MB of memory",
                seconds * TOLD / rows,
                bytes as f64 / 1e6,
                (most - before) / 1e6,
            ),
        ));
    }
    Ok(told)
}

/// Resident memory of this process, bytes; 0 where that can't be read.
fn resident() -> f64 {
    platform::memory::resident().map_or(0.0, |memory| memory.current_bytes as f64)
}
