//! Figures: how fast a large fleet is synced and listed, and how fast the queue is, each beside something to compare with
//! from the same run. Run with `cargo xtask bench`; arguments choose [`SECTIONS`] and the size
//! (`--workspaces=50000`, `--restore-gb=1`).
//!
//! No figure is asserted, since one machine's say nothing about another's; only the ratio of a sync's memory at two sizes. To add a section: a module with a `run`
//! that gives rows, its name in [`SECTIONS`], and a line in [`sections`].

mod apply;
mod auth;
mod dashboard;
mod export;
mod fleet;
mod list;
mod load;
mod model;
mod portal;
mod queue;
mod restore;
mod served;
mod streams;
mod sync;
mod throttle;
mod together;
mod traced;
mod trail;
mod usage;
mod users;

use std::io::Write as _;

use anyhow::{Context as _, Result};
use testkit::db::{Backend, TestDatabase};

/// The sections that arguments choose.
const SECTIONS: [&str; 18] = [
    "sync",
    "apply",
    "list",
    "queue",
    "usage",
    "trail",
    "throttle",
    "auth",
    "load",
    "users",
    "model",
    "together",
    "export",
    "portal",
    "dashboard",
    "streams",
    "traces",
    "restore",
];

/// What one line of the report says.
pub struct Row {
    what: String,
    figure: String,
}

/// A line of the report.
pub fn row(what: impl Into<String>, figure: impl Into<String>) -> Row {
    Row { what: what.into(), figure: figure.into() }
}

/// What the sections share.
pub struct Bench {
    /// WorkSpaces of the large fleet.
    pub workspaces: u32,
    /// Gigabytes that are backed up and brought back, about.
    pub restore_gb: f64,
    /// The database with the large fleet in it, once a section has synced it.
    pub fleet: Option<fleet::Synced>,
}

/// A fresh database on Postgres.
pub async fn postgres() -> Result<TestDatabase> {
    TestDatabase::migrated(Backend::Postgres)
        .await?
        .context("WHEELHOUSE_TEST_POSTGRES_URL is not set; use cargo xtask bench")
}

fn print(title: &str, rows: &[Row]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{title}")?;
    let width = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
    for row in rows {
        writeln!(out, "  {:<width$}  {}", row.what, row.figure)?;
    }
    Ok(out.flush()?)
}

async fn sections(bench: &mut Bench, wanted: &[String]) -> Result<()> {
    let all = wanted.is_empty();
    let chosen = |name: &str| all || wanted.iter().any(|w| w == name);
    if chosen("sync") {
        let rows = sync::run(bench).await?;
        print(&format!("Sync of {} WorkSpaces from the simulated AWS into Postgres", bench.workspaces), &rows)?;
    }
    if chosen("list") {
        let rows = list::run(bench).await?;
        print(&format!("List API at {} WorkSpaces: one filtered page of 50 with its total", bench.workspaces), &rows)?;
    }
    if chosen("apply") {
        let rows = apply::run(bench).await?;
        print("Bringing parsed pages into Postgres", &rows)?;
    }
    if chosen("queue") {
        let rows = queue::run().await?;
        print("Job queue on Postgres, one worker process", &rows)?;
    }
    if chosen("usage") {
        let rows = usage::run(bench).await?;
        print("Usage from CloudWatch's points", &rows)?;
    }
    if chosen("trail") {
        let rows = trail::run(bench).await?;
        print("CloudTrail events into Postgres", &rows)?;
    }
    if chosen("auth") {
        let rows = auth::run().await?;
        print("Recognising who asks, on Postgres, one request at a time", &rows)?;
    }
    if chosen("load") {
        let rows = load::run(bench).await?;
        print("One API process, 1,000 requests a second of what 100 people ask for, limits and audit on", &rows)?;
    }
    if chosen("users") {
        let rows = users::run(bench).await?;
        print("1,000 people at two paces: looks, sign-ins, syncs, reports, questions; live streams", &rows)?;
    }
    if chosen("model") {
        let rows = model::run().await?;
        print("The local model on a file of Phi-3-mini's shape, tokens per processor second", &rows)?;
    }
    if chosen("together") {
        let rows = together::run().await?;
        print("Memory of the local model and the whole portal together", &rows)?;
    }
    if chosen("export") {
        let rows = export::run(bench).await?;
        print(&format!("The list of {} WorkSpaces as a file over HTTP", export::workspaces(bench)), &rows)?;
    }
    if chosen("portal") {
        let rows = portal::run(bench).await?;
        print(&format!("The portal in a browser, {} WorkSpaces", bench.workspaces), &rows)?;
    }
    if chosen("dashboard") {
        let rows = dashboard::run().await?;
        print("What dashboards ask for, 10,000 WorkSpaces with a year of usage, one request at a time", &rows)?;
    }
    if chosen("streams") {
        let rows = streams::run().await?;
        print("1,000 open live streams, 20 of each of 50 people, on one API process", &rows)?;
    }
    if chosen("traces") {
        let rows = traced::run(bench).await?;
        print("What traces cost an API process", &rows)?;
    }
    if chosen("restore") {
        let rows = restore::run(bench).await?;
        print("A backup of a large database, and the way back into an empty one", &rows)?;
    }
    if chosen("throttle") {
        let rows = throttle::run(bench).await?;
        print("A sync at AWS's limit, 2 requests a second", &rows)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let (mut wanted, mut workspaces, mut restore_gb) = (Vec::new(), 50_000, 1.0_f64);
    for argument in std::env::args().skip(1) {
        if let Some(number) = argument.strip_prefix("--workspaces=") {
            workspaces = number.parse().context("--workspaces")?;
        } else if let Some(number) = argument.strip_prefix("--restore-gb=") {
            restore_gb = number.parse().context("--restore-gb")?;
            anyhow::ensure!(restore_gb > 0.0 && restore_gb <= 100.0, "--restore-gb: more than 0, and 100 at most");
        } else if SECTIONS.contains(&argument.as_str()) {
            wanted.push(argument);
        } else {
            // Cargo adds `--bench`.
            let known = argument == "--bench";
            anyhow::ensure!(known, "{argument}? Sections: {}; --workspaces=N --restore-gb=N", SECTIONS.join(" "));
        }
    }
    platform::http::install_crypto_provider();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut bench = Bench { workspaces, restore_gb, fleet: None };
    let result = runtime.block_on(sections(&mut bench, &wanted));
    // Databases are dropped outside the runtime that used them.
    runtime.block_on(async { drop(bench) });
    result
}
