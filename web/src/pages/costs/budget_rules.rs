//! What the form of a budget says about amounts and percentages while they are typed, as the API says it when they are sent. Pure.

use contract::budgets::{AMOUNT_MAX, THRESHOLD_MAX, THRESHOLDS_MAX};

/// Whole percentages, separated by commas; `None` for anything else. The one at the end is left out while it is still to come.
pub fn thresholds(text: &str) -> Option<Vec<u16>> {
    let text = text.trim();
    let whole = text.strip_suffix(',').unwrap_or(text);
    let read: Option<Vec<u16>> =
        whole.split(',').map(|part| part.trim().trim_end_matches('%').trim().parse().ok()).collect();
    read.filter(|all| all.len() <= THRESHOLDS_MAX && all.iter().all(|one| (1..=THRESHOLD_MAX).contains(one)))
}

/// What is wrong with the percentages.
pub fn thresholds_wrong(text: &str) -> Option<String> {
    thresholds(text)
        .is_none()
        .then(|| format!("Write 1 to {THRESHOLDS_MAX} whole percentages of 1 to {THRESHOLD_MAX}, such as 50, 80, 100."))
}

/// What is wrong with the amount.
pub fn amount_wrong(text: &str) -> Option<String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Some("Write an amount, such as 1500 or 99.50.".to_owned());
    }
    if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        return Some("Write more than 0.".to_owned());
    }
    let fits = whole.len() <= WHOLE_DIGITS && decimals.len() <= DECIMALS && text.len() <= AMOUNT_MAX;
    (!fits).then(|| format!("At most {WHOLE_DIGITS} digits before the point, and {DECIMALS} after it."))
}

/// Digits of an amount before and after its point, as the API's description says it.
const WHOLE_DIGITS: usize = 8;
const DECIMALS: usize = 10;

/// What is wrong with the currency.
pub fn currency_wrong(text: &str) -> Option<String> {
    let code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    (!code).then(|| "Write the three letters of a currency, such as USD.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_as_people_write_them() {
        assert_eq!(thresholds("50, 80 %,100"), Some(vec![50, 80, 100]));
        assert_eq!(thresholds("50, 80, "), Some(vec![50, 80]));
        for wrong in ["", "0", "50;80", "1001", "-5", "50,,80", "1,2,3,4,5,6,7,8,9,10,11"] {
            assert_eq!(thresholds(wrong), None, "{wrong}");
            assert!(thresholds_wrong(wrong).is_some_and(|words| words.contains("of 1 to 1000")));
        }
        assert_eq!(thresholds_wrong("50"), None);
    }

    #[test]
    fn an_amount_is_digits_and_more_than_nothing() {
        for good in ["1500", "99.50", "0.01", "99999999.0123456789"] {
            assert_eq!(amount_wrong(good), None, "{good}");
        }
        for wrong in ["", "1 500", "1,5", "-3", "1.", ".5", "1e3", "ten"] {
            assert!(amount_wrong(wrong).is_some_and(|words| words.contains("99.50")), "{wrong}");
        }
        assert_eq!(amount_wrong("0.00").as_deref(), Some("Write more than 0."));
        assert!(amount_wrong("100000000").is_some_and(|words| words.contains("8 digits")));
        assert!(amount_wrong("1.01234567891").is_some());
    }

    #[test]
    fn a_currency_is_three_letters() {
        assert_eq!((currency_wrong("usd"), currency_wrong("EUR")), (None, None));
        for wrong in ["", "US", "EURO", "12$"] {
            assert!(currency_wrong(wrong).is_some(), "{wrong}");
        }
    }
}
