//! Replacing the costs of whole days by what was read: what AWS took back goes, what is as it was is not written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::ids::AccountId;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{CostDayRow, CostTagDayRow, cost_days, cost_tag_days};
use crate::error::StoreError;
use crate::repo::changes::{ReplaceOutcome, ReplacedTable, changes};
use crate::sql::{Column, time_text};

/// Replaces an account's costs of the days from `from` to `to`, which is not included, by `rows`; rows of other days are
/// passed over. Call it in a transaction.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn cost_days_replace(
    conn: &impl ConnectionTrait,
    account: AccountId,
    from: NaiveDate,
    to: NaiveDate,
    rows: &[CostDayRow],
) -> Result<ReplaceOutcome, StoreError> {
    let key = |row: CostDayRow| ((row.day, row.region.clone(), row.usage_type.clone()), row);
    let known: BTreeMap<_, _> = cost_days(conn, account, from, to).await?.into_iter().map(key).collect();
    let within = rows.iter().filter(|row| (from..to).contains(&row.day));
    let wanted = within.cloned().map(key).collect();
    // Being read again is no change.
    let differ = changes(known, wanted, |a, b| CostDayRow { read_at: a.read_at, ..b.clone() } == *a);
    let place = |(day, region, usage_type): &(NaiveDate, String, String)| json!({ "day": day, "region": region, "usage_type": usage_type });
    let write = |row: &CostDayRow| {
        json!({
            "day": row.day, "region": row.region, "usage_type": row.usage_type, "amount_e10": row.amount_e10,
            "quantity_e10": row.quantity_e10, "unit": row.unit, "currency": row.currency, "estimated": row.estimated,
            "read_at": time_text(row.read_at),
        })
    };
    let table = ReplacedTable {
        name: "cost_day",
        place: &[("account_id", account.0.into())],
        key: &[("day", Column::Date), ("region", Column::Text), ("usage_type", Column::Text)],
        rest: &[
            ("amount_e10", Column::Long),
            ("quantity_e10", Column::Long),
            ("unit", Column::Text),
            ("currency", Column::Text),
            ("estimated", Column::Bool),
            ("read_at", Column::Time),
        ],
    };
    table.remove(conn, &differ.remove.iter().map(place).collect::<Vec<_>>()).await?;
    table.write(conn, &differ.write.iter().map(|(_, row)| write(row)).collect::<Vec<_>>()).await?;
    Ok(differ.outcome)
}

/// Replaces an account's costs by tag of the days from `from` to `to`, which is not included, for the one tag `tag_key`;
/// rows of other days and tags are passed over. Call it in a transaction.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn cost_tag_days_replace(
    conn: &impl ConnectionTrait,
    account: AccountId,
    tag_key: &str,
    from: NaiveDate,
    to: NaiveDate,
    rows: &[CostTagDayRow],
) -> Result<ReplaceOutcome, StoreError> {
    let key = |row: CostTagDayRow| ((row.day, row.tag_value.clone()), row);
    let known = cost_tag_days(conn, account, from, to).await?;
    let known: BTreeMap<_, _> = known.into_iter().filter(|row| row.tag_key == tag_key).map(key).collect();
    let within = rows.iter().filter(|row| row.tag_key == tag_key && (from..to).contains(&row.day));
    let wanted = within.cloned().map(key).collect();
    let differ = changes(known, wanted, |a, b| CostTagDayRow { read_at: a.read_at, ..b.clone() } == *a);
    let place =
        |(day, tag_value): &(NaiveDate, String)| json!({ "day": day, "tag_key": tag_key, "tag_value": tag_value });
    let write = |row: &CostTagDayRow| {
        json!({
            "day": row.day, "tag_key": row.tag_key, "tag_value": row.tag_value, "amount_e10": row.amount_e10,
            "currency": row.currency, "estimated": row.estimated, "read_at": time_text(row.read_at),
        })
    };
    let table = ReplacedTable {
        name: "cost_tag_day",
        place: &[("account_id", account.0.into())],
        key: &[("day", Column::Date), ("tag_key", Column::Text), ("tag_value", Column::Text)],
        rest: &[
            ("amount_e10", Column::Long),
            ("currency", Column::Text),
            ("estimated", Column::Bool),
            ("read_at", Column::Time),
        ],
    };
    table.remove(conn, &differ.remove.iter().map(place).collect::<Vec<_>>()).await?;
    table.write(conn, &differ.write.iter().map(|(_, row)| write(row)).collect::<Vec<_>>()).await?;
    Ok(differ.outcome)
}
