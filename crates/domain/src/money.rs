//! Money: a decimal amount with its currency, exact or an error.
//!
//! It is not the place for prices ([`crate::cost`]) nor for exchange rates: two currencies never meet in one sum. In the
//! database an amount is an integer of ten-billionths ([`Money::amount_e10`]), which both databases can sum exactly.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// The decimals an amount may have where it is kept.
pub const STORED_DECIMALS: u32 = 10;

/// Why an amount could not be made or added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency code.
    #[error("`{0}` is not a currency code of three capital letters")]
    NotACurrency(String),
    /// Not a decimal number.
    #[error("`{0}` is not an amount of money")]
    NotAnAmount(String),
    /// Two currencies in one sum.
    #[error("{left} and {right} can't be added")]
    CurrencyMismatch {
        /// What was there.
        left: Currency,
        /// What was to be added.
        right: Currency,
    },
    /// More digits than are kept.
    #[error("{0} has more than {STORED_DECIMALS} decimals")]
    TooFine(Decimal),
    /// Out of range.
    #[error("the amount is too large")]
    TooLarge,
}

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The US dollar, in which AWS states its prices.
    pub const USD: Self = Self(*b"USD");

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The decimals people write: 0 for the currencies without a smaller coin, 3 for the dinars, else 2.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"UGX" | b"XAF" | b"XOF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(MoneyError::NotACurrency(text.to_owned())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({self})")
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of one currency. On the wire the amount is text, so that no reader makes a float of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much, in whole units of the currency (dollars, not cents).
    #[serde(with = "amount_text")]
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::ZERO, currency }
    }

    /// Reads an amount as AWS writes it, such as `35.0000000000` or `1.2E-7`.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`] for anything else, and for more digits than a decimal holds.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Ok(Self { amount: parse_amount(text)?, currency })
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`]; [`MoneyError::TooLarge`].
    pub fn checked_add(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.amount.checked_add(other.amount).map(|amount| Self { amount, ..*self }).ok_or(MoneyError::TooLarge)
    }

    /// What is left when another amount of the same currency is taken away; may be below zero.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`]; [`MoneyError::TooLarge`].
    pub fn checked_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.amount.checked_sub(other.amount).map(|amount| Self { amount, ..*self }).ok_or(MoneyError::TooLarge)
    }

    /// So many times the amount.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn checked_mul(&self, factor: Decimal) -> Result<Self, MoneyError> {
        self.amount.checked_mul(factor).map(|amount| Self { amount, ..*self }).ok_or(MoneyError::TooLarge)
    }

    /// The sum of amounts that all are of `currency`; nothing when there are none.
    ///
    /// # Errors
    /// As [`Self::checked_add`].
    pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a Self>, currency: Currency) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), |sum, next| sum.checked_add(next))
    }

    /// The amount in ten-billionths (1e-10) of the unit, as it is kept.
    ///
    /// # Errors
    /// [`MoneyError::TooFine`] with more than ten decimals, [`MoneyError::TooLarge`] beyond about 922 million.
    pub fn amount_e10(&self) -> Result<i64, MoneyError> {
        let exact = self.amount.normalize();
        if exact.scale() > STORED_DECIMALS {
            return Err(MoneyError::TooFine(self.amount));
        }
        let factor = 10_i128.pow(STORED_DECIMALS - exact.scale());
        exact.mantissa().checked_mul(factor).and_then(|e10| i64::try_from(e10).ok()).ok_or(MoneyError::TooLarge)
    }

    /// The amount that [`Self::amount_e10`] gave.
    #[must_use]
    pub fn from_e10(e10: i64, currency: Currency) -> Self {
        Self { amount: Decimal::new(e10, STORED_DECIMALS).normalize(), currency }
    }

    /// Rounded half to even to the decimals that are kept.
    #[must_use]
    pub fn rounded_e10(&self) -> Self {
        Self { amount: self.amount.round_dp(STORED_DECIMALS), ..*self }
    }

    /// Rounded for a person: half away from zero.
    #[must_use]
    pub fn rounded(&self, decimals: u32) -> Self {
        Self { amount: self.amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero), ..*self }
    }

    /// The amount for a person with just so many decimals, without the currency, such as `12.30`.
    #[must_use]
    pub fn to_text(&self, decimals: u32) -> String {
        format!("{:.*}", decimals as usize, self.rounded(decimals).amount)
    }

    fn same_currency(&self, other: &Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Money {
    /// As a person writes it: `12.30 USD`, with the currency's own decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_text(self.currency.minor_digits()), self.currency)
    }
}

fn parse_amount(text: &str) -> Result<Decimal, MoneyError> {
    let text = text.trim();
    let wrong = || MoneyError::NotAnAmount(text.to_owned());
    // `from_str_exact` refuses what it could not hold instead of rounding it.
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).map_err(|_| wrong())
    } else {
        Decimal::from_str_exact(text).map_err(|_| wrong())
    }
}

/// The amount as text on the wire.
mod amount_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        super::parse_amount(&<std::borrow::Cow<'de, str>>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
