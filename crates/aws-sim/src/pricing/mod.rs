//! What WorkSpaces cost: the tariff, and the Price List made of it.
//!
//! One table is the source of both the Price List (`catalogue.rs`) and the bill (`crate::billing`), so that they agree.
//! Nothing here knows a desktop or a request. A new compute type or region gets a line in `tariff.rs`, a new kind of
//! product its rows in `catalogue.rs`.

pub(crate) mod catalogue;
pub(crate) mod tariff;

/// 1e-10 USD, the unit in which everything is counted.
pub(crate) const E10_PER_CENT: i64 = 100_000_000;

/// An amount of 1e-10 units as a decimal without superfluous zeros.
pub(crate) fn decimal(e10: i128) -> String {
    let sign = if e10 < 0 { "-" } else { "" };
    let digits = e10.unsigned_abs();
    let text = format!("{sign}{}.{:010}", digits / 10_000_000_000, digits % 10_000_000_000);
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    trimmed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_short() {
        assert_eq!(decimal(0), "0");
        assert_eq!(decimal(350_000_000_000), "35");
        assert_eq!(decimal(11_666_666_667), "1.1666666667");
        assert_eq!(decimal(-5), "-0.0000000005");
        assert_eq!(decimal(3_000_000_000), "0.3");
    }
}
