//! What the questions about money come to: sums of the simulated AWS's books, and what is reckoned from them as the guide says it
//! is. The prices are those that the estimate was held against the bill with, line by line.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveDate};
use domain::cost::price_list::{OsFamily, PriceProduct, UsageType};
use domain::cost::{BillingMode, Charge, PricePlan};
use serde_json::Value;
use store::repo::workspaces::WorkspaceRecord;

use super::super::{april, e10, int, lines};
use super::figures::Expected;
use super::truth::{Truth, count, money};

/// Days that the mean of a forecast is of: four whole weeks.
const WINDOW: usize = 28;
/// Days of May.
const AHEAD: i128 = 31;

/// The prices, by region.
pub(super) type Plans = BTreeMap<String, Vec<(PriceProduct, PricePlan)>>;

/// What April cost from one day to another, in all and day by day.
pub(super) fn by_day(books: &BTreeMap<String, Value>, first: NaiveDate, last: NaiveDate) -> Result<Expected> {
    let mut days = BTreeMap::<NaiveDate, i64>::new();
    for (_, day, amount) in amounts(books)? {
        if first <= day && day <= last {
            *days.entry(day).or_default() += amount;
        }
    }
    let all = Expected::of(format!("From {first} to {last} AWS billed {}", money(days.values().sum())));
    Ok(days.iter().fold(all, |said, (day, amount)| said.says(format!("{} on {day}", money(*amount)))))
}

/// What May will come to. AWS may change a month's days until a week after it, so that March is the last one that is final: each
/// day of May is reckoned at the mean of its last four weeks. What is paid by the month and on fewer than half of those days is
/// what it was in the month before, of which nothing is final either.
pub(super) fn forecast(march: &BTreeMap<String, Value>) -> Result<Expected> {
    let last = april().previous().last_day();
    let first = last - Days::new(WINDOW as u64 - 1);
    let mut seen = BTreeMap::<Billed, (i128, BTreeSet<NaiveDate>)>::new();
    for (kind, day, amount) in amounts(march)? {
        if day >= first {
            let of_kind = seen.entry(kind).or_default();
            of_kind.0 += i128::from(amount);
            of_kind.1.insert(day);
        }
    }
    let mut sum = 0;
    for ((_, usage_type), (amount, days)) in &seen {
        let usage_type = UsageType::parse(usage_type);
        let by_month = usage_type.part().is_some_and(|part| part.charge != Charge::AutoStopHour);
        if !by_month || days.len() * 2 >= WINDOW {
            sum += amount * AHEAD / 28;
        }
    }
    let sum = money(i64::try_from(sum)?);
    Ok(Expected::of(format!(
        "May 2026 will come to about {sum}: nothing of it is final yet, only what was before, up to {last}, and the days behind \
         that are reckoned at the mean of {WINDOW} final days"
    )))
}

/// What is billed: a usage type of a region.
type Billed = (String, String);

/// What was billed, on which day, and 1e-10 USD, of each line of the books.
fn amounts(books: &BTreeMap<String, Value>) -> Result<Vec<(Billed, NaiveDate, i64)>> {
    let mut amounts = Vec::new();
    for (region, book) in books {
        for line in book["cost"]["days"].as_array().context("days")? {
            let text = |name: &str| line[name].as_str().map(str::to_owned).context("text");
            amounts.push(((region.clone(), text("usage_type")?), text("day")?.parse()?, e10(&line["amount"])?));
        }
    }
    Ok(amounts)
}

/// What April could have cost less: by removing what nobody used, and by the other running mode where that costs less with the
/// hours that AWS bills.
pub(super) fn savings(truth: &Truth, rows: &[WorkspaceRecord], plans: &Plans) -> Result<Expected> {
    let lines = lines(&truth.books)?;
    let (mut looked, mut unpriced) = (0, 0);
    let (mut sums, mut each) = (BTreeMap::<&str, (usize, i64)>::new(), Vec::new());
    for row in rows {
        let Some(plan) = plan(row, plans)? else {
            unpriced += 1;
            continue;
        };
        looked += 1;
        let Some(mode) = row.running_mode.as_ref().and_then(BillingMode::of) else { continue };
        // What was made since has no line, and nobody was connected to it.
        let line = lines.get(&row.aws_id).copied();
        let figure = |name: &str| line.map_or(Ok(0), |line| int(&line["figures"][name]));
        let hours = u64::try_from(figure("hours_by_rule")?)?;
        let (monthly, hourly) = (plan.monthly().amount_e10()?, plan.auto_stop_cost(hours)?.amount_e10()?);
        let unused = figure("connected_slots")? == 0;
        let (advice, how, saving) = match mode {
            BillingMode::Monthly if unused => (REMOVE, " by removing it", monthly),
            BillingMode::Hourly if unused => (REMOVE, " by removing it", hourly),
            BillingMode::Monthly => (AUTO_STOP, " as AUTO_STOP", monthly - hourly),
            BillingMode::Hourly => (ALWAYS_ON, " as ALWAYS_ON", hourly - monthly),
        };
        if saving > 0 {
            let sum = sums.entry(advice).or_default();
            *sum = (sum.0 + 1, sum.1 + saving);
            each.push((saving, format!("{} ({}) with {}{how}", row.user_name, row.aws_id, money(saving))));
        }
    }
    anyhow::ensure!(each.len() > 3, "{sums:?} proves little");
    let mut said = Expected::of(format!("I looked at {} WorkSpaces in April 2026", count(looked))).largest(3, &each);
    for (advice, (number, sum)) in sums {
        let (sum, number, desktops) = (money(sum), count(number), if number == 1 { "WorkSpace" } else { "WorkSpaces" });
        said = said.says(format!("A month like it would cost less {advice}: {sum} on {number} {desktops}"));
    }
    Ok(match unpriced {
        0 => said,
        1 => said.says("For 1 WorkSpace there is no price"),
        some => said.says(format!("For {} WorkSpaces there is no price", count(some))),
    })
}

const REMOVE: &str = "by removing what nobody used";
const AUTO_STOP: &str = "by running as AUTO_STOP what was used little";
const ALWAYS_ON: &str = "by running as ALWAYS_ON what was used much";

/// The price of a WorkSpace with just its volumes, if AWS has one.
fn plan(row: &WorkspaceRecord, plans: &Plans) -> Result<Option<PricePlan>> {
    let system = row.operating_system.as_deref().context("an operating system")?;
    let own = system.starts_with("WINDOWS_10") || system.starts_with("WINDOWS_11");
    let gigabytes = |size: Option<i32>| size.and_then(|size| u32::try_from(size).ok());
    let volumes = (gigabytes(row.root_volume_gib), gigabytes(row.user_volume_gib));
    let fits = |product: &PriceProduct| {
        Some(&product.compute_type) == row.compute_type.as_ref()
            && product.operating_system == OsFamily::read(system)
            && (product.license.to_string() == "Bring Your Own License") == own
            && (product.root_gb, product.user_gb) == volumes
    };
    Ok(plans[row.region.as_str()].iter().find(|(product, _)| fits(product)).map(|(_, plan)| *plan))
}
