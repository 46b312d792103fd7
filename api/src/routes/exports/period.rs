//! The days of an export: some, and not too many.

use chrono::NaiveDate;
use contract::exports::MAX_DAYS;

use crate::error::ApiError;

/// Ok when there is at least one day and at most [`MAX_DAYS`].
pub(super) fn check(from: NaiveDate, to: NaiveDate) -> Result<(), ApiError> {
    match (to - from).num_days() {
        1..=MAX_DAYS => Ok(()),
        ..=0 => Err(ApiError::query("to", "out_of_range", "must be after `from`: it is the day after the last")),
        _ => Err(ApiError::query("to", "out_of_range", format!("must be at most {MAX_DAYS} days after `from`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_days_and_not_too_many() {
        let day = |text: &str| text.parse().unwrap();
        assert!(check(day("2026-01-01"), day("2026-01-02")).is_ok());
        assert!(check(day("2025-01-01"), day("2026-02-05")).is_ok());
        for (from, to) in [("2026-01-01", "2026-01-01"), ("2026-01-02", "2026-01-01"), ("2025-01-01", "2026-02-06")] {
            assert_eq!(check(day(from), day(to)).unwrap_err().errors()[0].field, "to", "{from} {to}");
        }
    }
}
