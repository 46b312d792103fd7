//! The list of WorkSpaces as one table over the whole fleet: as many rows as match, of which few are in the page at any time.
//!
//! `WHEELHOUSE_TEST_ROWS` makes the fleet larger than 3,000; what scrolling through it took is kept as `virtual-rows.json` among the
//! artefacts, and judged nowhere here.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use contract::page::Page;
use contract::paths;
use contract::workspaces::WorkspaceView;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::{Value, from_value, json};
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::browser::{Browser, artefacts};

use crate::begun::fleet;
use crate::pages::{Keyboard, WorkspaceListPage, fits, shown, signed_in};

/// The most rows that the page may hold at any time.
const MOST: usize = 100;

/// Scrolls from the top to the end, most of a window at a time, and notes every row that is drawn on the way.
const WALK: &str = r"
    const walk = window.walk = { rows: {}, moved: 0, most: 0, steps: 0, tasks: [], done: false };
    const table = document.querySelector('table.fleet');
    new PerformanceObserver(list => list.getEntries().forEach(task => walk.tasks.push(Math.round(task.duration))))
        .observe({ type: 'longtask' });
    const look = () => {
        const rows = table.querySelectorAll('tbody tr[aria-rowindex]');
        walk.most = Math.max(walk.most, rows.length);
        for (const row of rows) {
            const [at, id] = [row.getAttribute('aria-rowindex'), row.dataset.id];
            if (!id) continue;
            if (walk.rows[at] && walk.rows[at] !== id) walk.moved += 1;
            walk.rows[at] = id;
        }
    };
    new MutationObserver(look).observe(table, { childList: true, subtree: true });
    const began = performance.now();
    const step = () => {
        look();
        const waiting = table.querySelector('[data-testid=ws-waiting]');
        const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
        if (!waiting && end) {
            walk.milliseconds = Math.round(performance.now() - began);
            walk.done = true;
            return;
        }
        if (!waiting) { scrollBy(0, innerHeight * 0.8); walk.steps += 1; }
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
";

/// Has every question for rows fail.
const CUT: &str = r"
    window.whole = window.fetch;
    window.fetch = (asked, ...more) => (asked.url ?? String(asked)).includes('/api/v1/workspaces?')
        ? Promise.reject(new TypeError('cut off'))
        : window.whole(asked, ...more);
";

/// What [`WALK`] met.
#[derive(Debug, Deserialize)]
struct Walk {
    rows: std::collections::BTreeMap<String, String>,
    moved: u64,
    most: usize,
    steps: u64,
    tasks: Vec<u64>,
    milliseconds: u64,
}

async fn script(client: &Client, script: &str) -> Result<Value> {
    Ok(client.execute(script, Vec::new()).await?)
}

/// The ids of all, in the order of the list.
async fn all(app: &TestApp) -> Result<Vec<String>> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{}?limit=200{cursor}", paths::WORKSPACES);
        let page: Page<WorkspaceView> = app.client().get(&path).await?.ok()?;
        ids.extend(page.items.iter().map(|one| one.id.to_string()));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
    }
}

/// Until nothing in sight waits any more; its first row's id.
async fn settled(browser: &Browser, place: &str) -> Result<String> {
    let list = WorkspaceListPage(browser);
    let first = place.split('–').next().unwrap_or_default().replace(',', "");
    let css = format!("[data-testid='ws-row'][aria-rowindex='{}']", first.parse::<u64>()? + 1);
    let there = || async {
        let waits = browser.count("[data-testid='ws-waiting']").await?;
        let shown = list.place().await?.starts_with(place) && browser.count(&css).await? == 1;
        Ok((shown && waits == 0).then_some(()))
    };
    browser.until(&format!("{place} is shown"), there).await?;
    browser.find_css(&css).await?.attr("data-id").await?.context("a row has its id")
}

/// Until the address says that a row comes first, from 1.
async fn addressed(browser: &Browser, row: u64) -> Result<()> {
    let says = || async {
        let address = browser.client().current_url().await?;
        Ok(address.query_pairs().any(|(key, value)| key == "row" && value == row.to_string()).then_some(()))
    };
    browser.until(&format!("the address leads to row {row}"), says).await
}

