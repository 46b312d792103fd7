//! From Cost Explorer's answer to rows of costs. Money is never guessed: a number or a day that can't be read makes the
//! whole answer malformed.

use aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput;
use aws_sdk_costexplorer::types::{Group, MetricValue};
use chrono::NaiveDate;
use domain::cloud::{CloudPage, CostGrouping, ObservedCost};
use rust_decimal::Decimal;

use super::number;

/// The metric that is a cost.
pub(crate) const COST: &str = "UnblendedCost";
/// The metric that is a quantity.
pub(crate) const QUANTITY: &str = "UsageQuantity";

pub(crate) fn page(output: GetCostAndUsageOutput, grouping: &CostGrouping) -> Result<CloudPage<ObservedCost>, String> {
    let days = output.results_by_time.ok_or("it has no list of days")?;
    let mut items = Vec::new();
    for result in days {
        let period = result.time_period.ok_or("a day without its date")?;
        let day: NaiveDate = period.start.parse().map_err(|_| format!("{:?} is not a day", period.start))?;
        for group in result.groups.unwrap_or_default() {
            items.push(row(day, result.estimated, group, grouping)?);
        }
    }
    Ok(CloudPage { items, next_token: output.next_page_token.filter(|token| !token.is_empty()) })
}

fn row(day: NaiveDate, estimated: bool, group: Group, grouping: &CostGrouping) -> Result<ObservedCost, String> {
    let (cost, quantity) = {
        let metric = |name: &str| {
            let value = group.metrics().and_then(|metrics| metrics.get(name));
            value.ok_or_else(|| format!("a group of {day} has no {name}"))
        };
        (amount(metric(COST)?, day, COST)?, amount(metric(QUANTITY)?, day, QUANTITY)?)
    };
    let keys = keys(group.keys.unwrap_or_default(), grouping);
    let keys = keys.map_err(|keys| format!("a group of {day} has the keys {keys:?}"))?;
    Ok(ObservedCost { day, keys, amount: cost.0, currency: cost.1, quantity: quantity.0, unit: quantity.1, estimated })
}

fn amount(value: &MetricValue, day: NaiveDate, name: &str) -> Result<(Decimal, String), String> {
    let text = value.amount().ok_or_else(|| format!("{name} of {day} has no amount"))?;
    Ok((number(text, &format!("{name} of {day}"))?, value.unit().unwrap_or_default().to_owned()))
}

/// Usage type and region, or a tag's value without the `key$` that Cost Explorer puts before it.
fn keys(keys: Vec<String>, grouping: &CostGrouping) -> Result<Vec<String>, Vec<String>> {
    match (grouping, keys.as_slice()) {
        (CostGrouping::UsageType, [_, _]) => Ok(keys),
        (CostGrouping::Tag(tag), [key]) => {
            let value = key.strip_prefix(tag.as_str()).and_then(|rest| rest.strip_prefix('$'));
            match value {
                Some(value) => Ok(vec![value.to_owned()]),
                None => Err(keys),
            }
        }
        _ => Err(keys),
    }
}
