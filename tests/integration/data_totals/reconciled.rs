//! The comparison of estimate and bill, over HTTP, against the simulated AWS's books: nothing of April is left unexplained. What
//! desktops cost that had gone before the account was connected is on the bill only, and said to be theirs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use contract::accounts::AccountView;
use contract::costs::ReconciliationView;
use contract::paths::COSTS_RECONCILIATION;
use domain::money::{Currency, Money};
use rust_decimal::Decimal;
use serde_json::Value;
use testkit::app::TestApp;

use super::{april, e10};
use crate::support::say;

pub(super) async fn reconciled(app: &TestApp, account: &AccountView, books: &BTreeMap<String, Value>) -> Result<()> {
    let path = format!("{COSTS_RECONCILIATION}?account={}&month={}", account.id, april());
    let found: ReconciliationView = app.client().get(&path).await?.ok()?;
    assert_eq!(found.through, Some(april().last_day()));
    assert_eq!((found.no_price, found.hours_unknown, found.uncertain), (0, 0, 0), "{found:?}");
    anyhow::ensure!(found.reckoned > 900, "{} reckoned prove little", found.reckoned);
    let [of] = found.currencies.as_slice() else { anyhow::bail!("{} currencies", found.currencies.len()) };
    let money = |view: &contract::costs::MoneyView| view.money().context("an amount");

    // What has no list price that is read is all that is left: WorkSpaces Core.
    let (mut total, mut core) = (0, 0);
    for book in books.values() {
        total += e10(&book["cost"]["total"])?;
        for (usage_type, amount) in book["cost"]["by_usage_type"].as_object().context("usage types")? {
            if usage_type.contains("-Core-") {
                core += e10(amount)?;
            }
        }
    }
    assert_eq!(money(&of.billed)?, Money::from_e10(total, Currency::USD));
    let mut sum = Money::zero(Currency::USD);
    for part in &of.parts {
        let amount = money(&part.amount)?;
        sum = sum.checked_add(&amount)?;
        match part.reason.as_str() {
            "other_charge" => assert_eq!(amount, Money::from_e10(core, Currency::USD), "{part:?}"),
            // Nobody saw them: their share is small, and none of it is a credit.
            "came_or_went" => {
                let most = money(&of.billed)?.amount * Decimal::new(3, 2);
                assert!(amount.amount > Decimal::ZERO && amount.amount < most, "{part:?}");
            }
            "rounding" => assert!(amount.amount.abs() < Decimal::new(1, 1), "{part:?}"),
            _ => panic!("{} is left: {part:?}", part.amount.amount),
        }
    }
    assert_eq!(sum.amount.normalize(), money(&of.difference)?.amount.normalize(), "the parts are the difference");
    let billed = money(&of.billed)?.checked_sub(&money(&of.estimated)?)?;
    assert_eq!(billed, money(&of.difference)?);
    say(&format!(
        "reconciled: billed {}, estimated {}, difference {}",
        of.billed.amount, of.estimated.amount, of.difference.amount
    ));
    Ok(())
}
