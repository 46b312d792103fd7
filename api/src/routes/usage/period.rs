//! The days of a question: some, not too many, and within a calendar that both databases have.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use contract::usage::{DEFAULT_DAYS, MAX_DAYS};

use crate::error::ApiError;

/// Years that are taken.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;

/// The first day and the day after the last: those asked for, or the last 30. What is not given follows from what is.
///
/// # Errors
/// 400 `invalid_query` that names `from` or `to`.
pub(crate) fn of(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<(NaiveDate, NaiveDate), ApiError> {
    for (name, day) in [("from", from), ("to", to)] {
        if day.is_some_and(|day| !YEARS.contains(&day.year())) {
            return Err(ApiError::query(name, "out_of_range", "must be in the years 2000 to 2999"));
        }
    }
    let tomorrow = now.date_naive() + Days::new(1);
    let default = Days::new(DEFAULT_DAYS.unsigned_abs());
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, tomorrow.max(from + Days::new(1)).min(from + Days::new(MAX_DAYS.unsigned_abs()))),
        (None, Some(to)) => (to - default, to),
        (None, None) => (tomorrow - default, tomorrow),
    };
    check(from, to).map(|()| (from, to))
}

/// Ok when there is at least one day and at most [`MAX_DAYS`].
///
/// # Errors
/// 400 `invalid_query` that names `to`.
pub(crate) fn check(from: NaiveDate, to: NaiveDate) -> Result<(), ApiError> {
    match (to - from).num_days() {
        1..=MAX_DAYS => Ok(()),
        ..=0 => Err(ApiError::query("to", "out_of_range", "must be after `from`: it is the day after the last")),
        _ => Err(ApiError::query("to", "out_of_range", format!("must be at most {MAX_DAYS} days after `from`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked(from: Option<&str>, to: Option<&str>) -> Result<(NaiveDate, NaiveDate), ApiError> {
        of(from.map(day), to.map(day), "2026-11-21T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn what_is_not_given_follows() {
        for (from, to, first, after) in [
            (None, None, "2026-10-23", "2026-11-22"),
            (Some("2026-11-01"), None, "2026-11-01", "2026-11-22"),
            (Some("2025-01-01"), None, "2025-01-01", "2026-02-05"),
            (Some("2027-01-01"), None, "2027-01-01", "2027-01-02"),
            (None, Some("2026-11-01"), "2026-10-02", "2026-11-01"),
            (Some("2026-11-01"), Some("2026-11-02"), "2026-11-01", "2026-11-02"),
        ] {
            assert_eq!(asked(from, to).unwrap(), (day(first), day(after)), "{from:?} {to:?}");
        }
    }

    #[test]
    fn some_days_and_not_too_many() {
        assert!(check(day("2026-01-01"), day("2026-01-02")).is_ok());
        assert!(check(day("2025-01-01"), day("2026-02-05")).is_ok());
        for (from, to) in [("2026-01-01", "2026-01-01"), ("2026-01-02", "2026-01-01"), ("2025-01-01", "2026-02-06")] {
            assert_eq!(check(day(from), day(to)).unwrap_err().errors()[0].field, "to", "{from} {to}");
        }
    }

    #[test]
    fn wrong_days_are_named() {
        for (from, to, field) in [
            ("2026-11-02", "2026-11-02", "to"),
            ("2026-11-02", "2026-11-01", "to"),
            ("2025-01-01", "2026-02-06", "to"),
            ("1999-12-31", "2000-01-02", "from"),
            ("2999-12-31", "3000-01-01", "to"),
        ] {
            assert_eq!(asked(Some(from), Some(to)).unwrap_err().errors()[0].field, field, "{from} {to}");
        }
    }
}
