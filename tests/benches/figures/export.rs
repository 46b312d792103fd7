//! The whole fleet as a file, taken along over HTTP from an API process of its own: how long it takes, and what it costs that process
//! in memory. The fleet is twice as large as that of the other sections, so that a file has 100,000 rows unless another size is chosen.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use contract::paths;
use domain::access::Role;
use domain::export::ExportFormat;

use crate::fleet::{Simulated, Synced};
use crate::served::{Served, cookie_of, vacuum};
use crate::{Bench, Row, row};

/// The rows that the figures are told for.
const TOLD: f64 = 100_000.0;
/// Longest that one file may take.
const DEADLINE: Duration = Duration::from_secs(600);
/// One reader's limit is not what is measured.
const FREE: [(&str, &str); 1] = [("WHEELHOUSE_LIMITS__READS_PER_MINUTE", "1000000")];

/// How many WorkSpaces are in a file.
pub fn workspaces(bench: &Bench) -> u32 {
    bench.workspaces.saturating_mul(2)
}

pub async fn run(bench: &Bench) -> Result<Vec<Row>> {
    let rows = workspaces(bench);
    let simulated = Simulated::start(rows).await?;
    let fleet = Synced::connect(&simulated).await?;
    fleet.sync().await?;
    drop(simulated);
    vacuum(&fleet.database.url).await?;
    let cookie = cookie_of(&fleet, 0, Role::Operator).await?;
    let mut told = Vec::new();
    for format in ExportFormat::ALL {
        told.push(row(format.label(), taken(&fleet, &cookie, *format, rows).await?));
    }
    Ok(told)
}

/// Takes one file along, part by part, from a process that did nothing else: what is to be told of it.
async fn taken(fleet: &Synced, cookie: &str, format: ExportFormat, rows: u32) -> Result<String> {
    let api = Served::start(fleet, None, &FREE).await?;
    let before = api.memory().context("no /proc")?.current_bytes;
    let address = format!("http://127.0.0.1:{}{}?format={format}", api.port, paths::EXPORT_WORKSPACES);
    let request = platform::http::client(DEADLINE)?.get(address).header("cookie", cookie);
    let began = Instant::now();
    let mut response = request.send().await?;
    ensure!(response.status().is_success(), "{format}: {}", response.status());
    let (mut bytes, mut lines) = (0_u64, 0_u32);
    while let Some(part) = response.chunk().await.context("the export broke off")? {
        bytes += u64::try_from(part.len())?;
        lines += u32::try_from(part.iter().filter(|byte| **byte == b'\n').count())?;
    }
    let seconds = began.elapsed().as_secs_f64();
    ensure!(format != ExportFormat::Csv || lines > rows, "{lines} lines for {rows} rows and a head");
    let peak = api.memory().context("the API ended")?.peak_bytes;
    Ok(format!(
        "{:.1} s for 100,000 rows ({seconds:.2} s for {rows}, {:.1} MB), the API process at most {:.0} MB, {:.0} MB before",
        seconds * TOLD / f64::from(rows),
        bytes as f64 / 1e6,
        peak as f64 / 1e6,
        before as f64 / 1e6,
    ))
}
