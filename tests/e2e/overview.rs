//! The overview's numbers: each leads to the page that proves it, narrowed to what was counted.

use anyhow::Result;
use chrono::Days;
use contract::overview::OverviewView;
use contract::paths;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use store::repo::costs::{CostDayRow, cost_days_replace};
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::something;

use crate::costs::billed;
use crate::pages::{OverviewPage, shown, signed_in};
use crate::usage::with_usage;

/// Numbers beside the charts: in all, connected, in transition, in trouble, and jobs that are active or dead.
const BESIDE_CHARTS: usize = 6;
/// What needs attention: WorkSpaces in trouble, a dead job, a quota, data sets of the one account, a budget, unused WorkSpaces.
const MATTERS: usize = 6;
/// What was billed this month, what it will come to, and the last month by this day and in all.
const SUMS: usize = 4;

/// A fleet of which each number counts something, and in which nothing moves any more.
async fn something_of_everything() -> Result<TestApp> {
    let app = with_usage().await?;
    something::of_everything(&app).await?;
    let sql = "UPDATE data_set SET status = 'failed' WHERE kind = 'sync-quotas'";
    anyhow::ensure!(app.database().await?.execute_unprepared(sql).await?.rows_affected() > 0, "no quotas were read");
    billed(&app, &app.accounts().await?.remove(0)).await?;
    a_budget_is_spent(&app).await?;
    Ok(app)
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
    let regions: usize = app.accounts().await?.iter().map(|account| account.regions.len()).sum();
    let browser = signed_in(&app, OWNER_EMAIL, "/", (1440, 2000, false)).await?;
    let page = OverviewPage(&browser);
    let numbers = browser
        .until("every number is there", || async {
            let numbers = page.numbers().await?;
            Ok((numbers.len() == BESIDE_CHARTS + charts + MATTERS + SUMS + regions).then_some(numbers))
        })
        .await?;
    shown(&browser, "overview-numbers").await?;

    for (address, number) in &numbers {
        assert_ne!(number, "0", "{address} proves nothing");
        browser.goto(&format!("{}{address}", app.url())).await?;
        let proof = browser.until(&format!("{address} is drawn"), || page.proof()).await?;
        assert_eq!(&proof, number, "{address}");
    }
    for path in ["/costs#budgets-title", "/costs#costs-course"] {
        assert!(numbers.iter().any(|(address, _)| address == path), "no number leads to {path}: {numbers:?}");
    }
    for path in ["/workspaces", "/jobs", "/workspaces/quotas", "/jobs/data-sets", "/usage", "/costs"] {
        let of_it = |(address, _): &(String, String)| address.split(['?', '#']).next() == Some(path);
        assert!(numbers.iter().any(of_it), "no number leads to {path}: {numbers:?}");
    }
    browser.close().await?;
    app.stop().await
}
