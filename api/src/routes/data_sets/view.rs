//! Data sets on the wire.

use contract::data_sets::{DataSetGapView, DataSetView, DataSetsView, RequestCostView};
use services::data_sets::{DataSet, DataSets, RequestCost};

/// 1e-10 USD in one USD.
const E10: u64 = 10_000_000_000;

/// Every data set.
#[must_use]
pub fn sets(sets: DataSets) -> DataSetsView {
    DataSetsView {
        items: sets.items.into_iter().map(item).collect(),
        spend: sets.spend.into_iter().map(cost).collect(),
    }
}

fn item(set: DataSet) -> DataSetView {
    let record = set.record;
    DataSetView {
        account_id: record.account_id,
        account: set.account,
        region: record.region,
        kind: record.kind,
        status: record.status.as_str().to_owned(),
        fresh_at: record.fresh_at,
        age_secs: set.age_secs,
        period_secs: set.period.as_secs(),
        paused: set.paused,
        next_due_at: set.next_due,
        covered_from: record.covered_from,
        covered_to: record.covered_to,
        gaps: record
            .gaps
            .into_iter()
            .map(|gap| DataSetGapView { from: gap.from, to: gap.to, reason: gap.reason })
            .collect(),
        last_run_id: record.last_run_id,
        error: record.last_error,
        missing_permission: record.missing_permission,
    }
}

fn cost(cost: RequestCost) -> RequestCostView {
    RequestCostView {
        account_id: cost.account_id,
        account: cost.account,
        service: cost.service,
        requests: cost.requests,
        amount_usd: usd(cost.amount_e10),
    }
}

/// The amount in full, with at least the cents.
fn usd(amount_e10: i64) -> String {
    let sign = if amount_e10 < 0 { "-" } else { "" };
    let amount = amount_e10.unsigned_abs();
    let text = format!("{sign}{}.{:010}", amount / E10, amount % E10);
    let cents = text.len() - 8;
    let (whole, finer) = text.split_at(cents);
    format!("{whole}{}", finer.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::usd;

    #[test]
    fn amounts_are_exact_and_have_their_cents() {
        for (e10, text) in [
            (0, "0.00"),
            (100_000_000, "0.01"),
            (123_456_789_012, "12.3456789012"),
            (350_000_000_000, "35.00"),
            (100_000, "0.00001"),
            (-100_000_000, "-0.01"),
        ] {
            assert_eq!(usd(e10), text);
        }
    }
}
