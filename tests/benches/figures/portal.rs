//! The portal in a browser over the large fleet: what lighthouse says of the pages that people open first, how long the page is kept
//! busy at a time while one scrolls through all rows, and how quickly the palette is there. The server and the browser share the
//! machine. Nothing is asserted; the browser tests hold the portal to what does not depend on a machine.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use domain::access::{Actor, Grant, Role};
use serde::Deserialize;
use serde_json::from_value;
use services::identity::NewUser;
use services::sessions::SessionMeta;
use testkit::browser::Browser;
use testkit::lighthouse::judged;

use crate::fleet::Synced;
use crate::served::{Served, vacuum};
use crate::{Bench, Row, row};

/// One window, as of a usual desk.
const WINDOW: (u32, u32) = (1440, 900);
/// How often lighthouse judges; the middle one of its figures is told.
const TIMES: usize = 3;
/// One reader's session is not what is measured by the limit of one.
const FREE: (&str, &str) = ("WHEELHOUSE_LIMITS__READS_PER_MINUTE", "1000000");
/// How long the way through all rows may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Scrolls to the end, most of a window at a time as soon as the rows are there, and then leaps to places far apart; notes each
/// task of the page that took longer than 50 milliseconds, which is when a browser tells one.
const WALK: &str = r"
    const walk = window.walk = { steps: 0, walked: [], leaps: 0, leapt: [], done: false };
    let noted = walk.walked;
    new PerformanceObserver(list => list.getEntries().forEach(task => noted.push(task.duration))).observe({ type: 'longtask' });
    const frame = () => new Promise(requestAnimationFrame);
    const there = async () => {
        do { await frame(); } while (document.querySelector('[data-testid=ws-waiting]'));
    };
    (async () => {
        while (scrollY + innerHeight < document.documentElement.scrollHeight - 1) {
            scrollBy(0, innerHeight * 0.8);
            walk.steps += 1;
            await there();
        }
        noted = walk.leapt;
        for (let leap = 1; leap <= 40; leap += 1) {
            // 17 and 41 have no common divisor: no place comes twice.
            scrollTo(0, document.documentElement.scrollHeight * ((leap * 17) % 41) / 41);
            walk.leaps += 1;
            await there();
        }
        walk.done = true;
    })();
";

/// Opens and closes the palette; notes from the key to the picture.
const PALETTE: &str = r"
    const took = window.took = [];
    const frame = () => new Promise(requestAnimationFrame);
    const key = () => dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true }));
    const shown = () => document.querySelector('[data-testid=palette-field]')?.getClientRects().length > 0;
    (async () => {
        for (let time = 0; time < 21; time += 1) {
            const began = performance.now();
            key();
            while (!shown()) await new Promise(done => setTimeout(done));
            await frame();
            await new Promise(done => setTimeout(done));
            took.push(performance.now() - began);
            key();
            while (shown()) await frame();
            for (let rest = 0; rest < 20; rest += 1) await frame();
        }
    })();
";

/// What [`WALK`] met.
#[derive(Deserialize)]
struct Walk {
    steps: u32,
    walked: Vec<f64>,
    leaps: u32,
    leapt: Vec<f64>,
    done: bool,
}

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let modules = std::env::var("WHEELHOUSE_TEST_NODE").context("WHEELHOUSE_TEST_NODE is not set")?;
    let portal = std::env::var("WHEELHOUSE_TEST_PORTAL").context("WHEELHOUSE_TEST_PORTAL is not set")?;
    let fleet = crate::sync::fleet(bench).await?;
    let session = reader(fleet).await?;
    vacuum(&fleet.database.url).await?;
    let api = Served::start(fleet, None, &[FREE, ("WHEELHOUSE_PORTAL__DIR", &portal)]).await?;
    let url = format!("http://127.0.0.1:{}", api.port);
    let browser = Browser::open(WINDOW.0, WINDOW.1, false).await?;
    browser.hold_session(&url, &session).await?;

    let mut rows = lighthouse(&browser, &modules, &url).await?;
    browser.goto(&format!("{url}/workspaces")).await?;
    browser.find("ws-row").await?;
    rows.extend(scrolled(&browser).await?);
    rows.push(palette(&browser).await?);
    browser.close().await?;
    Ok(rows)
}

/// The session of somebody who may see everything.
async fn reader(fleet: &Synced) -> Result<String> {
    let (email, password) = ("portal@example.com", testkit::app::OWNER_PASSWORD);
    let new =
        NewUser { email: email.to_owned(), grants: vec![Grant::usual(Role::Owner)], password: password.to_owned() };
    services::identity::create_user(&fleet.context, &Actor::system(), new).await?;
    let signed_in = services::identity::sign_in(&fleet.context, email, password, SessionMeta::default()).await?;
    Ok(signed_in.done().context("a second factor is asked for")?.token)
}

async fn lighthouse(browser: &Browser, modules: &str, url: &str) -> Result<Vec<Row>> {
    let pages = [("overview", format!("{url}/")), ("workspaces", format!("{url}/workspaces"))];
    let mut times = Vec::new();
    for _ in 0..TIMES {
        times.push(judged(browser, modules, &pages).await?);
    }
    let mut rows = Vec::new();
    for (at, (name, _)) in pages.iter().enumerate() {
        let all = || times.iter().map(|pages| &pages[at]);
        let middle = |figure: fn(&testkit::lighthouse::Judged) -> f64| middle(all().map(figure).collect());
        let said = format!(
            "performance {:.0}, largest paint {:.0} ms, blocked {:.0} ms, layout shift {:.3}, {:.0} requests, {:.0} KB",
            middle(|page| f64::from(page.performance)),
            middle(|page| page.largest_paint_ms),
            middle(|page| page.blocking_ms),
            middle(|page| page.layout_shift),
            middle(|page| f64::from(page.requests)),
            middle(|page| page.transferred_bytes / 1000.0),
        );
        rows.push(row(format!("{name}, lighthouse's desktop, met for the first time"), said));
    }
    Ok(rows)
}

async fn scrolled(browser: &Browser) -> Result<Vec<Row>> {
    browser.client().execute(WALK, Vec::new()).await?;
    let until = tokio::time::Instant::now() + PATIENCE;
    let walk: Walk = loop {
        let walk: Walk = from_value(browser.client().execute("return walk;", Vec::new()).await?)?;
        if walk.done {
            break walk;
        }
        ensure!(tokio::time::Instant::now() < until, "{} steps, {} leaps, and no end", walk.steps, walk.leaps);
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    let words = |tasks: &[f64]| match tasks.iter().copied().max_by(f64::total_cmp) {
        Some(longest) => format!("{} tasks over 50 ms, the longest {longest:.0} ms", tasks.len()),
        None => "no task over 50 ms".to_owned(),
    };
    Ok(vec![
        row(format!("through all rows in {} steps", walk.steps), words(&walk.walked)),
        row(format!("{} leaps", walk.leaps), words(&walk.leapt)),
    ])
}

async fn palette(browser: &Browser) -> Result<Row> {
    browser.client().execute(PALETTE, Vec::new()).await?;
    let took: Vec<f64> = browser
        .until("the palette was opened 21 times", || async {
            let took: Vec<f64> = from_value(browser.client().execute("return took;", Vec::new()).await?)?;
            Ok((took.len() == 21).then_some(took))
        })
        .await?;
    let later = middle(took[1..].to_vec());
    Ok(row("the palette, from the key to the picture", format!("{:.0} ms the first time, then {later:.0} ms", took[0])))
}

/// The middle one; 0 of none.
fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}
