//! Reports of costs that are told apart: their groups and sums are those of the costs page, to the last digit; who may not have them.

use anyhow::{Context as _, Result};
use contract::costs::{CostGroupView, ESTIMATE_GROUPS, EstimateGroupView, GROUPS, MoneyView};
use contract::page::Page;
use contract::paths::{
    COSTS_ESTIMATES, COSTS_GROUPS, REPORT, REPORT_DRAFT, REPORT_FILE, REPORT_LINK, REPORT_PREVIEW, REPORT_RUNS,
    REPORTS, with_id,
};
use contract::reports::{ReportLinkView, ReportPreviewView, ReportRunView, ReportView};
use domain::access::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::app::TestApp;
use testkit::app_test;

use crate::support::whole_list;
use crate::{api_cost_estimates, api_costs};

fn wanted(filter: &Value, span: &str) -> Value {
    json!({
        "name": "Costs", "template": "cost", "filter": filter, "span": span, "format": "csv", "frequency": "never",
        "zone": "UTC", "hour": 7, "day": 1, "keep_runs": 3, "enabled": true,
    })
}

/// A new report, and the file that was made of it.
async fn made(app: &TestApp, wanted: &Value) -> Result<(ReportView, String)> {
    let client = app.client();
    let report: ReportView = client.post(REPORTS, wanted).await?.ok()?;
    let started: ReportRunView = client.post_empty(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
    app.wait_for_job(started.job_id.context("a job makes it")?).await?;
    let file = client.get(&with_id(REPORT_FILE, started.id)).await?;
    assert!(file.status.is_success(), "{}", file.text());
    Ok((report, file.text()))
}

/// The cells of a line of CSV.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

/// What stands in these columns, row by row.
fn columns(text: &str, names: &[&str]) -> Result<Vec<Vec<String>>> {
    let mut lines = text.lines().map(cells);
    let heads = lines.next().context("a line of heads")?;
    let mut places = Vec::new();
    for name in names {
        places.push(heads.iter().position(|head| head == name).with_context(|| format!("no {name} in {heads:?}"))?);
    }
    Ok(lines.map(|row| places.iter().map(|at| row[*at].clone()).collect()).collect())
}

/// What a column adds up to; nothing where a cell is empty.
fn sum(rows: &[Vec<String>], at: usize) -> Result<Decimal> {
    let mut sum = Decimal::ZERO;
    for row in rows.iter().filter(|row| !row[at].is_empty()) {
        sum += row[at].parse::<Decimal>()?;
    }
    Ok(sum)
}

app_test! {
    async fn groups_are_those_of_the_costs_page(app: api_costs::may()) {
        api_costs::begin(app).await?;
        let client = app.client();
        // Thirty days of 45 USD; by tag there are two groups of 45 USD together.
        let days = "from=2026-04-11&to=2026-05-11";
        let whole = Decimal::from(30 * 45);
        for by in GROUPS {
            let (groups, _) = whole_list::<CostGroupView>(client, COSTS_GROUPS, &format!("{days}&by={by}&limit=200")).await?;
            let of_page = groups.into_iter().map(|group| vec![group.key, group.amount.amount, group.amount.currency]);
            let of_page: Vec<Vec<String>> = of_page.collect();
            let (report, text) = made(app, &wanted(&json!({ "by": by }), "last-30-days")).await?;
            let of_file = columns(&text, &["key", "amount", "currency"])?;
            assert_eq!(of_file, of_page, "{by}");
            assert_eq!(sum(&of_file, 1)?, if *by == "team" { Decimal::from(45) } else { whole }, "{by}");

            let kept: ReportView = client.get(&with_id(REPORT, report.id)).await?.ok()?;
            assert_eq!(kept.filter.by.map(|by| by.to_string()).as_deref(), Some(*by));
            let preview: ReportPreviewView = client.get(&with_id(REPORT_PREVIEW, report.id)).await?.ok()?;
            let shown: Vec<_> = preview.rows.iter().map(|row| row[0].clone()).collect();
            assert_eq!(shown, of_file.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), "{by}");
        }
        // Told apart by nothing it has each line of the bill, and they come to the same.
        let (report, text) = made(app, &wanted(&json!({}), "last-30-days")).await?;
        let lines = columns(&text, &["day", "amount"])?;
        assert_eq!((report.filter.by, lines.len(), sum(&lines, 1)?), (None, 30 * 9, whole));
        // Where it is narrowed, so are its groups: two of nine usage types were billed in Frankfurt.
        let narrowed = json!({ "by": "usage_type", "regions": ["eu-central-1"] });
        let (_, text) = made(app, &wanted(&narrowed, "last-30-days")).await?;
        let of_file = columns(&text, &["key", "amount"])?;
        assert_eq!((of_file.len(), sum(&of_file, 1)?), (2, Decimal::from(30 * 15)));
        Ok(())
    }

    async fn the_estimate_of_a_month_is_that_of_the_costs_page(app: api_cost_estimates::may()) {
        api_cost_estimates::begin(app).await?;
        let client = app.client();
        let mut sums = Vec::new();
        for by in ESTIMATE_GROUPS {
            let query = format!("month=2026-04&by={by}&limit=200");
            let (groups, _) = whole_list::<EstimateGroupView>(client, COSTS_ESTIMATES, &query).await?;
            let row = |group: EstimateGroupView| {
                let first = |sums: &[MoneyView]| sums.first().map(|sum| sum.amount.clone()).unwrap_or_default();
                let before = group.before.as_ref();
                let was = before.map(|before| first(&before.estimates)).unwrap_or_default();
                let difference = before.map(|before| first(&before.differences)).unwrap_or_default();
                vec![group.key, group.workspaces.to_string(), first(&group.estimates), was, difference]
            };
            let of_page: Vec<_> = groups.into_iter().map(row).collect();
            let (_, text) = made(app, &wanted(&json!({ "by": format!("estimate:{by}") }), "last-month")).await?;
            let of_file = columns(&text, &["key", "workspaces", "estimate", "before", "difference"])?;
            assert_eq!(of_file, of_page, "{by}");
            sums.push(sum(&of_file, 2)?);
        }
        // Nobody is in a team: each way adds up to the same.
        assert!(sums[0] > Decimal::ZERO && sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
        Ok(())
    }

    async fn what_costs_can_t_be_told_apart_by_is_named(app: api_costs::may()) {
        api_costs::begin(app).await?;
        let client = app.client();
        for (template, filter, field) in [
            ("cost", json!({ "by": "shoe" }), "filter.by"),
            ("cost", json!({ "by": "estimate:usage_type" }), "filter.by"),
            ("usage", json!({ "by": "region" }), "filter.by"),
            ("cost", json!({ "by": "team", "regions": ["eu-central-1"] }), "filter.regions"),
        ] {
            let mut report = wanted(&filter, "last-7-days");
            report["template"] = json!(template);
            let draft = json!({ "template": template, "filter": filter, "span": "last-7-days", "zone": "UTC" });
            for (path, body) in [(REPORTS, &report), (REPORT_DRAFT, &draft)] {
                let problem = client.post(path, body).await?.refused(422, "invalid_body")?;
                assert_eq!(problem.errors[0].field, field, "{path} {filter}");
            }
        }
        // Who is in which team is for those who may see people; what a bundle costs is not.
        let operator = app.create_user(Role::Operator).await?;
        let wanted = |by: &str| wanted(&json!({ "by": by }), "last-month");
        operator.post(REPORTS, &wanted("estimate:team")).await?.refused(403, "forbidden")?;
        operator.post(REPORTS, &wanted("estimate:bundle")).await?.ok::<ReportView>()?;
        Ok(())
    }

    async fn the_file_of_another_s_teams_is_for_who_may_see_people(app: api_cost_estimates::may()) {
        api_cost_estimates::begin(app).await?;
        let client = app.client();
        let operator = app.create_user(Role::Operator).await?;
        for (by, may) in [("estimate:team", false), ("estimate:bundle", true)] {
            let (report, text) = made(app, &wanted(&json!({ "by": by }), "last-month")).await?;
            let runs: Page<ReportRunView> = client.get(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
            let run = runs.items.first().context("it was made")?.id;
            assert_eq!(client.get(&with_id(REPORT_FILE, run)).await?.text(), text, "{by}");
            client.post_empty(&with_id(REPORT_LINK, run)).await?.ok::<ReportLinkView>()?;
            // They see that there is such a report, as they manage them.
            operator.get(&with_id(REPORT, report.id)).await?.ok::<ReportView>()?;
            let (file, link) = (
                operator.get(&with_id(REPORT_FILE, run)).await?,
                operator.post_empty(&with_id(REPORT_LINK, run)).await?,
            );
            if may {
                assert_eq!(file.text(), text, "{by}");
                link.ok::<ReportLinkView>()?;
            } else {
                file.refused(403, "forbidden")?;
                link.refused(403, "forbidden")?;
            }
        }
        Ok(())
    }
}
