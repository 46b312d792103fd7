//! What was billed against the simulated AWS's books, and our own estimate against both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, Utc};
use contract::accounts::AccountView;
use domain::access::Scope;
use domain::cost::price_list::{OsFamily, PriceProduct, UsageType, assemble};
use domain::cost::proration::{WorkspaceMonth, month_cost};
use domain::cost::{BillingMode, Charge, ModeChange, PricePlan};
use domain::ids::WorkspaceId;
use domain::money::{Currency, Money};
use domain::usage::Month;
use domain::workspace::RunningMode;
use serde_json::Value;
use store::Db;
use store::repo::costs::{cost_days, cost_tag_days};
use store::repo::prices::{PriceRow, price_list};
use store::repo::trail::{TrailFilter, TrailQuery, trail_fetch, trail_list};
use testkit::app::REGIONS;

use super::{Known, april, e10, lines, timeout};
use crate::support::say;

/// The bill, day by day and in total, and by tag.
pub(super) async fn costs(db: &Db, account: &AccountView, books: &BTreeMap<String, Value>, month: Month) -> Result<()> {
    let (first, after) = (month.first_day(), month.next().first_day());
    let mut expected = BTreeMap::new();
    let mut total = 0;
    for (region, book) in books {
        total += e10(&book["cost"]["total"])?;
        for day in book["cost"]["days"].as_array().context("days")? {
            let text = |name: &str| day[name].as_str().map(str::to_owned).context("text");
            let key = (text("day")?.parse::<NaiveDate>()?, region.clone(), text("usage_type")?);
            let value = (e10(&day["amount"])?, e10(&day["quantity"])?, text("unit")?, day["estimated"] == true);
            expected.insert(key, value);
        }
    }
    let found: BTreeMap<_, _> = cost_days(db, account.id, first, after)
        .await?
        .into_iter()
        .inspect(|row| assert_eq!(row.currency, "USD"))
        .map(|row| ((row.day, row.region, row.usage_type), (row.amount_e10, row.quantity_e10, row.unit, row.estimated)))
        .collect();
    let differ: Vec<_> = expected
        .keys()
        .chain(found.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        // A day is called estimated for longer than Cost Explorer does, never shorter: its month may be settled later.
        .filter(|key| match (expected.get(*key), found.get(*key)) {
            (Some(wanted), Some(row)) => {
                (wanted.0, wanted.1, &wanted.2) != (row.0, row.1, &row.2) || (wanted.3 && !row.3)
            }
            _ => true,
        })
        .map(|key| format!("{key:?}: {:?} instead of {:?}", found.get(key), expected.get(key)))
        .collect();
    assert!(differ.is_empty(), "{month}: {} rows differ:\n{}", differ.len(), differ[..differ.len().min(20)].join("\n"));
    let sum: i64 = found.values().map(|value| value.0).sum();
    assert_eq!(sum, total, "{month}: to the cent, and beyond");
    assert!(total > 1_000 * 10_000_000_000, "{month} costs {total}");

    let mut by_key = BTreeMap::<String, i64>::new();
    for row in cost_tag_days(db, account.id, first, after).await? {
        *by_key.entry(row.tag_key).or_default() += row.amount_e10;
    }
    assert!(!by_key.is_empty(), "{month}: no cost by tag");
    for (key, sum) in by_key {
        assert_eq!(sum, total, "{month}: the values of {key}, with what is untagged, are the whole");
    }
    say(&format!("{month}: {}", Money::from_e10(total, Currency::USD)));
    Ok(())
}

/// The plans of the prices that were read, by region.
pub(super) async fn plans(db: &Db, account: &AccountView) -> Result<BTreeMap<String, Vec<(PriceProduct, PricePlan)>>> {
    let product = |row: PriceRow| -> Result<PriceProduct> {
        let gigabytes = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
        Ok(PriceProduct {
            sku: row.sku,
            bundle: row.bundle.unwrap_or_default(),
            compute_type: row.compute_type.context("a compute type")?.as_str().into(),
            license: row.license.context("a licence")?.as_str().into(),
            operating_system: OsFamily::read(&row.operating_system.context("an operating system")?),
            root_gb: gigabytes(row.root_gb),
            user_gb: gigabytes(row.user_gb),
            running_mode: row.running_mode.map(|mode| mode.as_str().into()),
            unit: row.unit.as_str().into(),
            usage_type: UsageType::parse(&row.usage_type.context("a usage type")?),
            price: Money::from_e10(row.price_e10, row.currency.parse()?),
            effective_at: row.effective_at,
        })
    };
    let mut regions = BTreeMap::new();
    for region in REGIONS {
        let rows = price_list(db, account.id, &region.parse()?).await?;
        // Volumes beyond those of a bundle are priced by the gigabyte.
        let (rows, volumes): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.bundle.is_some());
        assert_eq!(volumes.len(), 2, "{region}: {volumes:?}");
        let products = rows.into_iter().map(product).collect::<Result<Vec<_>>>()?;
        let mut plans = Vec::new();
        for (key, parts) in assemble(&products).plans {
            let Ok(plan) = parts.complete() else { continue };
            let one = products.iter().find(|product| product.key() == key).context("a product of the plan")?;
            plans.push((one.clone(), plan));
        }
        regions.insert(region.to_owned(), plans);
    }
    Ok(regions)
}

