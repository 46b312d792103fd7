//! AWS's Price List (service code AmazonWorkSpaces) as price plans.
//!
//! A plan is put together from three products: the monthly price of ALWAYS_ON, the monthly fee of AUTO_STOP and its hourly
//! price. Text that is not known is kept as it came (`Other`) or is a typed error; a product that can't be used becomes a
//! [`PriceProblem`] and the others go on. To know a new text: a value of the enum it belongs to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Charge, PricePlan};
use crate::{
    cloud::ObservedPrice,
    money::{Money, MoneyError},
    workspace::ComputeType,
};

pub use super::text::{
    License, OsFamily, PriceMode, PriceTextError, PriceUnit, Storage, UsagePart, UsageType, compute_type_of_bundle,
    parse_gb, parse_storage,
};

/// The product family of WorkSpaces. WorkSpaces Core repeats their bundle names under another, at other prices.
pub const PRODUCT_FAMILY: &str = "Enterprise Applications";

/// A product with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceProduct {
    /// AWS's key.
    pub sku: String,
    /// The bundle as the Price List names it, such as `PowerPro`.
    pub bundle: String,
    /// The same as a compute type.
    pub compute_type: ComputeType,
    /// Whose licence.
    pub license: License,
    /// The operating system.
    pub operating_system: OsFamily,
    /// The root volume, GB; `None` when the product has none.
    pub root_gb: Option<u32>,
    /// The user volume, GB; `None` when the product has none.
    pub user_gb: Option<u32>,
    /// The running mode; `None` when the Price List does not say.
    pub running_mode: Option<PriceMode>,
    /// Per what.
    pub unit: PriceUnit,
    /// The usage type, by which Cost Explorer names the charge too.
    pub usage_type: UsageType,
    /// The price.
    pub price: Money,
    /// Since when it holds.
    pub effective_at: Option<DateTime<Utc>>,
}

impl PriceProduct {
    /// Reads a product of the Price List.
    ///
    /// # Errors
    /// [`PriceTextError`]: another family, an attribute that is missing or not as it should be, a currency that is none.
    pub fn from_observed(observed: &ObservedPrice) -> Result<Self, PriceTextError> {
        if observed.product_family != PRODUCT_FAMILY {
            return Err(PriceTextError::OtherFamily(observed.product_family.clone()));
        }
        let get = |name: &str| observed.attributes.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let must = |name: &'static str| get(name).ok_or(PriceTextError::Missing(name));
        let storage = match get("storage") {
            Some(text) => parse_storage(text)?,
            None => Storage {
                root_gb: get("rootVolume").map(parse_gb).transpose()?,
                user_gb: get("userVolume").map(parse_gb).transpose()?,
            },
        };
        let currency = observed.currency.parse().map_err(PriceTextError::Money)?;
        let price = Money::new(observed.amount, currency);
        price.amount_e10().map_err(PriceTextError::Money)?;
        let bundle = must("bundle")?;
        Ok(Self {
            sku: observed.sku.clone(),
            bundle: bundle.to_owned(),
            compute_type: compute_type_of_bundle(bundle),
            license: License::from(must("license")?),
            operating_system: OsFamily::read(must("operatingSystem")?),
            root_gb: storage.root_gb,
            user_gb: storage.user_gb,
            running_mode: get("runningMode").map(PriceMode::from),
            unit: PriceUnit::read(&observed.unit),
            usage_type: UsageType::parse(must("usagetype")?),
            price,
            effective_at: observed.effective_at,
        })
    }

    /// Which price of which plan it is.
    ///
    /// # Errors
    /// Why it is none.
    pub fn part(&self) -> Result<(PlanKey, Charge), PriceReason> {
        let part = self.usage_type.part().ok_or_else(|| PriceReason::UsageType(self.usage_type.to_string()))?;
        let (unit, mode) = match part.charge {
            Charge::Monthly => (PriceUnit::Month, PriceMode::AlwaysOn),
            Charge::AutoStopFee => (PriceUnit::Month, PriceMode::AutoStop),
            Charge::AutoStopHour => (PriceUnit::Hour, PriceMode::AutoStop),
        };
        if self.unit != unit {
            return Err(PriceReason::Unit(self.unit.to_string()));
        }
        if let Some(other) = self.running_mode.as_ref().filter(|given| **given != mode) {
            return Err(PriceReason::RunningMode(other.to_string()));
        }
        Ok((self.key(), part.charge))
    }

