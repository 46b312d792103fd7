//! PDFs of reports, read by a library that nobody here wrote: whole, tagged, with what the table holds. Kept beside the other
//! pictures, to be looked at.

use anyhow::{Context as _, Result};
use chrono::{Datelike as _, Days, NaiveTime, TimeDelta, Weekday};
use contract::page::Page;
use contract::paths::{REPORT_FILE, REPORT_RUNS, REPORTS, WORKSPACES, with_id};
use contract::reports::{ReportRunView, ReportView};
use contract::workspaces::WorkspaceView;
use domain::ids::AccountId;
use domain::reports::ReportRunState;
use domain::usage::HourMask;
use serde_json::{Value, json};
use store::repo::costs::{CostDayRow, cost_days_replace};
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use testkit::app::{TestApp, TestAppOptions};
use testkit::outside;

fn wanted(template: &str, name: &str) -> Value {
    // What is in the log happens while the test runs.
    let span = if template == "audit" { "month-to-date" } else { "last-30-days" };
    json!({
        "name": name, "template": template, "span": span, "format": "pdf", "frequency": "never", "zone": "Europe/Berlin",
        "hour": 7, "day": 1, "keep_runs": 3, "enabled": true,
    })
}

/// The run of a new report, when it has ended.
async fn run(app: &TestApp, wanted: &Value) -> Result<ReportRunView> {
    let report: ReportView = app.client().post(REPORTS, wanted).await?.ok()?;
    let started: ReportRunView = app.client().post_empty(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
    app.wait_for_job(started.job_id.context("a job makes it")?).await?;
    let page: Page<ReportRunView> = app.client().get(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
    page.items.into_iter().next().context("a run")
}

/// What the reader finds in it; `None` without one.
async fn read(app: &TestApp, run: &ReportRunView, name: &str) -> Result<Option<Value>> {
    let answer = app.client().get(&with_id(REPORT_FILE, run.id)).await?;
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert!(answer.header("content-disposition").ends_with(".pdf\""), "{}", answer.header("content-disposition"));
    let folder = match std::env::var_os("WHEELHOUSE_TEST_ARTEFACTS") {
        Some(folder) => std::path::PathBuf::from(folder).join("reports"),
        None => std::env::temp_dir().join("wheelhouse-reports"),
    };
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.pdf"));
    std::fs::write(&path, &answer.body)?;
    outside::python("read_pdf.py", &[path.to_str().context("a path")?]).await
}

/// A month of costs of three usage types, and of usage on every day but Sundays.
async fn fill(app: &TestApp, account: AccountId) -> Result<()> {
    let (db, now) = (app.database().await?, app.context().env.now());
    let today = now.date_naive();
    let first = today - Days::new(31);
    let begin = first.and_time(NaiveTime::MIN).and_utc();
    let mut costs = Vec::new();
    for day in first.iter_days().take_while(|day| *day < today) {
        for (n, usage_type) in (1_i64..).zip(["AW-HW-2", "AW-HW-2-AutoStop-Usage", "AW-HW-8"]) {
            costs.push(CostDayRow {
                day,
                region: "us-east-1".to_owned(),
                usage_type: usage_type.to_owned(),
                amount_e10: n * i64::from(day.day() % 9 + 3) * 12_345_678_901,
                quantity_e10: n * 80_000_000_000,
                unit: "Hrs".to_owned(),
                currency: "USD".to_owned(),
                estimated: false,
                read_at: now,
            });
        }
    }
    cost_days_replace(&db, account, first, today, &costs).await?;
    let all: Page<WorkspaceView> = app.client().get(&format!("{WORKSPACES}?limit=200")).await?.ok()?;
    let mut read = Vec::new();
    for (n, one) in (0_u32..).zip(&all.items) {
        let days = first.iter_days().take_while(|day| *day < today).filter(|day| day.weekday() != Weekday::Sun);
        let days = days.map(|day| {
            let (hours, at) = (1 + (n + day.day()) % 8, day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(8));
            UsageDayRow {
                day,
                hour_mask: HourMask::of_range(8, 7 + hours),
                connected_minutes: hours * 55,
                sessions: 1,
                first_at: at,
                last_at: at + TimeDelta::minutes(i64::from(hours * 55)),
                resolution_secs: 300,
            }
        });
        let days = days.collect();
        read.push(WorkspaceUsage { workspace_id: one.id, from: begin, to: now, intervals: Vec::new(), days });
    }
    usage_window_replace(&db, &read).await?;
    let covered: Vec<_> = all.items.iter().map(|one| (one.id, begin, now)).collect();
    Ok(usage_covered(&db, &covered).await?)
}

fn count(found: &Value, kind: &str) -> u64 {
    found["kinds"][kind].as_u64().unwrap_or(0)
}

/// What a figure is told to come to, where that is a whole number.
fn together(told: &str) -> Option<u64> {
    let (_, rest) = told.split_once("ogether ")?;
    let number = rest.split_once([' ', ';']).map_or(rest, |(number, _)| number).trim_end_matches(['.', ',']);
    number.replace(',', "").parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_can_read_it() -> Result<()> {
    let options = TestAppOptions { simulated_workspaces: 120, ..TestAppOptions::default() };
    let app = TestApp::start(options).await?.context("SQLite is always there")?;
    app.create_owner().await?;
    let account = app.connect_simulated_and_sync().await?;
    fill(&app, account.id).await?;
    let fleet = &["fleet by state in WorkSpaces", "fleet by running mode in WorkSpaces"][..];
    for (template, by, figures, head) in [
        ("inventory", None, fleet, "Last connected"),
        ("usage", None, &["usage by day in hours"][..], "Sessions"),
        ("cost", None, &["cost by day in USD"][..], "Usage type"),
        ("cost", Some("usage_type"), &["cost by usage type in USD"][..], "Usage type"),
        ("cost", Some("region"), &["cost by region in USD"][..], "May still change"),
        ("savings", None, &["saving by advice in USD"][..], "Saving"),
        ("audit", None, &["activity by day in entries", "activity by action in entries"][..], "Outcome"),
    ] {
        let mut wanted = wanted(template, &format!("Zoë’s {template} <b>&amp; (x)"));
        if let Some(by) = by {
            wanted["filter"] = json!({ "by": by });
        }
        let made = run(&app, &wanted).await?;
        assert_eq!(made.state, ReportRunState::Done, "{template}: {:?}", made.error);
        let Some(found) = read(&app, &made, by.unwrap_or(template)).await? else { return app.stop().await };
        assert_eq!((&found["tagged"], &found["scripts"], &found["lang"]), (&json!(true), &json!(false), &json!("en")));
        assert_eq!(found["title"], json!(format!("Zoë’s {template} <b>&amp; (x)")));
        let texts: Vec<&str> = found["texts"].as_array().context("texts")?.iter().filter_map(Value::as_str).collect();
        for said in ["Zoë’s", "Europe/Berlin", "owner@example.com", head] {
            assert!(texts[0].contains(said), "{template}: {said}: {}", texts[0]);
        }
        let columns = count(&found, "/TH");
        // A row for the heads, and one for each of the table; a cell in each column.
        assert_eq!(
            (count(&found, "/H1"), count(&found, "/Table"), count(&found, "/TR")),
            (1, 1, made.rows + 1),
            "{template}"
        );
        assert_eq!(count(&found, "/TD"), columns * made.rows, "{template}");
        // Of nothing there is no figure.
        let figures = if made.rows > 0 { figures } else { &[] };
        let told: Vec<&str> = found["told"].as_array().context("told")?.iter().filter_map(Value::as_str).collect();
        assert_eq!(
            (count(&found, "/Figure"), told.len()),
            (figures.len() as u64, figures.len()),
            "{template}: {told:?}"
        );
        for (figure, told) in figures.iter().zip(&told) {
            assert!(told.starts_with(&format!("Bar chart: {figure}")), "{template}: {told}");
            if matches!(template, "inventory" | "audit") {
                assert_eq!(together(told), Some(made.rows), "each row counts once: {told}");
            }
        }
        assert!(made.rows > 0 || template == "savings", "{template} has rows");
        // The heads and the number stand on each page.
        for (n, text) in texts.iter().enumerate().filter(|_| made.rows > 0) {
            assert!(
                text.contains(&format!("Page {} of {}", n + 1, texts.len())) && text.contains(head),
                "{template}: {text}"
            );
        }
    }
    app.stop().await
}
