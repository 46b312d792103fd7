//! What lighthouse says of the pages that people open first, as they ship and met for the first time: accessible to everybody,
//! built as browsers want it, of few files and bytes, and still once they are there. How quick they are depends on the machine: it
//! is printed, kept as an artefact (the bench `portal` tells it too), and asked for only where `WHEELHOUSE_TEST_PERFORMANCE` says
//! how much (of 100), on a machine that does nothing else.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use testkit::browser::Browser;
use testkit::lighthouse::judged;
use testkit::outside::needed;

use crate::begun::fleet;

/// The most files of the portal that a page may fetch: those of the first load, the looks of pages, and its own parts.
const MOST_FILES: u32 = 20;
/// The most bytes of a page with all it shows.
const MOST_BYTES: f64 = 700_000.0;
/// The most that things may move; what browsers call good.
const MOST_SHIFT: f64 = 0.1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overview_and_list_are_built_as_they_should_be() -> Result<()> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(()) };
    let app = fleet(200).await?;
    let browser = Browser::open(1350, 940, false).await?;
    browser.hold_session(app.url(), &app.client().session().context("the owner is signed in")?).await?;

    let addresses = [("overview", format!("{}/", app.url())), ("workspaces", format!("{}/workspaces", app.url()))];
    let pages = judged(&browser, &modules, &addresses).await?;
    let least: Option<u32> = std::env::var("WHEELHOUSE_TEST_PERFORMANCE").ok().map(|text| text.parse()).transpose()?;
    let mut faults = Vec::new();
    for page in &pages {
        writeln!(
            std::io::stdout(),
            "{}: performance {}, largest paint {:.0} ms, blocked {:.0} ms, layout shift {:.3}, {} requests, {} files, {:.0} KB, {:.0} of them data",
            page.name,
            page.performance,
            page.largest_paint_ms,
            page.blocking_ms,
            page.layout_shift,
            page.requests,
            page.files,
            page.transferred_bytes / 1000.0,
            page.data_bytes / 1000.0,
        )?;
        let mut fault = |bad: bool, why: String| faults.extend(bad.then(|| format!("{}: {why}", page.name)));
        fault(page.accessibility < 100, format!("accessibility {}: {}", page.accessibility, page.found.join("\n")));
        fault(page.best_practices < 100, format!("best practices {}: {}", page.best_practices, page.found.join("\n")));
        fault(page.files > MOST_FILES, format!("{} files", page.files));
        let (bytes, data) = (page.transferred_bytes, page.data_bytes);
        fault(bytes > MOST_BYTES, format!("{bytes:.0} bytes, {data:.0} of them data"));
        fault(page.layout_shift > MOST_SHIFT, format!("things move by {:.3}", page.layout_shift));
        fault(
            least.is_some_and(|least| page.performance < least),
            format!("performance {}: {}", page.performance, page.slow.join("\n")),
        );
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    browser.close().await?;
    app.stop().await
}
