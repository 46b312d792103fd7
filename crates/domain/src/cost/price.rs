//! The prices of one kind of WorkSpace, and the hours a month from which ALWAYS_ON is cheaper.
//!
//! It is not the place for where prices come from ([`super::price_list`]) nor for a month's bill ([`super::proration`]).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::BillingMode;
use crate::money::{Currency, Money, MoneyError};

/// The three prices of one kind of WorkSpace, all of one currency and exact in ten-billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Prices", into = "Prices")]
pub struct PricePlan {
    monthly: Money,
    auto_stop_fee: Money,
    auto_stop_hour: Money,
}

/// The same on the wire.
#[derive(Serialize, Deserialize)]
struct Prices {
    monthly: Money,
    auto_stop_fee: Money,
    auto_stop_hour: Money,
}

impl TryFrom<Prices> for PricePlan {
    type Error = MoneyError;

    fn try_from(prices: Prices) -> Result<Self, MoneyError> {
        Self::new(prices.monthly, prices.auto_stop_fee, prices.auto_stop_hour)
    }
}

impl From<PricePlan> for Prices {
    fn from(plan: PricePlan) -> Self {
        Self { monthly: plan.monthly, auto_stop_fee: plan.auto_stop_fee, auto_stop_hour: plan.auto_stop_hour }
    }
}

impl PricePlan {
    /// A plan of its prices: ALWAYS_ON a month, AUTO_STOP a month, AUTO_STOP an hour.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`]; [`MoneyError::TooFine`] and [`MoneyError::TooLarge`] for prices that can't be kept.
    pub fn new(monthly: Money, auto_stop_fee: Money, auto_stop_hour: Money) -> Result<Self, MoneyError> {
        for price in [&monthly, &auto_stop_fee, &auto_stop_hour] {
            monthly.checked_add(price)?;
            price.amount_e10()?;
        }
        Ok(Self { monthly, auto_stop_fee, auto_stop_hour })
    }

    /// ALWAYS_ON, a month.
    #[must_use]
    pub const fn monthly(&self) -> Money {
        self.monthly
    }

    /// AUTO_STOP, a month, without hours.
    #[must_use]
    pub const fn auto_stop_fee(&self) -> Money {
        self.auto_stop_fee
    }

    /// AUTO_STOP, an hour.
    #[must_use]
    pub const fn auto_stop_hour(&self) -> Money {
        self.auto_stop_hour
    }

    /// The currency of all three.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.monthly.currency
    }

    /// At how many hours a month both modes cost the same: (monthly − fee) / hour. Above it ALWAYS_ON is cheaper. Negative
    /// when ALWAYS_ON always is; `None` when an hour costs nothing.
    #[must_use]
    pub fn break_even_hours(&self) -> Option<Decimal> {
        self.monthly.amount.checked_sub(self.auto_stop_fee.amount)?.checked_div(self.auto_stop_hour.amount)
    }

    /// What a whole month of AUTO_STOP with so many hours costs.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn auto_stop_cost(&self, hours: u64) -> Result<Money, MoneyError> {
        self.auto_stop_fee.checked_add(&self.auto_stop_hour.checked_mul(hours.into())?)
    }

    /// The mode in which a whole month with so many hours costs less; AUTO_STOP when both cost the same.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn cheaper(&self, hours: u64) -> Result<BillingMode, MoneyError> {
        let hourly = self.auto_stop_cost(hours)?;
        Ok(if hourly.amount <= self.monthly.amount { BillingMode::Hourly } else { BillingMode::Monthly })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::USD).unwrap()
    }

    pub(crate) fn plan(monthly: &str, fee: &str, hour: &str) -> PricePlan {
        PricePlan::new(usd(monthly), usd(fee), usd(hour)).unwrap()
    }

    /// Prices with cents of a cent.
    pub(crate) fn plans() -> impl Strategy<Value = PricePlan> {
        (0i64..20_000_000, 0i64..5_000_000, 0i64..200_000).prop_map(|(monthly, fee, hour)| {
            let usd = |amount| Money::new(Decimal::new(amount, 4), Currency::USD);
            PricePlan::new(usd(monthly), usd(fee), usd(hour)).unwrap()
        })
    }

    #[test]
    fn awss_examples_of_break_even_hours() {
        let examples = [
            (plan("25", "7.25", "0.22"), "80.7"),
            (plan("35", "9.75", "0.30"), "84.2"),
            (plan("50", "13", "0.47"), "78.7"),
            (plan("78", "19", "0.68"), "86.8"),
            (plan("140", "19", "1.53"), "79.1"),
        ];
        for (plan, hours) in examples {
            assert_eq!(plan.break_even_hours().unwrap().round_dp(1).to_string(), hours);
        }
    }

    #[test]
    fn odd_prices_have_an_answer() {
        assert_eq!(plan("25", "7.25", "0").break_even_hours(), None);
        assert_eq!(plan("0", "0", "0").break_even_hours(), None);
        assert_eq!(plan("5", "7", "1").break_even_hours(), Some(Decimal::from(-2)));
        let euro = Money::parse("1", "EUR".parse().unwrap()).unwrap();
        assert!(matches!(PricePlan::new(usd("1"), euro, usd("1")), Err(MoneyError::CurrencyMismatch { .. })));
        assert!(matches!(PricePlan::new(usd("1"), usd("1"), usd("0.00000000001")), Err(MoneyError::TooFine(_))));
        let json = serde_json::to_string(&plan("25", "7.25", "0.22")).unwrap();
        assert_eq!(serde_json::from_str::<PricePlan>(&json).unwrap(), plan("25", "7.25", "0.22"));
        assert!(serde_json::from_str::<PricePlan>(&json.replacen("USD", "EUR", 1)).is_err());
    }

    #[test]
    fn at_break_even_the_cheaper_mode_turns() {
        let power = plan("78", "19", "0.68");
        assert_eq!(power.cheaper(86), Ok(BillingMode::Hourly));
        assert_eq!(power.cheaper(87), Ok(BillingMode::Monthly));
        assert_eq!(plan("10", "5", "1").cheaper(5), Ok(BillingMode::Hourly), "the same price");
    }

    proptest! {
        #[test]
        fn the_cheaper_mode_is_the_one_on_its_side_of_break_even(plan in plans(), hours in 0u64..800) {
            match plan.break_even_hours() {
                Some(even) => {
                    let expected = if Decimal::from(hours) <= even { BillingMode::Hourly } else { BillingMode::Monthly };
                    // A quotient of 28 digits may sit on the other side of a whole number that it equals.
                    if (Decimal::from(hours) - even).abs() > Decimal::new(1, 12) {
                        prop_assert_eq!(plan.cheaper(hours), Ok(expected));
                    }
                }
                None => prop_assert!(plan.auto_stop_hour().is_zero()),
            }
        }

        #[test]
        fn more_hours_never_cost_less(plan in plans(), hours in 0u64..800, more in 0u64..100) {
            let (less, more) = (plan.auto_stop_cost(hours).unwrap(), plan.auto_stop_cost(hours + more).unwrap());
            prop_assert!(less.amount <= more.amount && less.amount >= plan.auto_stop_fee().amount);
            prop_assert!(more.amount_e10().is_ok());
        }
    }
}
