//! The estimate of a month against the bills of several accounts, over HTTP: each as it is told alone, their sums, the file of it, and
//! who sees which. The comparison of one account is in `api_costs`.

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use contract::accounts::AccountView;
use contract::costs::{MoneyView, ReconciledAccountsView, ReconciliationView};
use contract::paths::{AUDIT_LOG, COSTS_RECONCILIATION, COSTS_RECONCILIATION_ACCOUNTS, EXPORT_RECONCILIATION_ACCOUNTS};
use domain::access::{Reach, Role, Scope};
use rust_decimal::Decimal;
use serde_json::Value;
use store::repo::costs::{CostDayRow, cost_days_replace};
use testkit::app::TestApp;
use testkit::app_test;
use testkit::client::ApiClient;

use crate::api_costs;

const APRIL: &str = "month=2026-04";

/// Another account with a bill of April: one line of so many.
async fn billed(app: &TestApp, name: &str, currency: &str, amount: i64) -> Result<AccountView> {
    let account = app.connect_named(name).await?;
    let day = |text: &str| text.parse::<NaiveDate>();
    let row = CostDayRow {
        day: day("2026-04-30")?,
        region: "us-east-1".to_owned(),
        usage_type: "AW-HW-2".to_owned(),
        amount_e10: amount * 10_000_000_000,
        quantity_e10: 10_000_000_000,
        unit: "Hrs".to_owned(),
        currency: currency.to_owned(),
        estimated: false,
        read_at: app.clock().now(),
    };
    cost_days_replace(&app.database().await?, account.id, day("2026-04-01")?, day("2026-05-01")?, &[row]).await?;
    Ok(account)
}

fn amount(view: &MoneyView) -> Result<Decimal> {
    Ok(view.money().context("an amount")?.amount)
}

async fn compared(client: &ApiClient) -> Result<ReconciledAccountsView> {
    client.get(&format!("{COSTS_RECONCILIATION_ACCOUNTS}?{APRIL}")).await?.ok()
}

app_test! {
    async fn all_accounts_are_compared_each_as_alone_and_in_all(app: api_costs::may()) {
        let first = api_costs::begin(app).await?;
        let (second, yuan) = (billed(app, "Second", "USD", 7).await?, billed(app, "Yuan", "CNY", 5).await?);
        let unread = app.connect_named("Unread").await?;
        let client = app.client();
        let all = compared(client).await?;
        let names: Vec<_> = all.accounts.iter().map(|one| one.account.as_str()).collect();
        assert_eq!(names, [first.name.as_str(), "Second", "Unread", "Yuan"]);
        let mut file = vec!["account_id,account,through,billed,estimated,difference,currency,reckoned,not_reckoned".to_owned()];
        for one in &all.accounts {
            let alone = format!("{COSTS_RECONCILIATION}?{APRIL}&account={}", one.account_id);
            let alone: ReconciliationView = client.get(&alone).await?.ok()?;
            let not_reckoned = alone.no_price + alone.other_mode;
            assert_eq!((one.through, one.reckoned, one.not_reckoned), (alone.through, alone.reckoned, not_reckoned));
            let sums: Vec<_> = one.sums.iter().map(|of| (&of.billed, &of.estimated, &of.difference)).collect();
            let expected: Vec<_> = alone.currencies.iter().map(|of| (&of.billed, &of.estimated, &of.difference)).collect();
            assert_eq!(sums, expected, "{}", one.account);
            let through = one.through.map(|day| day.to_string()).unwrap_or_default();
            let counts = format!("{},{not_reckoned}", one.reckoned);
            file.extend(one.sums.iter().map(|of| {
                let sides = [&of.billed, &of.estimated, &of.difference].map(|view| view.amount.as_str()).join(",");
                format!("{},{},{through},{sides},{},{counts}", one.account_id, one.account, of.billed.currency)
            }));
            if one.sums.is_empty() {
                assert_eq!((one.account_id, through.as_str()), (unread.id, ""));
                file.push(format!("{},{},,,,,,{counts}", one.account_id, one.account));
            }
        }
        // Two currencies are two sums.
        let totals: Vec<_> = all.totals.iter().map(|of| (of.billed.currency.as_str(), of.billed.amount.as_str())).collect();
        assert_eq!(totals, [("CNY", "5"), ("USD", "1357")]);
        for of in &all.totals {
            assert_eq!(amount(&of.billed)? - amount(&of.estimated)?, amount(&of.difference)?);
        }
        let path = format!("{EXPORT_RECONCILIATION_ACCOUNTS}?{APRIL}");
        assert_eq!(client.get(&path).await?.text().lines().collect::<Vec<_>>(), file);
        let log: Value = client.get(&format!("{AUDIT_LOG}?action=reconciliation-account.export")).await?.ok()?;
        assert_eq!(log["total"], 1, "{log}");

        // Whose scope is one account is told of that one; a region is no bill.
        let of = |id| Scope::only(Reach::Account { account_id: id });
        let within = app.create_user_with("within@example.com", &[(Role::Viewer, of(second.id)), (Role::Viewer, of(yuan.id))]).await?;
        let seen = compared(&within).await?;
        assert_eq!(seen.accounts.iter().map(|one| one.account_id).collect::<Vec<_>>(), [second.id, yuan.id]);
        let totals: Vec<_> = seen.totals.iter().map(|of| of.billed.amount.as_str()).collect();
        assert_eq!(totals, ["5", "7"]);
        assert_eq!(within.get(&path).await?.text().lines().count(), 3);
        let region = Scope::only(Reach::Region { region: "us-east-1".parse()? });
        let part = app.create_user_with("part@example.com", &[(Role::Viewer, region)]).await?;
        let seen = compared(&part).await?;
        assert!(seen.accounts.is_empty() && seen.totals.is_empty(), "{seen:?}");
        let member = app.create_user(Role::Member).await?;
        for path in [COSTS_RECONCILIATION_ACCOUNTS, EXPORT_RECONCILIATION_ACCOUNTS] {
            member.get(path).await?.refused(403, "forbidden")?;
            for wrong in ["month=2026-06", "month=2026-13"] {
                let problem = client.get(&format!("{path}?{wrong}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, "month", "{path} {wrong}");
            }
            let problem = client.get(&format!("{path}?account={}", second.id)).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, "account", "{path}");
        }
        Ok(())
    }
}