/// The break-even hours that AWS.md has for us-east-1, Windows with licence.
pub(super) fn break_even(plans: &BTreeMap<String, Vec<(PriceProduct, PricePlan)>>) -> Result<()> {
    for (compute, hours) in
        [("VALUE", "80.7"), ("STANDARD", "84.2"), ("PERFORMANCE", "78.7"), ("POWER", "86.8"), ("POWERPRO", "79.1")]
    {
        let found: Vec<_> = plans["us-east-1"]
            .iter()
            .filter(|(product, _)| {
                product.compute_type.to_string() == compute
                    && product.license.to_string() == "Included"
                    && product.operating_system == OsFamily::read("Windows")
            })
            .filter_map(|(_, plan)| plan.break_even_hours())
            .map(|hours| hours.round_dp(1).to_string())
            .collect();
        assert_eq!(found, [hours], "{compute}");
    }
    Ok(())
}

/// Events by name with the WorkSpaces they are about and their records, those that went well.
async fn events(db: &Db, name: &str) -> Result<Vec<(DateTime<Utc>, Vec<WorkspaceId>, Value)>> {
    let filter = TrailFilter { names: vec![name.to_owned()], ..TrailFilter::default() };
    let (mut events, mut cursor) = (Vec::new(), None);
    loop {
        let query = TrailQuery { filter: filter.clone(), cursor, limit: 200 };
        let page = trail_list(db, &Scope::Everything, &query).await?;
        for row in page.rows.into_iter().filter(|row| row.error_code.is_none()) {
            let (_, detail) = trail_fetch(db, &Scope::Everything, row.id).await?.context("the event")?;
            events.push((row.at, row.workspaces, detail));
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(events);
        }
    }
}

/// Our own estimate of April, from our own rows and prices, against the bill: every WorkSpace, line by line.
pub(super) async fn estimate(
    db: &Db,
    known: &Known,
    books: &BTreeMap<String, Value>,
    plans: &BTreeMap<String, Vec<(PriceProduct, PricePlan)>>,
) -> Result<()> {
    let mut created = HashMap::new();
    for (at, ids, _) in events(db, "CreateWorkspaces").await? {
        created.extend(ids.into_iter().map(|id| (id, at)));
    }
    let mut changes = HashMap::<WorkspaceId, Vec<ModeChange>>::new();
    for (at, ids, detail) in events(db, "ModifyWorkspaceProperties").await? {
        let mode = detail["requestParameters"]["workspaceProperties"]["runningMode"].as_str();
        let Some(mode) = mode.and_then(|mode| BillingMode::of(&RunningMode::from(mode))) else { continue };
        for id in ids {
            changes.entry(id).or_default().push(ModeChange { at, mode });
        }
    }
    let lines = lines(books)?;
    let (mut wrong, mut compared, mut sums) = (Vec::new(), BTreeMap::<Charge, usize>::new(), (0, 0));
    let mut changed = 0;
    for row in &known.rows {
        let Some(line) = lines.get(&row.aws_id) else { continue };
        let Some(now) = row.running_mode.as_ref().and_then(BillingMode::of) else { continue };
        let system = row.operating_system.as_deref().context("an operating system")?;
        let own = system.starts_with("WINDOWS_10") || system.starts_with("WINDOWS_11");
        let fits = |product: &PriceProduct| {
            Some(&product.compute_type) == row.compute_type.as_ref()
                && product.operating_system == OsFamily::read(system)
                && (product.license.to_string() == "Bring Your Own License") == own
        };
        let mut fitting = plans[row.region.as_str()].iter().filter(|(product, _)| fits(product));
        let (_, plan) = fitting.next().with_context(|| format!("no price for {row:?}"))?;
        anyhow::ensure!(fitting.next().is_none(), "two prices for {row:?}");

        let mut changes = changes.remove(&row.id).unwrap_or_default();
        changes.sort_by_key(|change| change.at);
        changed += usize::from(!changes.is_empty());
        let before = changes.first().map_or(now, |change| match change.mode {
            BillingMode::Monthly => BillingMode::Hourly,
            BillingMode::Hourly => BillingMode::Monthly,
        });
        let workspace = WorkspaceMonth {
            month: april(),
            created_at: created.get(&row.id).copied(),
            deleted_at: None,
            mode: before,
            changes: &changes,
            intervals: known.intervals(row.id),
            timeout_minutes: timeout(row),
            until: april().end(),
        };
        let cost = month_cost(&workspace, plan)?;
        let mut found = BTreeMap::new();
        for item in &cost.items {
            *found.entry(item.charge).or_insert(0) += item.amount.amount_e10()?;
            *compared.entry(item.charge).or_default() += 1;
        }
        let mut billed = BTreeMap::new();
        for item in line["cost"]["items"].as_array().context("items")? {
            let usage_type = UsageType::parse(item["usage_type"].as_str().unwrap_or_default());
            // Volumes beyond the included have no plan.
            let Some(part) = usage_type.part() else { continue };
            *billed.entry(part.charge).or_insert(0) += e10(&item["amount"])?;
        }
        sums = (sums.0 + found.values().sum::<i64>(), sums.1 + billed.values().sum::<i64>());
        if found != billed {
            wrong
                .push(format!("{} {} {before:?} {changes:?}: {found:?} instead of {billed:?}", row.aws_id, row.region));
        }
    }
    say(&format!("estimated {compared:?}, {changed} with a change of mode known, {} cents", sums.0 / 100_000_000));
    assert!(compared.len() == 3 && compared.values().all(|count| *count > 50), "{compared:?} proves little");
    assert!(wrong.is_empty(), "{} WorkSpaces cost something else than estimated:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(sums.0, sums.1, "to the cent, and beyond");
    Ok(())
}
