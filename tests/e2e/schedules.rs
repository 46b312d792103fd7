//! What runs by itself, and how fresh that keeps the data: change a period, pause, run now, see what wants a look.

use anyhow::Result;
use chrono::TimeDelta;
use domain::sync::{DataSetStatus, Gap, SyncKind};
use store::repo::api_spend::api_spend_add;
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};

use crate::pages::{DataSetsPage, SchedulesPage, fits, shown_in_both, signed_in};

/// Data sets in every state that there is, without waiting for them to become so.
async fn mixed(app: &TestApp) -> Result<()> {
    let account = app.connect_simulated().await?;
    let db = &app.context().db;
    let now = app.context().env.now();
    let gap = |from: i64, to: i64| Gap {
        from: now - TimeDelta::days(from),
        to: now - TimeDelta::days(to),
        reason: "CloudTrail was not allowed to be read".to_owned(),
    };
    for region in &account.regions {
        for kind in SyncKind::ALL {
            let (status, age, days, gaps, error) = match kind {
                SyncKind::Prices | SyncKind::Images | SyncKind::Quotas => (DataSetStatus::Ok, 60, None, vec![], None),
                SyncKind::Workspaces => (DataSetStatus::Ok, 1000, None, vec![], None),
                SyncKind::Connections => (DataSetStatus::Ok, 3600, None, vec![], None),
                SyncKind::Usage => (DataSetStatus::Ok, 1800, Some(60), vec![], None),
                SyncKind::CloudTrail => {
                    let error = ("this is not allowed: cloudtrail:LookupEvents", Some("cloudtrail:LookupEvents"));
                    (DataSetStatus::Partial, 120, Some(90), vec![gap(70, 61), gap(20, 18)], Some(error))
                }
                SyncKind::Billing => {
                    (DataSetStatus::Failed, 90_000, Some(30), vec![], Some(("Cost Explorer is not enabled", None)))
                }
                SyncKind::Directories => continue,
            };
            let update = DataSetUpdate {
                account_id: account.id,
                region: if *kind == SyncKind::Billing { "us-east-1".parse()? } else { region.region.clone() },
                kind: *kind,
                status,
                fresh_at: Some(now - TimeDelta::seconds(age)),
                covered_from: days.map(|days| now - TimeDelta::days(days)),
                covered_to: days.map(|_| now - TimeDelta::seconds(age)),
                gaps: Some(gaps),
                last_run_id: None,
                last_error: error.map(|(words, _)| words.to_owned()),
                missing_permission: error.and_then(|(_, permission)| permission).map(str::to_owned),
                at: now,
            };
            data_set_put(db, &update).await?;
        }
    }
    api_spend_add(db, account.id, now.date_naive(), "ce", 4, 400_000_000).await?;
    api_spend_add(db, account.id, now.date_naive(), "cloudwatch", 12_300, 1_230_000_000).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedules_are_changed_and_data_sets_looked_at() -> Result<()> {
    let app = TestApp::start(TestAppOptions {
        simulated_workspaces: 20,
        portal: true,
        worker: false,
        schedules: true,
        ..TestAppOptions::default()
    })
    .await?
    .expect("SQLite is always there");
    app.create_owner().await?;
    mixed(&app).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/jobs", (1440, 900, false)).await?;
    browser.find("job-summary").await?;

    let schedules = SchedulesPage(&browser);
    schedules.open().await?;
    browser.picture("20-schedules").await?;
    schedules.press("sync-usage", "edit").await?;
    for (amount, unit, says) in
        [("x", "hours", "whole number"), ("59", "seconds", "At least"), ("32", "days", "At most")]
    {
        schedules.period(amount, unit).await?;
        browser
            .until("the dialog says what is wrong", || async {
                Ok(schedules.error().await?.contains(says).then_some(()))
            })
            .await?;
    }
    shown_in_both(&browser, "21-schedule-period").await?;
    schedules.period("2", "hours").await?;
    browser.click("schedule-save").await?;
    browser
        .until("the row shows the new period", || async {
            let text = schedules.text("sync-usage").await?;
            Ok((text.contains("every 2 h") && text.contains(OWNER_EMAIL)).then_some(()))
        })
        .await?;
    schedules.press("sync-usage", "pause").await?;
    browser
        .until("it is paused", || async { Ok(schedules.text("sync-usage").await?.contains("Paused").then_some(())) })
        .await?;
    schedules.press("sync-cloudtrail", "run").await?;
    browser
        .until("its jobs are on their way, live", || async {
            Ok(schedules.text("sync-cloudtrail").await?.contains("Queued").then_some(()))
        })
        .await?;
    browser.picture("22-schedules-changed").await?;

    let sets = DataSetsPage(&browser);
    sets.open().await?;
    browser.until("all are there", || async { Ok((sets.rows().await?.len() == 17).then_some(())) }).await?;
    browser.picture("23-data-sets").await?;
    browser.click("data-sets-problems").await?;
    let wanting = browser
        .until("only those that want a look remain", || async {
            let rows = sets.rows().await?;
            Ok((rows.len() == 7).then_some(rows))
        })
        .await?;
    assert!(wanting.iter().any(|row| row.contains("cloudtrail:LookupEvents") && row.contains("2 gaps")), "{wanting:?}");
    let address = browser.client().current_url().await?;
    assert_eq!(address.query(), Some("show=problems"));
    browser.goto(address.as_str()).await?;
    browser.until("the address says it all", || async { Ok((sets.rows().await?.len() == 7).then_some(())) }).await?;
    browser.click("nav-workspaces").await?;
    assert!(browser.text("freshness").await?.contains("Connection status as of"));
    browser.find_css("[data-testid='freshness'] [data-late='true']").await?;
    browser.picture("24-freshness").await?;
    browser.click("nav-accounts").await?;
    browser.find("account-data").await?;
    browser.find("missing-permission").await?;
    browser.picture("25-account-data").await?;
    browser.close().await?;

    for (name, width, height, dark) in [("dark", 1440, 900, true), ("phone", 390, 844, false)] {
        let browser = signed_in(&app, OWNER_EMAIL, "/jobs", (width, height, dark)).await?;
        browser.find("job-summary").await?;
        for path in ["/", "/jobs", "/jobs/schedules", "/jobs/data-sets", "/accounts", "/workspaces"] {
            browser.goto(&format!("{}{path}", app.url())).await?;
            browser.find_css("main h1").await?;
            tokio::time::sleep(std::time::Duration::from_millis(900)).await;
            browser.picture(&format!("{name}{}-fresh", path.replace('/', "-"))).await?;
            fits(&browser).await?;
        }
        browser.close().await?;
    }
    app.leave_open_jobs();
    app.stop().await
}