    /// The kind of WorkSpace it is for.
    #[must_use]
    pub fn key(&self) -> PlanKey {
        PlanKey {
            compute_type: self.compute_type.to_string(),
            license: self.license.to_string(),
            operating_system: self.operating_system.to_string(),
            root_gb: self.root_gb,
            user_gb: self.user_gb,
        }
    }
}

/// The kind of WorkSpace a plan is for, within a region. Texts are those of [`ComputeType`], [`License`] and [`OsFamily`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlanKey {
    /// The compute type, such as `POWERPRO`.
    pub compute_type: String,
    /// Whose licence, such as `Included`.
    pub license: String,
    /// The operating system, such as `Windows`.
    pub operating_system: String,
    /// The root volume, GB.
    pub root_gb: Option<u32>,
    /// The user volume, GB.
    pub user_gb: Option<u32>,
}

/// The prices found of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanParts {
    /// ALWAYS_ON, a month.
    pub monthly: Option<Money>,
    /// AUTO_STOP, a month.
    pub auto_stop_fee: Option<Money>,
    /// AUTO_STOP, an hour.
    pub auto_stop_hour: Option<Money>,
}

/// Why parts are no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A price is not there.
    #[error("the price for `{0}` is missing")]
    Missing(Charge),
    /// The prices don't go together.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl PlanParts {
    /// The plan.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn complete(&self) -> Result<PricePlan, PlanError> {
        let part = |price: Option<Money>, charge| price.ok_or(PlanError::Missing(charge));
        Ok(PricePlan::new(
            part(self.monthly, Charge::Monthly)?,
            part(self.auto_stop_fee, Charge::AutoStopFee)?,
            part(self.auto_stop_hour, Charge::AutoStopHour)?,
        )?)
    }

    fn slot(&mut self, charge: Charge) -> &mut Option<Money> {
        match charge {
            Charge::Monthly => &mut self.monthly,
            Charge::AutoStopFee => &mut self.auto_stop_fee,
            Charge::AutoStopHour => &mut self.auto_stop_hour,
        }
    }
}

/// A product that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceProblem {
    /// AWS's key.
    pub sku: String,
    /// Why.
    pub reason: PriceReason,
}

/// Why a product was not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceReason {
    /// Its usage type is none of a plan's, as for software.
    #[error("the usage type `{0}` is not a WorkSpace's")]
    UsageType(String),
    /// Its unit is not the one of its usage type.
    #[error("the unit `{0}` does not go with the usage type")]
    Unit(String),
    /// Its running mode is not the one of its usage type.
    #[error("the running mode `{0}` does not go with the usage type")]
    RunningMode(String),
    /// Another product gave another price for the same; that one was taken.
    #[error("the price {given} differs from {taken}, which was taken")]
    Conflict {
        /// The price that was left out.
        given: Decimal,
        /// The price that was taken.
        taken: Decimal,
    },
}

/// What products make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assembly {
    /// The plans, whole or not.
    pub plans: BTreeMap<PlanKey, PlanParts>,
    /// The products that were not used, by key.
    pub problems: Vec<PriceProblem>,
}

/// Puts the products of one region together. Their order does not matter: of two prices for the same the one that holds
/// since later is taken, else the one with the lower key.
#[must_use]
pub fn assemble(products: &[PriceProduct]) -> Assembly {
    let mut sorted: Vec<&PriceProduct> = products.iter().collect();
    sorted.sort_by(|a, b| b.effective_at.cmp(&a.effective_at).then_with(|| a.sku.cmp(&b.sku)));
    let mut made = Assembly::default();
    for product in sorted {
        let reason = match product.part() {
            Ok((key, charge)) => {
                let slot = made.plans.entry(key).or_default().slot(charge);
                match slot {
                    None => {
                        *slot = Some(product.price);
                        continue;
                    }
                    Some(taken) if *taken == product.price => continue,
                    Some(taken) => PriceReason::Conflict { given: product.price.amount, taken: taken.amount },
                }
            }
            Err(reason) => reason,
        };
        made.problems.push(PriceProblem { sku: product.sku.clone(), reason });
    }
    made.problems.sort_by(|a, b| a.sku.cmp(&b.sku));
    made
}

#[cfg(test)]
mod tests;
