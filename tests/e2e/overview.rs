//! The overview's numbers: each leads to the page that proves it, narrowed to what was counted.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::Days;
use contract::accounts::StartedJobsView;
use contract::overview::OverviewView;
use contract::page::Page;
use contract::paths;
use contract::places::QuotaView;
use domain::sync::SyncKind;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use store::repo::costs::{CostDayRow, cost_days_replace};
use testkit::app::{OWNER_EMAIL, TestApp};

use crate::pages::{OverviewPage, shown, signed_in};
use crate::usage::with_usage;

/// Numbers beside the charts: in all, connected, in transition, in trouble, and jobs that are active or dead.
const BESIDE_CHARTS: usize = 6;
/// What needs attention: WorkSpaces in trouble, a dead job, a quota, data sets of the one account, a budget, unused WorkSpaces.
const MATTERS: usize = 6;
/// A job waits for a year in which nobody runs this.
const LATER: &str = "run_at = '2096-01-01T00:00:00+00:00'";
/// So many jobs run as this touches; it changes nothing.
const RUNNING: &str = "UPDATE job SET worker = worker WHERE state = 'running'";

/// A fleet of which each number counts something, and in which nothing moves any more.
async fn something_of_everything() -> Result<TestApp> {
    let app = with_usage().await?;
    let path = paths::with_id(paths::SCHEDULE_RUN, SyncKind::Quotas);
    let started: StartedJobsView = app.client().post_empty(&path).await?.ok()?;
    for job in started.job_ids {
        app.wait_for_job(job).await?;
    }
    still(&app).await?;
    let quotas: Page<QuotaView> = app.client().get(&format!("{}?limit=200", paths::QUOTAS)).await?.ok()?;
    let full = quotas.items.iter().find(|quota| quota.used.is_some_and(|used| used > 0));
    let full = full.context("a quota of which some is used")?;
    let (used, code, region) = (full.used.unwrap_or_default(), &full.code, &full.region);
    let one = "SELECT id FROM job WHERE kind = 'sync-workspaces' AND state = 'done' LIMIT 1";
    let some = |number: u32| format!("aws_id IN (SELECT aws_id FROM workspace ORDER BY aws_id LIMIT {number})");
    for sql in [
        format!("UPDATE quota SET value = {used} WHERE aws_id = '{code}' AND region = '{region}'"),
        format!("UPDATE workspace SET state = 'STARTING' WHERE {}", some(7)),
        format!("UPDATE workspace SET state = 'UNHEALTHY' WHERE {}", some(4)),
        format!("UPDATE workspace SET connection_state = 'CONNECTED' WHERE {}", some(9)),
        format!("UPDATE job SET state = 'dead', error = 'The disk is full.' WHERE id = ({one})"),
        format!("UPDATE job SET state = 'queued', finished_at = NULL, {LATER} WHERE id = ({one})"),
        "UPDATE data_set SET status = 'failed' WHERE kind = 'sync-quotas'".to_owned(),
    ] {
        let changed = app.context().db.execute_unprepared(&sql).await?.rows_affected();
        anyhow::ensure!(changed > 0, "nothing is changed by {sql}");
    }
    app.leave_open_jobs();
    a_budget_is_spent(&app).await?;
    Ok(app)
}

/// Waits until no job runs, and lets none begin: what moves is looked at again and again.
async fn still(app: &TestApp) -> Result<()> {
    let db = &app.context().db;
    for _ in 0..100 {
        db.execute_unprepared(&format!("UPDATE job SET {LATER} WHERE state = 'queued'")).await?;
        if db.execute_unprepared(RUNNING).await?.rows_affected() == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("jobs run on and on")
}

/// What was billed today is more than the budget of the month.
async fn a_budget_is_spent(app: &TestApp) -> Result<()> {
    let account = app.accounts().await?.remove(0);
    let now = app.context().env.now();
    let today = now.date_naive();
    let row = CostDayRow {
        day: today,
        region: "eu-central-1".to_owned(),
        usage_type: "EUC1-AW-HW-2".to_owned(),
        amount_e10: 1_043_000_000_000,
        quantity_e10: 10_000_000_000,
        unit: "User-Month".to_owned(),
        currency: "USD".to_owned(),
        estimated: false,
        read_at: now,
    };
    cost_days_replace(&app.database().await?, account.id, today, today + Days::new(1), &[row]).await?;
    let body = json!({
        "name": "Desktops", "reach": "everything", "amount": "100", "currency": "USD", "thresholds": [100],
    });
    app.client().post(paths::BUDGETS, &body).await?.ok::<Value>()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_number_leads_to_the_page_that_proves_it() -> Result<()> {
    let app = something_of_everything().await?;
    let counted: OverviewView = app.client().get(paths::OVERVIEW).await?.ok()?;
    let charts = counted.by_state.len() + counted.by_running_mode.len() + counted.by_region.len();
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 2000, false)).await?;
    let page = OverviewPage(&browser);
    let numbers = browser
        .until("every number is there", || async {
            let numbers = page.numbers().await?;
            Ok((numbers.len() == BESIDE_CHARTS + charts + MATTERS).then_some(numbers))
        })
        .await?;
    shown(&browser, "overview-numbers").await?;

    for (address, number) in &numbers {
        assert_ne!(number, "0", "{address} proves nothing");
        browser.goto(&format!("{}{address}", app.url())).await?;
        let proof = browser.until(&format!("{address} is drawn"), || page.proof()).await?;
        assert_eq!(&proof, number, "{address}");
    }
    for path in ["/workspaces", "/jobs", "/workspaces/quotas", "/jobs/data-sets", "/usage", "/costs"] {
        let of_it = |(address, _): &(String, String)| address.split(['?', '#']).next() == Some(path);
        assert!(numbers.iter().any(of_it), "no number leads to {path}: {numbers:?}");
    }
    browser.close().await?;
    app.stop().await
}
