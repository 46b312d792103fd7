//! Costs and budgets over HTTP: figures that add up to each other, pages that show each group once, who sees what, and crossings
//! that are noted once. The comparison with the bill is held against the simulated AWS's books in `data_totals`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::{Method, StatusCode};
use chrono::NaiveDate;
use contract::accounts::AccountView;
use contract::budgets::BudgetView;
use contract::costs::{
    CostDaysView, CostForecastView, CostGroupView, CostSummaryView, CurrencyReconciliationView, MoneyView,
    ReconciliationView, WorkspaceAdviceView, WorkspaceCostView,
};
use contract::page::Page;
use contract::paths::{
    BUDGETS, COSTS_DAILY, COSTS_FORECAST, COSTS_GROUPS, COSTS_RECONCILIATION, COSTS_SUMMARY, COSTS_WORKSPACES,
    WORKSPACE_ADVICE, with_id,
};
use contract::problem::code;
use domain::access::{Reach, Role, Scope};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use services::budgets::note_crossings;
use store::repo::costs::{CostDayRow, CostTagDayRow, cost_days_replace, cost_tag_days_replace};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};
use testkit::env::ShiftedClock;
use testkit::smtp::{Manner, SmtpSink};

const TYPES: [&str; 9] = [
    "AW-HW-2",
    "AW-HW-2-AutoStop-User",
    "AW-HW-2-AutoStop-Usage",
    "AW-HW-3",
    "AW-HW-8",
    "AW-HW-9",
    "EUC1-AW-HW-2",
    "EUC1-AW-HW-3",
    "AW-Core-HW-2",
];

/// The eleventh of May.
pub fn may() -> TestAppOptions {
    TestAppOptions {
        simulated_workspaces: 30,
        seed: 5,
        clock: ShiftedClock::starting("2026-05-11T09:00:00Z".parse().expect("a time")),
        ..TestAppOptions::default()
    }
}

