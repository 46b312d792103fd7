//! Money stays exact, or says that it can't.

use proptest::prelude::*;

use super::*;

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

#[test]
fn a_currency_is_three_capital_letters() {
    assert_eq!("EUR".parse::<Currency>().unwrap().as_str(), "EUR");
    for wrong in ["", "US", "usd", "USDT", "U$D", "ÄÖ", "12A"] {
        assert_eq!(wrong.parse::<Currency>(), Err(MoneyError::NotACurrency(wrong.to_owned())));
    }
}

#[test]
fn two_currencies_never_meet() {
    let euro = Money::parse("1", "EUR".parse().unwrap()).unwrap();
    assert!(matches!(usd("1").checked_add(&euro), Err(MoneyError::CurrencyMismatch { .. })));
    assert!(matches!(usd("1").checked_sub(&euro), Err(MoneyError::CurrencyMismatch { .. })));
    assert!(Money::sum([&usd("1"), &euro], Currency::USD).is_err());
}

#[test]
fn awss_ways_to_write_an_amount_are_read_and_others_refused() {
    assert_eq!(usd("35.0000000000").amount_e10(), Ok(350_000_000_000));
    assert_eq!(usd("1.2E-7").amount_e10(), Ok(1_200));
    assert_eq!(usd(" -0.01 ").amount_e10(), Ok(-100_000_000));
    for wrong in ["", "NaN", "12,5", "1.2.3", "$5", "1e999", "0.00000000000000000000000000000000001"] {
        assert!(Money::parse(wrong, Currency::USD).is_err(), "{wrong}");
    }
}

#[test]
fn what_does_not_fit_is_an_error_not_a_rounding() {
    assert!(matches!(usd("0.00000000001").amount_e10(), Err(MoneyError::TooFine(_))));
    assert_eq!(usd("0.100000000000").amount_e10(), Ok(1_000_000_000), "trailing zeros are no digits");
    assert_eq!(usd("922337203.6854775807").amount_e10(), Ok(i64::MAX));
    assert_eq!(usd("922337203.6854775808").amount_e10(), Err(MoneyError::TooLarge));
    let most = Money::new(Decimal::MAX, Currency::USD);
    assert_eq!(most.amount_e10(), Err(MoneyError::TooLarge));
    assert_eq!(most.checked_add(&usd("1")), Err(MoneyError::TooLarge));
    assert_eq!(most.checked_mul(Decimal::TWO), Err(MoneyError::TooLarge));
}

#[test]
fn people_read_the_currencys_own_decimals() {
    assert_eq!(usd("12.3").to_string(), "12.30 USD");
    assert_eq!(usd("0.005").to_string(), "0.01 USD");
    assert_eq!(usd("-0.005").to_string(), "-0.01 USD");
    assert_eq!(Money::parse("1234.5", "JPY".parse().unwrap()).unwrap().to_string(), "1235 JPY");
    assert_eq!(usd("7").to_text(4), "7.0000");
}

#[test]
fn on_the_wire_an_amount_is_text() {
    let json = serde_json::to_value(usd("0.30")).unwrap();
    assert_eq!(json, serde_json::json!({"amount": "0.30", "currency": "USD"}));
    assert_eq!(serde_json::from_value::<Money>(json).unwrap(), usd("0.3"));
    assert!(serde_json::from_str::<Money>(r#"{"amount": 0.3, "currency": "USD"}"#).is_err(), "no float");
    assert!(serde_json::from_str::<Money>(r#"{"amount": "0.3", "currency": "usd"}"#).is_err());
}

proptest! {
    #[test]
    fn ten_billionths_go_there_and_back(e10 in any::<i64>()) {
        prop_assert_eq!(Money::from_e10(e10, Currency::USD).amount_e10(), Ok(e10));
    }

    #[test]
    fn sums_are_those_of_the_integers(a in -(1i64 << 60)..1 << 60, b in -(1i64 << 60)..1 << 60) {
        let (left, right) = (Money::from_e10(a, Currency::USD), Money::from_e10(b, Currency::USD));
        let sum = left.checked_add(&right).unwrap();
        prop_assert_eq!(sum.amount_e10(), Ok(a + b));
        prop_assert_eq!(sum, right.checked_add(&left).unwrap());
        prop_assert_eq!(sum.checked_sub(&right).unwrap(), left);
    }

    #[test]
    fn text_goes_there_and_back(e10 in any::<i64>()) {
        let money = Money::from_e10(e10, Currency::USD);
        prop_assert_eq!(Money::parse(&money.amount.to_string(), Currency::USD).unwrap(), money);
        let json = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in ".{0,40}") {
        let _ = Money::parse(&text, Currency::USD);
        let _ = text.parse::<Currency>();
    }
}