/// Scrolls so that a row comes first.
async fn scroll_to(browser: &Browser, row: u64) -> Result<()> {
    let to = "const rows = document.querySelectorAll('[data-testid=ws-row]'); const stride = rows[1].offsetTop - rows[0].offsetTop; \
              const first = rows[0].getAttribute('aria-rowindex') - 2; \
              const top = rows[0].getBoundingClientRect().top + scrollY - parseFloat(getComputedStyle(rows[0]).scrollMarginTop); \
              scrollTo(0, top + (arguments[0] - first) * stride);";
    browser.client().execute(to, vec![json!(row)]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_met_once_and_in_order_and_few_are_drawn() -> Result<()> {
    let rows = std::env::var("WHEELHOUSE_TEST_ROWS").ok().map_or(Ok(3_000), |rows| rows.parse())?;
    let app = fleet(rows).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    let list = WorkspaceListPage(&browser);
    let total = u64::from(rows);
    settled(&browser, "1–").await?;
    assert_eq!(list.total().await?, total);
    let count = browser.find_css("table.fleet").await?.attr("aria-rowcount").await?;
    assert_eq!(count, Some((total + 1).to_string()), "the head is a row of the table too");
    browser.click("ws-select").await?;

    script(browser.client(), WALK).await?;
    loop {
        let at = script(browser.client(), "return [walk.done, scrollY, Object.keys(walk.rows).length];").await?;
        if at[0] == true {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = script(browser.client(), "return [walk.done, scrollY, Object.keys(walk.rows).length];").await?;
        ensure!(now != at || now[0] == true || browser.count("[data-testid='ws-waiting']").await? > 0, "stuck at {at}");
    }
    let walk: Walk = from_value(script(browser.client(), "return walk;").await?)?;
    let long = walk.tasks.iter().filter(|task| **task > 50).count();
    let figures = json!({
        "rows": total, "steps": walk.steps, "milliseconds": walk.milliseconds, "most_rows_in_the_page": walk.most,
        "tasks_over_50_ms": long, "longest_task_ms": walk.tasks.iter().max(),
    });
    std::fs::create_dir_all(artefacts())?;
    std::fs::write(artefacts().join("virtual-rows.json"), figures.to_string())?;
    ensure!(walk.most <= MOST, "{} rows at once", walk.most);
    assert_eq!(walk.moved, 0, "a row's number stays while nothing changes");
    let met: Vec<(u64, &String)> = walk.rows.iter().map(|(at, id)| Ok((at.parse()?, id))).collect::<Result<_>>()?;
    let mut met = met;
    met.sort_unstable();
    assert_eq!(met.iter().map(|(_, id)| id).collect::<HashSet<_>>().len(), met.len(), "none twice");
    let expected: Vec<(u64, String)> = (2..).zip(all(&app).await?).collect();
    assert!(met.into_iter().eq(expected.iter().map(|(at, id)| (*at, id))), "every row, in order");

    // What was chosen at the top is chosen still, and all that match are a click away wherever one is.
    assert_eq!(list.chosen().await?, 1);
    assert_eq!(browser.count("[data-testid='bulk-all']").await?, 1);
    scroll_to(&browser, 0).await?;
    settled(&browser, "1–").await?;
    assert_eq!(
        browser.find("ws-row").await?.attr("class").await?.map(|class| class.contains("row-chosen")),
        Some(true)
    );
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reload_and_back_lead_to_the_same_rows() -> Result<()> {
    let app = fleet(1_500).await?;
    let ids = all(&app).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces?sort=user_name", (1440, 900, false)).await?;
    let list = WorkspaceListPage(&browser);
    settled(&browser, "1–").await?;

    // A leap into the middle, as by the scroll bar.
    scroll_to(&browser, 700).await?;
    assert_eq!(settled(&browser, "701–").await?, ids[700]);
    addressed(&browser, 701).await?;
    shown(&browser, "90-rows-middle").await?;
    let (place, address) = (list.place().await?, browser.client().current_url().await?);
    browser.client().refresh().await?;
    assert_eq!(settled(&browser, "701–").await?, ids[700]);
    assert_eq!((list.place().await?, browser.client().current_url().await?), (place.clone(), address.clone()));

    // Into one and back, by the browser and by the page's own way.
    for by_link in [false, true] {
        let row = browser.find_css("[data-testid='ws-row'][aria-rowindex='706'] a").await?;
        row.click().await?;
        browser.find("detail-state").await?;
        if by_link {
            browser.click("detail-back").await?;
        } else {
            browser.client().back().await?;
        }
        assert_eq!(settled(&browser, "701–").await?, ids[700], "by link: {by_link}");
        assert_eq!((list.place().await?, browser.client().current_url().await?), (place.clone(), address.clone()));
    }

    // Another order begins at the top, and Back leads to where one was.
    browser.click("sort-user_name").await?;
    assert_eq!(&settled(&browser, "1–").await?, ids.last().context("there are some")?);
    browser.client().back().await?;
    assert_eq!(settled(&browser, "701–").await?, ids[700]);

    // Addresses of when there were pages, and of rows that there are not.
    for (search, place) in
        [("page=3&cursor=none", "101–"), ("limit=25&page=3&cursor=none", "51–"), ("cursor=none", "1–")]
    {
        browser.goto(&format!("{}/workspaces?{search}", app.url())).await?;
        settled(&browser, place).await?;
        assert_eq!(browser.count("[data-testid='left-out']").await?, 0, "{search}");
    }
    browser.goto(&format!("{}/workspaces?row=999999", app.url())).await?;
    let end = || async { Ok(list.place().await?.contains("–1,500 of 1,500").then_some(())) };
    browser.until("the last rows are shown", end).await?;
    browser.close().await?;

    // On a phone a row is a card, and it is the same list.
    let phone = signed_in(&app, OWNER_EMAIL, "/workspaces?row=701", (390, 844, true)).await?;
    assert_eq!(settled(&phone, "701–").await?, ids[700]);
    let place = WorkspaceListPage(&phone).place().await?;
    assert!(["701–702 ", "701–703 ", "701–704 "].iter().any(|few| place.starts_with(few)), "{place}");
    fits(&phone).await?;
    shown(&phone, "90-rows-phone").await?;
    ensure!(phone.count("table.fleet tbody tr[aria-rowindex]").await? <= MOST, "too many rows");
    phone.close().await?;
    app.stop().await
}

/// The number of the row that has the focus, from 1; `None` when none has.
async fn focused(browser: &Browser) -> Result<Option<u64>> {
    let of = "return document.activeElement.closest('tbody [aria-rowindex]')?.getAttribute('aria-rowindex');";
    let at = script(browser.client(), of).await?;
    Ok(at.as_str().map(|at| at.parse::<u64>()).transpose()?.map(|at| at - 1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_lead_from_row_to_row_and_failures_can_be_tried_again() -> Result<()> {
    let app = fleet(1_200).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/workspaces", (1440, 900, false)).await?;
    let (keyboard, list) = (Keyboard(&browser), WorkspaceListPage(&browser));
    settled(&browser, "1–").await?;
    keyboard.reach("[data-testid='ws-row'] a").await?;
    let first = [(Key::Down, 2), (Key::Down, 3), (Key::Up, 2), (Key::End, 1_200)];
    // Rows are drawn above those that are there, and none loses the focus by it.
    let up = (1_180..1_200).rev().map(|row| (Key::Up, row));
    for (key, row) in first.into_iter().chain(up).chain([(Key::Home, 1)]) {
        keyboard.key(key).await?;
        let there = || async { Ok((focused(&browser).await? == Some(row)).then_some(())) };
        browser.until(&format!("row {row} has the focus"), there).await?;
    }
    keyboard.key(Key::PageDown).await?;
    let on = browser.until("a page further", || async { Ok(focused(&browser).await?.filter(|row| *row > 1)) }).await?;
    assert!((3..30).contains(&on), "{on}");
    // The boxes go along in the same way, and a space chooses.
    keyboard.key(Key::Home).await?;
    let top = || async { Ok((focused(&browser).await? == Some(1)).then_some(())) };
    browser.until("the first has the focus again", top).await?;
    keyboard.reach("[data-testid='ws-row'][aria-rowindex='3'] [data-testid='ws-select']").await?;
    keyboard.key(Key::Down).await?;
    keyboard.press(" ").await?;
    assert_eq!((list.chosen().await?, focused(&browser).await?), (1, Some(3)));

    // What happens in the fleet changes the rows where they are.
    scroll_to(&browser, 600).await?;
    settled(&browser, "601–").await?;
    let there = script(browser.client(), "return scrollY;").await?;
    let css = "[data-testid='ws-row'][data-state='AVAILABLE']";
    let id = browser.find_css(css).await?.attr("data-id").await?.context("a row has its id")?;
    app.client().post(paths::WORKSPACES_REBOOT, &json!({ "workspace_ids": [id] })).await?.ok::<Value>()?;
    let moving = format!("[data-testid='ws-row'][data-id='{id}']:not([data-state='AVAILABLE'])");
    browser.find_css(&moving).await?;
    assert_eq!(script(browser.client(), "return scrollY;").await?, there);
    assert!(list.place().await?.starts_with("601–"));

    // Rows that can't be had say so, and come once they can.
    script(browser.client(), CUT).await?;
    scroll_to(&browser, 300).await?;
    browser.find("ws-failed").await?;
    shown(&browser, "90-rows-failed").await?;
    script(browser.client(), "window.fetch = window.whole;").await?;
    browser.find_css("[data-testid='ws-failed'][aria-rowindex='302'] [data-testid='ws-retry']").await?.click().await?;
    settled(&browser, "301–").await?;
    assert_eq!(browser.client().find_all(Locator::Css("[data-testid='ws-failed']")).await?.len(), 0);
    browser.close().await?;
    app.stop().await
}
