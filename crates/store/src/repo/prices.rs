//! AWS's prices of WorkSpaces, as the Price List gives them for a region. What they mean (which is cheaper, from how many
//! hours on) is `domain`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Select};
use serde_json::json;

use crate::entity::price;
use crate::error::StoreError;
use crate::repo::changes::{ReplaceOutcome, ReplacedTable, changes};
use crate::repo::estimate_marks;
use crate::sql::{Column, Sql, micros, time_text};

#[cfg(test)]
mod tests;

/// A price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// AWS's key of the product, unique within the region.
    pub sku: String,
    /// The bundle as the Price List names it, such as `Standard`.
    pub bundle: Option<String>,
    /// The compute type, such as `STANDARD`, when it is known.
    pub compute_type: Option<String>,
    /// `Included`, `Bring Your Own License`, `None`.
    pub license: Option<String>,
    /// `Windows`, ….
    pub operating_system: Option<String>,
    /// The root volume, GB.
    pub root_gb: Option<i32>,
    /// The user volume, GB.
    pub user_gb: Option<i32>,
    /// `AlwaysOn`, `AutoStop`.
    pub running_mode: Option<String>,
    /// What it is for: `month`, `hour`, ….
    pub unit: String,
    /// The usage type it is billed as, such as `AW-HW-2-AutoStop-Usage`.
    pub usage_type: Option<String>,
    /// The price of one unit, 1e-10.
    pub price_e10: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Since when it holds.
    pub effective_at: Option<DateTime<Utc>>,
    /// When it was read, for the first time with these values.
    pub read_at: DateTime<Utc>,
}

/// Replaces the prices of a region as an account sees them by `rows`: those with the same `sku` are updated, the others go,
/// and what is as it was is not written. Call it in a transaction.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn prices_replace(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    rows: &[PriceRow],
) -> Result<ReplaceOutcome, StoreError> {
    let known: BTreeMap<_, _> =
        price_list(conn, account, region).await?.into_iter().map(|row| (row.sku.clone(), row)).collect();
    let kept = |row: &PriceRow| PriceRow { effective_at: row.effective_at.map(micros), ..row.clone() };
    let wanted = rows.iter().map(|row| (row.sku.clone(), kept(row))).collect();
    // Being read again is no change.
    let differ = changes(known, wanted, |a, b| PriceRow { read_at: a.read_at, ..b.clone() } == *a);
    let table = ReplacedTable {
        name: "price",
        place: &[("account_id", account.0.into()), ("region", region.as_str().into())],
        key: &[("sku", Column::Text)],
        rest: &[
            ("bundle", Column::Text),
            ("compute_type", Column::Text),
            ("license", Column::Text),
            ("operating_system", Column::Text),
            ("root_gb", Column::Int),
            ("user_gb", Column::Int),
            ("running_mode", Column::Text),
            ("unit", Column::Text),
            ("usage_type", Column::Text),
            ("price_e10", Column::Long),
            ("currency", Column::Text),
            ("effective_at", Column::Time),
            ("read_at", Column::Time),
        ],
    };
    let write = |row: &PriceRow| {
        json!({
            "sku": row.sku, "bundle": row.bundle, "compute_type": row.compute_type, "license": row.license,
            "operating_system": row.operating_system, "root_gb": row.root_gb, "user_gb": row.user_gb,
            "running_mode": row.running_mode, "unit": row.unit, "usage_type": row.usage_type,
            "price_e10": row.price_e10, "currency": row.currency, "effective_at": row.effective_at.map(time_text),
            "read_at": time_text(row.read_at),
        })
    };
    table.remove(conn, &differ.remove.iter().map(|sku| json!({ "sku": sku })).collect::<Vec<_>>()).await?;
    table.write(conn, &differ.write.iter().map(|(_, row)| write(row)).collect::<Vec<_>>()).await?;
    if differ.outcome.written() > 0 {
        estimate_marks::mark(conn, account).await?;
    }
    Ok(differ.outcome)
}

/// The prices of a region as an account sees them, by `sku`.
///
/// # Errors
/// [`StoreError`].
pub async fn price_list(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<Vec<PriceRow>, StoreError> {
    Ok(selected(account, region).all(conn).await?.into_iter().map(record).collect())
}

/// What one unit of a usage type costs in a region.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct UnitPrice {
    /// The region.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
    /// The price, 1e-10.
    pub price_e10: i64,
}

/// What one unit of each of these usage types costs, wherever an account sees a price of it; where there are several, in the order of
/// their `sku`.
///
/// # Errors
/// [`StoreError`].
pub async fn unit_prices(
    conn: &impl ConnectionTrait,
    account: AccountId,
    usage_types: &[&str],
) -> Result<Vec<UnitPrice>, StoreError> {
    Sql::new(conn)
        .text("SELECT p.region, p.usage_type, p.price_e10 FROM price p WHERE p.account_id = ")
        .bind(account.0)
        .text(" AND ")
        .bind_in("p.usage_type", usage_types.iter().copied())
        .text(" ORDER BY p.region, p.sku")
        .all_as(conn)
        .await
}

/// The statement of [`price_list`].
pub(crate) fn selected(account: AccountId, region: &Region) -> Select<price::Entity> {
    price::Entity::find()
        .filter(price::Column::AccountId.eq(account.0))
        .filter(price::Column::Region.eq(region.as_str()))
        .order_by_asc(price::Column::Sku)
}

fn record(row: price::Model) -> PriceRow {
    PriceRow {
        sku: row.sku,
        bundle: row.bundle,
        compute_type: row.compute_type,
        license: row.license,
        operating_system: row.operating_system,
        root_gb: row.root_gb,
        user_gb: row.user_gb,
        running_mode: row.running_mode,
        unit: row.unit,
        usage_type: row.usage_type,
        price_e10: row.price_e10,
        currency: row.currency,
        effective_at: row.effective_at,
        read_at: row.read_at,
    }
}
