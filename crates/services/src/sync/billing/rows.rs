//! From Cost Explorer's rows to those that are kept, to the last digit. Pure. Nothing is dropped in silence: what can't be
//! kept is told with its reason, since a sum would be wrong without it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, NaiveDate, Utc};
use domain::cloud::{CostRequest, ObservedCost};
use domain::money::{Currency, Money, MoneyError};
use store::repo::costs::{CostDayRow, CostTagDayRow};

/// What Cost Explorer calls costs of no region.
const NO_REGION: &str = "NoRegion";

/// What an answer came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Sums by day and keys.
    sums: BTreeMap<(NaiveDate, Vec<String>), Sum>,
    /// Rows that can't be kept, by reason: money is missing.
    pub(super) refused: BTreeMap<&'static str, u64>,
    /// Rows without money that can't be kept.
    pub(super) empty: u64,
    /// Rows with more digits than are kept.
    pub(super) rounded: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sum {
    amount_e10: i64,
    quantity_e10: i64,
    unit: String,
    currency: Currency,
    estimated: bool,
}

/// Sums up an answer of `keys` keys a row; a day that comes with the same keys twice is one row.
pub(super) fn sum_up(costs: Vec<ObservedCost>, request: &CostRequest, keys: usize) -> Found {
    let mut found = Found::default();
    for cost in costs {
        let nothing = cost.amount.is_zero();
        if let Err(reason) = add(&mut found, cost, request, keys) {
            if nothing {
                found.empty += 1;
            } else {
                *found.refused.entry(reason).or_default() += 1;
            }
        }
    }
    found
}

fn add(found: &mut Found, cost: ObservedCost, request: &CostRequest, keys: usize) -> Result<(), &'static str> {
    if !(request.from..request.to).contains(&cost.day) {
        return Err("it is of a day that was not asked for");
    }
    if cost.keys.len() != keys {
        return Err("its keys are not those that were asked for");
    }
    let currency: Currency = cost.currency.parse().map_err(|_| "its currency is not known")?;
    let (amount_e10, amount_rounded) = e10(Money::new(cost.amount, currency))?;
    // A quantity is no money, but kept with the same digits.
    let (quantity_e10, quantity_rounded) = e10(Money::new(cost.quantity, currency))?;
    let sum = Sum { amount_e10, quantity_e10, unit: cost.unit, currency, estimated: cost.estimated };
    let keys = cost.keys.into_iter().map(|key| if key == NO_REGION { String::new() } else { key }).collect();
    match found.sums.entry((cost.day, keys)) {
        Entry::Vacant(place) => {
            place.insert(sum);
        }
        Entry::Occupied(mut place) => {
            let known = place.get_mut();
            if known.currency != sum.currency {
                return Err("its day and keys came in another currency too");
            }
            let amount = known.amount_e10.checked_add(sum.amount_e10).ok_or(TOO_LARGE)?;
            known.quantity_e10 = known.quantity_e10.checked_add(sum.quantity_e10).ok_or(TOO_LARGE)?;
            known.amount_e10 = amount;
            known.estimated |= sum.estimated;
        }
    }
    found.rounded += u64::from(amount_rounded || quantity_rounded);
    Ok(())
}

const TOO_LARGE: &str = "it is too large to be kept";

/// Exactly, or rounded half to even where there are more digits than are kept.
fn e10(value: Money) -> Result<(i64, bool), &'static str> {
    match value.amount_e10() {
        Ok(exact) => Ok((exact, false)),
        Err(MoneyError::TooFine(_)) => value.rounded_e10().amount_e10().map(|e10| (e10, true)).map_err(|_| TOO_LARGE),
        Err(_) => Err(TOO_LARGE),
    }
}

impl Found {
    /// The rows by usage type and region. Days from `open` on may still change, whatever Cost Explorer says.
    pub(super) fn usage_rows(self, open: NaiveDate, read_at: DateTime<Utc>) -> Vec<CostDayRow> {
        let row = |((day, mut keys), sum): ((NaiveDate, Vec<String>), Sum)| CostDayRow {
            day,
            region: keys.pop().unwrap_or_default(),
            usage_type: keys.pop().unwrap_or_default(),
            amount_e10: sum.amount_e10,
            quantity_e10: sum.quantity_e10,
            unit: sum.unit,
            currency: sum.currency.to_string(),
            estimated: sum.estimated || day >= open,
            read_at,
        };
        self.sums.into_iter().map(row).collect()
    }

    /// The rows by the value of a tag.
    pub(super) fn tag_rows(self, tag_key: &str, open: NaiveDate, read_at: DateTime<Utc>) -> Vec<CostTagDayRow> {
        let row = |((day, mut keys), sum): ((NaiveDate, Vec<String>), Sum)| CostTagDayRow {
            day,
            tag_key: tag_key.to_owned(),
            tag_value: keys.pop().unwrap_or_default(),
            amount_e10: sum.amount_e10,
            currency: sum.currency.to_string(),
            estimated: sum.estimated || day >= open,
            read_at,
        };
        self.sums.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::cloud::CostGrouping;

    use super::*;

    fn cost(day: &str, keys: &[&str], amount: &str, currency: &str) -> ObservedCost {
        ObservedCost {
            day: day.parse().unwrap(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            amount: amount.parse().unwrap(),
            currency: currency.to_owned(),
            quantity: "0.5".parse().unwrap(),
            unit: "Hours".to_owned(),
            estimated: false,
        }
    }

    fn request() -> CostRequest {
        let (from, to) = ("2026-02-01".parse().unwrap(), "2026-03-01".parse().unwrap());
        CostRequest { from, to, grouping: CostGrouping::UsageType }
    }

    #[test]
    fn amounts_are_kept_to_the_last_digit_and_the_same_keys_are_one_row() {
        let costs = vec![
            cost("2026-02-03", &["A", "NoRegion"], "0.0000000001", "USD"),
            cost("2026-02-03", &["A", "NoRegion"], "-1234567.8900000000", "USD"),
            cost("2026-02-28", &["A", "eu-central-1"], "0.00000000025", "EUR"),
        ];
        let found = sum_up(costs, &request(), 2);
        assert_eq!((found.rounded, found.empty, found.refused.len()), (1, 0, 0));
        let rows = found.usage_rows("2026-02-20".parse().unwrap(), "2026-03-01T00:00:00Z".parse().unwrap());
        let shown: Vec<_> = rows
            .iter()
            .map(|r| (r.region.as_str(), r.amount_e10, r.quantity_e10, r.currency.as_str(), r.estimated))
            .collect();
        assert_eq!(
            shown,
            [
                ("", 1 - 12_345_678_900_000_000, 10_000_000_000, "USD", false),
                ("eu-central-1", 2, 5_000_000_000, "EUR", true),
            ]
        );
    }

    #[test]
    fn what_can_not_be_kept_is_told_when_money_is_missing() {
        let costs = vec![
            cost("2026-03-01", &["A", ""], "1", "USD"),
            cost("2026-02-03", &["A"], "1", "USD"),
            cost("2026-02-03", &["A", ""], "1", "N/A"),
            cost("2026-02-03", &["A", ""], "0", "N/A"),
            cost("2026-02-03", &["A", ""], "99999999999", "USD"),
            cost("2026-02-03", &["B", ""], "1", "USD"),
            cost("2026-02-03", &["B", ""], "1", "EUR"),
        ];
        let found = sum_up(costs, &request(), 2);
        assert_eq!((found.refused.values().sum::<u64>(), found.refused.len(), found.empty), (5, 5, 1));
        assert_eq!(found.sums.len(), 1);
    }
}