/// The lines add up to both sums and the difference, and the reasons of each to its own.
fn lines_agree(of: &CurrencyReconciliationView) {
    let side = |view: &Option<MoneyView>| view.as_ref().map_or(Decimal::ZERO, amount);
    let (mut billed, mut estimated, mut difference) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for line in &of.lines {
        billed += side(&line.billed);
        estimated += side(&line.estimated);
        difference += amount(&line.difference);
        assert_eq!(side(&line.billed) - side(&line.estimated), amount(&line.difference), "{line:?}");
        let reasons: Decimal = line.reasons.iter().map(|reason| amount(&reason.amount)).sum();
        assert_eq!(reasons, amount(&line.difference), "{line:?}");
    }
    assert_eq!((billed, estimated, difference), (amount(&of.billed), amount(&of.estimated), amount(&of.difference)));
    let hours = of.lines.iter().find(|line| line.usage_type == "AW-HW-2-AutoStop-Usage");
    let hours = hours
        .map(|line| (line.unit.as_deref(), line.billed_quantity.as_deref(), line.billed_price.as_ref().map(amount)));
    assert_eq!(hours, Some((Some("hour"), Some("90"), Some(Decimal::ONE))), "three a day, at a dollar each");
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// An account with 1 to 9 USD a day for each of nine usage types, from 1 April to 10 May; from 9 May on still open.
pub async fn begin(app: &TestApp) -> Result<AccountView> {
    app.create_owner().await?;
    let account = app.connect_simulated_and_sync().await?;
    let db = app.database().await?;
    let (from, to) = (day("2026-04-01"), day("2026-05-11"));
    let mut rows = Vec::new();
    for on in from.iter_days().take_while(|on| *on < to) {
        for (at, usage_type) in (1_i64..).zip(TYPES) {
            rows.push(CostDayRow {
                day: on,
                region: if usage_type.starts_with("EUC1") { "eu-central-1" } else { "us-east-1" }.to_owned(),
                usage_type: usage_type.to_owned(),
                amount_e10: at * 10_000_000_000,
                quantity_e10: at * 10_000_000_000,
                unit: "Hrs".to_owned(),
                currency: "USD".to_owned(),
                estimated: on >= day("2026-05-09"),
                read_at: app.clock().now(),
            });
        }
    }
    cost_days_replace(&db, account.id, from, to, &rows).await?;
    let tags: Vec<_> = [("", 40), ("Ops", 5)]
        .into_iter()
        .map(|(value, amount)| CostTagDayRow {
            day: day("2026-05-01"),
            tag_key: "Team".to_owned(),
            tag_value: value.to_owned(),
            amount_e10: amount * 10_000_000_000,
            currency: "USD".to_owned(),
            estimated: false,
            read_at: app.clock().now(),
        })
        .collect();
    cost_tag_days_replace(&db, account.id, "Team", from, to, &tags).await?;
    Ok(account)
}

fn amount(view: &MoneyView) -> Decimal {
    view.money().expect("an amount").amount
}

async fn refused(client: &ApiClient, path: &str) -> Result<(StatusCode, String, Option<String>)> {
    let answer = client.get(path).await?;
    let status = answer.status;
    let problem = answer.problem()?;
    Ok((status, problem.code.clone(), problem.errors.first().map(|error| error.field.clone())))
}

app_test! {
    async fn figures_add_up_to_each_other(app: may()) {
        begin(app).await?;
        let client = app.client();
        let summary: CostSummaryView = client.get(COSTS_SUMMARY).await?.ok()?;
        assert_eq!((summary.month.to_string().as_str(), summary.today), ("2026-05", day("2026-05-11")));
        let [usd] = summary.currencies.as_slice() else { anyhow::bail!("{:?}", summary.currencies) };
        // 45 USD a day: ten days of May, thirty of April, eleven of them by the same day.
        let sums = [&usd.month_to_date, &usd.last_month, &usd.last_month_to_date].map(amount);
        assert_eq!(sums, [450, 1350, 495].map(Decimal::from));
        assert!(usd.estimated);
        assert_eq!(summary.tag_keys, ["Team"], "as configured");
        let forecast = usd.forecast.clone().context("38 days are final")?;
        assert_eq!((amount(&forecast.so_far), amount(&forecast.month)), (Decimal::from(360), Decimal::from(45 * 31)));
        assert_eq!((&forecast.low, &forecast.high), (&forecast.month, &forecast.month), "every day is the same");
        assert_eq!(forecast.final_to, day("2026-05-08"));
        let alone: CostForecastView = client.get(&format!("{COSTS_FORECAST}?month=2026-04")).await?.ok()?;
        assert_eq!(amount(&alone.forecasts[0].month), Decimal::from(1350), "April is what it was");

        for by in ["usage_type", "account", "region", "running_mode", "compute_type", "month"] {
            let query = format!("from=2026-05-01&to=2026-05-11&by={by}");
            let days: CostDaysView = client.get(&format!("{COSTS_DAILY}?{query}")).await?.ok()?;
            let [of] = days.currencies.as_slice() else { anyhow::bail!("{by}: {:?}", days.currencies) };
            assert_eq!((amount(&of.total), of.days.len()), (Decimal::from(450), 10), "{by}");
            for row in &of.days {
                let sum: Decimal = row.amounts.iter().chain([&row.others]).map(|text| text.parse::<Decimal>().expect("a number")).sum();
                assert_eq!((sum, row.amounts.len()), (Decimal::from(45), of.groups.len()), "{by} {row:?}");
                assert_eq!(row.estimated, row.day >= day("2026-05-09"));
            }
            let groups: Page<CostGroupView> = client.get(&format!("{COSTS_GROUPS}?{query}&limit=200")).await?.ok()?;
            let sum: Decimal = groups.items.iter().map(|group| amount(&group.amount)).sum();
            assert_eq!((sum, groups.items.len() as u64), (Decimal::from(450), groups.total), "{by}");
            assert_eq!(of.groups.len() as u64 + of.other_groups, groups.total, "{by}");
        }
        let days: CostDaysView = client.get(&format!("{COSTS_DAILY}?from=2026-05-01&to=2026-05-11&region=eu-central-1")).await?.ok()?;
        assert_eq!(amount(&days.currencies[0].total), Decimal::from(150));
        let teams: Page<CostGroupView> = client.get(&format!("{COSTS_GROUPS}?from=2026-05-01&to=2026-05-11&by=team")).await?.ok()?;
        let shown: Vec<_> = teams.items.iter().map(|group| (group.key.as_str(), amount(&group.amount))).collect();
        assert_eq!(shown, [("", Decimal::from(40)), ("Ops", Decimal::from(5))]);
        Ok(())
    }

    async fn pages_show_each_group_once_and_bad_questions_are_named(app: may()) {
        let account = begin(app).await?;
        let client = app.client();
        let (mut keys, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{COSTS_GROUPS}?from=2026-05-01&to=2026-05-11&limit=4{cursor}");
            let page: Page<CostGroupView> = client.get(&path).await?.ok()?;
            assert_eq!(page.total, 9);
            keys.extend(page.items.into_iter().map(|group| group.key));
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        let dearest: Vec<_> = TYPES.iter().rev().map(|text| (*text).to_owned()).collect();
        assert_eq!(keys, dearest);
        let other = format!("{COSTS_GROUPS}?from=2026-05-02&to=2026-05-11&limit=4{cursor}");
        assert_eq!(refused(client, &other).await?, (StatusCode::BAD_REQUEST, code::BAD_CURSOR.to_owned(), Some("cursor".to_owned())));
        for (path, field) in [
            (format!("{COSTS_DAILY}?by=shoe"), "by"),
            (format!("{COSTS_DAILY}?from=2026-05-02&to=2026-05-02"), "to"),
            (format!("{COSTS_DAILY}?from=2025-01-01&to=2026-05-02"), "to"),
            (format!("{COSTS_GROUPS}?account=7"), "account"),
            (format!("{COSTS_GROUPS}?limit=0"), "limit"),
            (format!("{COSTS_FORECAST}?month=2026-13"), "month"),
            (format!("{COSTS_FORECAST}?month=2026-06"), "month"),
            (format!("{COSTS_WORKSPACES}?sort=price"), "sort"),
            (format!("{COSTS_WORKSPACES}?reckoned=shoe"), "reckoned"),
            (format!("{COSTS_WORKSPACES}?reckoned=uncertain"), "account"),
            (COSTS_RECONCILIATION.to_owned(), "account"),
            (format!("{COSTS_SUMMARY}?moon=1"), "moon"),
        ] {
            let found = refused(client, &path).await?;
            assert_eq!(found, (StatusCode::BAD_REQUEST, code::INVALID_QUERY.to_owned(), Some(field.to_owned())), "{path}");
        }
        let nobody = format!("{COSTS_RECONCILIATION}?account={}", uuid::Uuid::nil());
        assert_eq!(refused(client, &nobody).await?.0, StatusCode::NOT_FOUND);
        // Nothing was billed then, and nothing can be reckoned.
        let before = format!("{COSTS_RECONCILIATION}?account={}&month=2026-03", account.id);
        let found: ReconciliationView = client.get(&before).await?.ok()?;
        assert_eq!((found.currencies.len(), found.no_price > 0), (0, true), "there is no price list yet: {found:?}");
        Ok(())
    }

    async fn costs_are_of_whole_accounts_and_each_workspace_is_noted(app: may()) {
        let account = begin(app).await?;
        let everything: Page<WorkspaceCostView> = app.client().get(&format!("{COSTS_WORKSPACES}?month=2026-04&limit=200")).await?.ok()?;
        assert_eq!(everything.total, 30);
        assert!(everything.items.iter().all(|one| one.total.is_some() || one.not_reckoned.is_some()), "{everything:?}");
        for one in &everything.items {
            let sum: Decimal = one.charges.iter().map(|charge| amount(&charge.amount)).sum();
            assert_eq!(one.total.as_ref().map_or(Decimal::ZERO, amount), sum, "{one:?}");
        }
        let log: Value = app.client().get("/api/v1/audit-log?action=cost.workspaces").await?.ok()?;
        assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");

        let member = app.create_user(Role::Member).await?;
        assert_eq!(refused(&member, COSTS_SUMMARY).await?.0, StatusCode::FORBIDDEN);
        let mine = Scope::only(Reach::Account { account_id: account.id });
        let within = app.create_user_with("within@example.com", &[(Role::Viewer, mine)]).await?;
        let region = Scope::only(Reach::Region { region: "us-east-1".parse()? });
        let part = app.create_user_with("part@example.com", &[(Role::Viewer, region)]).await?;
        let seen: CostSummaryView = within.get(COSTS_SUMMARY).await?.ok()?;
        assert_eq!((seen.accounts.len(), amount(&seen.currencies[0].month_to_date)), (1, Decimal::from(450)));
        let seen: CostSummaryView = part.get(COSTS_SUMMARY).await?.ok()?;
        assert_eq!((seen.accounts.len(), seen.currencies.len()), (0, 0), "a region is no bill");
        let rows: Page<WorkspaceCostView> = part.get(COSTS_WORKSPACES).await?.ok()?;
        assert_eq!((rows.items.len(), rows.total), (0, 0));
        let advice = with_id(WORKSPACE_ADVICE, everything.items[0].id);
        let found: WorkspaceAdviceView = within.get(&advice).await?.ok()?;
        assert_eq!((found.month.to_string().as_str(), found.compared.is_some()), ("2026-04", found.not_compared.is_none()));
        assert_eq!(refused(&part, &advice).await?.0, StatusCode::NOT_FOUND, "a region is no bill");
        assert_eq!(refused(&member, &advice).await?.0, StatusCode::FORBIDDEN);
        let path = format!("{COSTS_RECONCILIATION}?account={}&month=2026-04", account.id);
        assert_eq!(refused(&part, &path).await?.0, StatusCode::NOT_FOUND);
        let compared: ReconciliationView = within.get(&path).await?.ok()?;
        let of = &compared.currencies[0];
        let parts: Decimal = of.parts.iter().map(|part| amount(&part.amount)).sum();
        assert_eq!((parts, amount(&of.billed)), (amount(&of.difference), Decimal::from(1350)));
        lines_agree(of);
        // Whatever is counted leads to just those.
        let own = format!("{COSTS_WORKSPACES}?account={}&month=2026-04&limit=7", account.id);
        for (name, count) in [
            ("no_price", compared.no_price),
            ("other_mode", compared.other_mode),
            ("hours_unknown", compared.hours_unknown),
            ("uncertain", compared.uncertain),
        ] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page: Page<WorkspaceCostView> = within.get(&format!("{own}&reckoned={name}{cursor}")).await?.ok()?;
                assert_eq!(page.total, count, "{name}");
                found.extend(page.items);
                let Some(next) = page.next_cursor else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(found.iter().map(|one| one.id).collect::<BTreeSet<_>>().len() as u64, count, "{name}");
            let fits = |one: &WorkspaceCostView| match name {
                "hours_unknown" => one.not_reckoned.is_none() && !one.hours_known,
                "uncertain" => one.not_reckoned.is_none() && one.uncertain,
                why => one.not_reckoned.as_deref() == Some(why),
            };
            assert!(found.iter().all(fits), "{name}: {found:?}");
        }
        let counted = compared.no_price + compared.other_mode + compared.hours_unknown + compared.uncertain;
        assert!(counted > 0, "{compared:?}");
        let rows: Page<WorkspaceCostView> = part.get(&format!("{own}&reckoned=no_price")).await?.ok()?;
        assert_eq!((rows.items.len(), rows.total), (0, 0));
        Ok(())
    }

    async fn a_budget_is_kept_and_crossed_once(app: may()) {
        let account = begin(app).await?;
        let client = app.client();
        let body = json!({
            "name": "Desktops", "reach": "everything", "amount": "500", "currency": "USD", "thresholds": [100, 50, 80, 50],
        });
        let send = |key: &str| Request::new(Method::POST, BUDGETS).json(&body).header("idempotency-key", key);
        let made: BudgetView = client.send(send("one")).await?.ok()?;
        let again: BudgetView = client.send(send("one")).await?.ok()?;
        assert_eq!((made.id, &made.thresholds), (again.id, &vec![50, 80, 100]));
        assert_eq!((amount(&made.spent), made.percent.as_str()), (Decimal::from(450), "90.0"));
        assert_eq!(made.forecast.as_ref().map(amount), Some(Decimal::from(45 * 31)));
        let taken = client.send(send("two")).await?;
        assert_eq!((taken.status, taken.problem()?.errors[0].field.as_str()), (StatusCode::CONFLICT, "name"));

        assert_eq!(note_crossings(app.context()).await?, 2);
        assert_eq!(note_crossings(app.context()).await?, 0, "once a month and threshold");
        let path = format!("{BUDGETS}/{}", made.id);
        let found: BudgetView = client.get(&path).await?.ok()?;
        assert_eq!(found.crossed.iter().map(|one| one.threshold).collect::<Vec<_>>(), [50, 80]);
        let log: Value = client.get("/api/v1/audit-log?action=budget.cross").await?.ok()?;
        assert_eq!(log["items"].as_array().map(Vec::len), Some(2), "{log}");

        let patch = |version: &str| {
            let change = json!({ "amount": "400.50", "thresholds": [100] });
            Request::new(Method::PATCH, &path).json(&change).header("if-match", version)
        };
        assert_eq!(client.send(patch("\"7\"")).await?.status, StatusCode::PRECONDITION_FAILED);
        let changed: BudgetView = client.send(patch("\"1\"")).await?.ok()?;
        assert_eq!((changed.version, changed.amount.amount.as_str()), (2, "400.5"));
        assert_eq!(note_crossings(app.context()).await?, 1);

        let tag = json!({
            "name": "Ops", "reach": "tag", "tag_key": "Team", "tag_value": "Ops", "amount": "10", "currency": "USD", "thresholds": [100],
        });
        let tag: BudgetView = client.post(BUDGETS, &tag).await?.ok()?;
        assert_eq!((amount(&tag.spent), tag.percent.as_str(), tag.forecast), (Decimal::from(5), "50.0", None));
        let own = json!({
            "name": "One", "reach": "account", "account_id": account.id, "amount": "10", "currency": "EUR", "thresholds": [100],
        });
        let own: BudgetView = client.post(BUDGETS, &own).await?.ok()?;
        assert_eq!((own.account.as_deref(), amount(&own.spent)), (Some(account.name.as_str()), Decimal::ZERO));

        let mine = Scope::only(Reach::Account { account_id: account.id });
        let within = app.create_user_with("within@example.com", &[(Role::Admin, mine)]).await?;
        let seen: Page<BudgetView> = within.get(BUDGETS).await?.ok()?;
        assert_eq!((seen.total, seen.items[0].id), (1, own.id));
        assert_eq!(within.post(BUDGETS, &body).await?.status, StatusCode::FORBIDDEN, "everything is not theirs");
        assert_eq!(within.send(Request::new(Method::DELETE, &path)).await?.status, StatusCode::NOT_FOUND);
        assert_eq!(client.send(Request::new(Method::DELETE, &path)).await?.status, StatusCode::NO_CONTENT);
        assert_eq!(refused(client, &path).await?.0, StatusCode::NOT_FOUND);

        for (change, field) in [
            (json!({ "reach": "moon" }), "reach"),
            (json!({ "reach": "account" }), "account_id"),
            (json!({ "reach": "region", "region": "moon" }), "region"),
            (json!({ "tag_key": "Team" }), "tag_key"),
            (json!({ "currency": "usd" }), "currency"),
            (json!({ "amount": "-1" }), "amount"),
            (json!({ "amount": "0" }), "amount"),
            (json!({ "amount": "1e3" }), "amount"),
            (json!({ "name": "   " }), "name"),
        ] {
            let mut body = body.clone();
            for (name, value) in change.as_object().context("fields")? {
                body[name] = value.clone();
            }
            let answer = client.post(BUDGETS, &body).await?;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
            assert_eq!(answer.problem()?.errors[0].field, field, "{change}");
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crossed_budget_is_told_over_smtp() -> Result<()> {
    let sink = SmtpSink::start(Manner::Takes).await?;
    let options = TestAppOptions { smtp_url: Some(sink.url()), ..may() };
    let app = TestApp::start(options).await?.context("SQLite is always there")?;
    begin(&app).await?;
    let body = json!({
        "name": "Desktops", "reach": "everything", "amount": "500", "currency": "USD", "thresholds": [50, 80, 100],
    });
    let _: BudgetView = app.client().post(BUDGETS, &body).await?.ok()?;
    assert_eq!(note_crossings(app.context()).await?, 2);
    let letter = sink.next(0).await?;
    assert_eq!(letter.to, [OWNER_EMAIL]);
    assert!(letter.headers.iter().any(|line| line == "Subject: Budget: Desktops has passed 80 %"), "{letter:?}");
    for said in ["Passed: 50 %, 80 %", "Month: May 2026", "Billed so far: 450.00 USD", "/costs#budgets-title"] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }
    assert_eq!(note_crossings(app.context()).await?, 0);
    app.stop().await?;
    assert_eq!(sink.received().len(), 1, "it is told once");
    Ok(())
}
