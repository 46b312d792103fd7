//! What lighthouse says of the pages that people open first, as they ship and met for the first time: accessible to everybody,
//! built as browsers want it. How quick they are depends on the machine: it is printed, kept as an artefact, and asked for only
//! where `WHEELHOUSE_TEST_PERFORMANCE` says how much (of 100), on a machine that does nothing else.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::{Browser, artefacts};
use testkit::outside::{needed, root};
use tokio::process::Command;

/// What `tests/node/lighthouse.mjs` prints of a page.
#[derive(Debug, Deserialize)]
struct Judged {
    name: String,
    shown: String,
    broken: Option<String>,
    performance: u32,
    accessibility: u32,
    best_practices: u32,
    found: Vec<String>,
    largest_paint_ms: f64,
    blocking_ms: f64,
    layout_shift: f64,
    transferred_bytes: f64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overview_and_list_are_built_as_they_should_be() -> Result<()> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(()) };
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 200, portal: true, ..TestAppOptions::default() })
        .await?
        .expect("SQLite is always there");
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    let browser = Browser::open(1350, 940, false).await?;
    browser.hold_session(app.url(), &app.client().session().context("the owner is signed in")?).await?;

    let folder = artefacts().join("lighthouse");
    let mut command = Command::new("node");
    command.arg(root().join("tests/node/lighthouse.mjs")).arg(browser.devtools_port()?.to_string()).arg(&folder);
    command.args([format!("overview={}/", app.url()), format!("workspaces={}/workspaces", app.url())]);
    let said = command.env("WHEELHOUSE_TEST_NODE", modules).kill_on_drop(true).output().await?;
    ensure!(said.status.success(), "lighthouse: {}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout)?;
    std::fs::write(folder.join("lighthouse.jsonl"), &text)?;
    let pages: Vec<Judged> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let least: Option<u32> = std::env::var("WHEELHOUSE_TEST_PERFORMANCE").ok().map(|text| text.parse()).transpose()?;
    let mut faults = Vec::new();
    for page in &pages {
        writeln!(
            std::io::stdout(),
            "{}: performance {}, largest paint {:.0} ms, blocked {:.0} ms, layout shift {:.3}, {:.0} KB",
            page.name,
            page.performance,
            page.largest_paint_ms,
            page.blocking_ms,
            page.layout_shift,
            page.transferred_bytes / 1000.0,
        )?;
        ensure!(page.broken.is_none(), "{page:?}");
        ensure!(!page.shown.contains("sign-in"), "nobody was signed in: {page:?}");
        if (page.accessibility, page.best_practices) != (100, 100) {
            faults.push(format!(
                "{}: accessibility {}, best practices {}: {}",
                page.name,
                page.accessibility,
                page.best_practices,
                page.found.join("\n")
            ));
        }
        if least.is_some_and(|least| page.performance < least) {
            faults.push(format!("{}: performance {}", page.name, page.performance));
        }
    }
    ensure!(pages.len() == 2 && faults.is_empty(), "{}", faults.join("\n"));
    browser.close().await?;
    app.stop().await
}
