//! Which days usage is compared with: as many as are looked at, so that sums can be compared, and none of these themselves. A shorter
//! month before a longer one is compared whole. What those days came to is not the place here. To add a comparison: a variant, its
//! arm in [`Comparison::days`], its words in the portal.

use chrono::{Months, NaiveDate};

closed_enum! {
    /// Which days some days are compared with.
    pub enum Comparison {
        /// Those before them.
        Previous = "previous",
        /// The same days a month before.
        Month = "month",
        /// The same days a year before.
        Year = "year",
    }
}

impl Comparison {
    /// The days that days, of which the last is not included, are compared with: as many, and before them. Where the month has no
    /// such day as the first one, they begin on its last. Days over more than a month, or a year, have none a month, or a year,
    /// before: they are compared with those before them.
    #[must_use]
    pub fn days(self, (from, to): (NaiveDate, NaiveDate)) -> (NaiveDate, NaiveDate) {
        let long = to - from;
        let ago = |months| {
            let back = Months::new(months);
            from.checked_add_months(back).filter(|end| to <= *end).and_then(|_| from.checked_sub_months(back))
        };
        let first = match self {
            Self::Previous => None,
            Self::Month => ago(1),
            Self::Year => ago(12),
        };
        let first = first.or_else(|| from.checked_sub_signed(long)).unwrap_or(NaiveDate::MIN);
        (first, first.checked_add_signed(long).unwrap_or(NaiveDate::MAX).min(from))
    }

    /// The comparison of days, of which the last is not included, whose days begin on `first`. Where two have the same days, the
    /// one that is declared first.
    #[must_use]
    pub fn of(days: (NaiveDate, NaiveDate), first: NaiveDate) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.days(days).0 == first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn beside(comparison: Comparison, from: &str, to: &str) -> (String, String) {
        let (first, after) = comparison.days((day(from), day(to)));
        (first.to_string(), after.to_string())
    }

    fn are(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn the_days_before_end_where_the_others_begin() {
        assert_eq!(beside(Comparison::Previous, "2026-03-01", "2026-03-31"), are("2026-01-30", "2026-03-01"));
        assert_eq!(beside(Comparison::Previous, "2026-03-01", "2026-03-02"), are("2026-02-28", "2026-03-01"));
    }

    #[test]
    fn a_month_and_a_year_before_are_the_same_days_of_the_calendar() {
        assert_eq!(beside(Comparison::Month, "2026-11-05", "2026-11-12"), are("2026-10-05", "2026-10-12"));
        assert_eq!(beside(Comparison::Month, "2026-01-05", "2026-01-12"), are("2025-12-05", "2025-12-12"));
        assert_eq!(beside(Comparison::Year, "2026-11-01", "2026-12-01"), are("2025-11-01", "2025-12-01"));
    }

    #[test]
    fn a_month_is_compared_with_none_of_its_own_days() {
        for (comparison, from, to, first, after) in [
            // February is shorter than March, and than most of it.
            (Comparison::Month, "2026-03-01", "2026-04-01", "2026-02-01", "2026-03-01"),
            (Comparison::Month, "2026-03-01", "2026-03-31", "2026-02-01", "2026-03-01"),
            (Comparison::Month, "2026-03-01", "2026-03-29", "2026-02-01", "2026-03-01"),
            (Comparison::Month, "2026-03-30", "2026-04-30", "2026-02-28", "2026-03-30"),
            (Comparison::Month, "2026-05-01", "2026-06-01", "2026-04-01", "2026-05-01"),
            (Comparison::Year, "2024-01-01", "2025-01-01", "2023-01-01", "2024-01-01"),
            // Longer than a month, or a year.
            (Comparison::Month, "2026-09-01", "2026-10-02", "2026-08-01", "2026-09-01"),
            (Comparison::Month, "2026-09-01", "2026-12-01", "2026-06-02", "2026-09-01"),
            (Comparison::Year, "2026-09-01", "2026-12-01", "2025-09-01", "2025-12-01"),
            (Comparison::Year, "2025-01-01", "2026-01-02", "2024-01-01", "2025-01-01"),
        ] {
            assert_eq!(beside(comparison, from, to), are(first, after), "{comparison} {from} {to}");
        }
    }

    #[test]
    fn a_first_day_that_is_not_there_is_the_last_of_its_month() {
        for (comparison, from, to, first, after) in [
            (Comparison::Month, "2026-03-31", "2026-04-01", "2026-02-28", "2026-03-01"),
            (Comparison::Month, "2024-03-30", "2024-04-02", "2024-02-29", "2024-03-03"),
            (Comparison::Year, "2024-02-29", "2024-03-01", "2023-02-28", "2023-03-01"),
            // A leap day more, or less, moves the end: they are as many.
            (Comparison::Year, "2024-02-01", "2024-03-01", "2023-02-01", "2023-03-02"),
            (Comparison::Year, "2025-02-20", "2025-03-10", "2024-02-20", "2024-03-09"),
        ] {
            assert_eq!(beside(comparison, from, to), are(first, after), "{comparison} {from} {to}");
        }
    }

    #[test]
    fn all_lie_before_and_are_as_many_or_a_whole_month() {
        let begin = day("2023-12-25");
        for from in begin.iter_days().take(800).step_by(3) {
            for long in [1, 7, 28, 31, 366, 400] {
                let to = from + chrono::Days::new(long);
                for &comparison in Comparison::ALL {
                    let (first, after) = comparison.days((from, to));
                    assert!(first < after && after <= from, "{comparison} {from} {to}");
                    let fewer = (to - from) - (after - first);
                    let whole = fewer > chrono::TimeDelta::zero();
                    assert!((0..=3).contains(&fewer.num_days()), "{comparison} {from} {to}");
                    assert!(
                        !whole || (after == from && comparison != Comparison::Previous),
                        "{comparison} {from} {to}"
                    );
                    let named = Comparison::of((from, to), first).unwrap();
                    assert_eq!(named.days((from, to)), (first, after), "{comparison} {from} {to}");
                }
            }
        }
    }

    #[test]
    fn a_comparison_is_known_by_its_first_day() {
        let november = (day("2026-11-01"), day("2026-12-01"));
        let named = |text: &str| Comparison::of(november, day(text));
        assert_eq!(named("2026-10-02"), Some(Comparison::Previous));
        assert_eq!(named("2026-10-01"), Some(Comparison::Month));
        assert_eq!(named("2025-11-01"), Some(Comparison::Year));
        assert_eq!(named("2026-10-03"), None);
        // The 31 days before August are July.
        let august = (day("2026-08-01"), day("2026-09-01"));
        assert_eq!(Comparison::of(august, day("2026-07-01")), Some(Comparison::Previous));
    }

    #[test]
    fn days_at_the_end_of_the_calendar_are_none() {
        let first = (NaiveDate::MIN, NaiveDate::MIN);
        assert_eq!(Comparison::Year.days(first), first);
    }
}
