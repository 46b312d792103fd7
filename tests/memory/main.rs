//! Files take as much memory as a part of them, however long they are: measured over HTTP, in a process that counts what it holds.
//!
//! The whole application and its reader are in this process, under an allocator that counts. What databases hold is their own. One
//! test, since what one holds another would count; no clock is looked at.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use contract::paths::EXPORT_TRAIL;
use domain::ids::AccountId;
use serde_json::json;
use store::repo::trail::{TrailEventRow, trail_append};
use testkit::app::{TestApp, TestAppOptions};
use testkit::client::SESSION_COOKIE;
use testkit::db::Backend;

/// Rows of the shorter file, which is more than seven portions of an export, and of the one that is four times as long.
const FEW: usize = 7_500;
const MANY: usize = 30_000;
/// Letters of a row that can hardly be packed.
const NOISE: usize = 300;
/// By so much the longer file may need more: three portions wait for a slow reader, or none. What it has more rows than the shorter
/// one is thrice that as text, and more than that when packed.
const SLACK: usize = 4 << 20;
/// No export takes so long.
const DEADLINE: Duration = Duration::from_secs(240);

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[expect(unsafe_code, reason = "an allocator that counts and otherwise is the system's")]
// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is held now; from here on the most is noted.
fn begin() -> usize {
    let held = HELD.load(Ordering::Relaxed);
    PEAK.store(held, Ordering::Relaxed);
    held
}

/// The most that was held beyond that.
fn most_since(held: usize) -> usize {
    PEAK.load(Ordering::Relaxed).saturating_sub(held)
}

/// A file that was read and let go, part by part.
#[derive(Debug)]
struct Taken {
    bytes: usize,
    lines: usize,
    most: usize,
}

async fn taken(app: &TestApp, path: &str) -> Result<Taken> {
    let token = app.client().session().context("nobody is signed in")?;
    let http = platform::http::client(DEADLINE)?;
    let held = begin();
    let request = http.get(format!("{}{path}", app.url())).header("cookie", format!("{SESSION_COOKIE}={token}"));
    let mut response = request.send().await?;
    ensure!(response.status().is_success(), "{path}: {}", response.status());
    let (mut bytes, mut lines) = (0, 0);
    while let Some(part) = response.chunk().await? {
        bytes += part.len();
        lines += part.iter().filter(|byte| **byte == b'\n').count();
    }
    Ok(Taken { bytes, lines, most: most_since(held) })
}

/// Letters without a pattern that a packer finds.
fn noise(seed: usize) -> String {
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + ((state >> 40) % 26) as u8)
    };
    (0..NOISE).map(letter).collect()
}

/// Events of two regions: few in the first, all others in the second.
async fn happened(app: &TestApp, account: AccountId) -> Result<()> {
    let now = app.context().env.now();
    let event = |number: usize| TrailEventRow {
        event_id: format!("event-{number}"),
        at: now - TimeDelta::seconds(i64::try_from(number).unwrap_or(0)),
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: "Admin/ada@example.com".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: Some(noise(number)),
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces: Vec::new(),
    };
    for (region, numbers) in [("eu-central-1", 0..FEW), ("us-east-1", FEW..MANY)] {
        let events: Vec<_> = numbers.map(event).collect();
        trail_append(&app.context().db, account, &region.parse()?, &events).await?;
    }
    Ok(())
}

async fn four_times_as_long(app: &TestApp) -> Result<()> {
    app.create_owner().await?;
    let account = app.connect_named("Demo").await?;
    happened(app, account.id).await?;
    for format in ["csv", "xlsx"] {
        let (few, all) =
            (format!("{EXPORT_TRAIL}?format={format}&region=eu-central-1"), format!("{EXPORT_TRAIL}?format={format}"));
        // What is made once and kept is there then.
        taken(app, &few).await?;
        let (short, long) = (taken(app, &few).await?, taken(app, &all).await?);
        ensure!(long.bytes > 3 * short.bytes, "{format}: {short:?}, {long:?}");
        ensure!(long.most < short.most + SLACK, "{format} is held: {short:?}, {long:?}");
        if format == "csv" {
            ensure!((short.lines, long.lines) == (FEW + 1, MANY + 1), "{short:?}, {long:?}");
            // And the count does see a file that is held.
            let held = begin();
            let answer = app.client().get(&all).await?;
            let most = most_since(held);
            ensure!(answer.body.len() == long.bytes, "{} bytes, {long:?}", answer.body.len());
            ensure!(most > short.most + SLACK, "{most} bytes were held, {short:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_four_times_as_long_takes_no_more_memory() -> Result<()> {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let options = TestAppOptions { simulated_workspaces: 0, worker: false, backend, ..TestAppOptions::default() };
        let Some(app) = TestApp::start(options).await? else { continue };
        Box::pin(four_times_as_long(&app)).await.with_context(|| format!("{backend:?}"))?;
        app.stop().await?;
    }
    Ok(())
}
