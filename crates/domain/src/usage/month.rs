//! A calendar month in UTC: the period AWS bills. It is not the place for days of a reader's time zone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// The text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month such as 2026-11")]
pub struct NotAMonth(pub String);

/// A calendar month in UTC, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// The month; `None` for a month that is not in 1 to 12 or a year that is not in 1 to 9999.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        NaiveDate::from_ymd_opt(year, month, 1).map(|first| Self { first })
    }

    /// The month of a moment.
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self::of_day(at.date_naive())
    }

    /// The month of a day.
    #[must_use]
    pub fn of_day(day: NaiveDate) -> Self {
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.first.year()
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u32 {
        self.first.month()
    }

    /// The 1st.
    #[must_use]
    pub fn first_day(&self) -> NaiveDate {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.next().first.pred_opt().unwrap_or(self.first)
    }

    /// 00:00 UTC on the 1st.
    #[must_use]
    pub fn start(&self) -> DateTime<Utc> {
        self.first.and_time(NaiveTime::MIN).and_utc()
    }

    /// 00:00 UTC on the 1st of the next month: the first moment after this one.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.next().start()
    }

    /// How many days it has, 28 to 31.
    #[must_use]
    pub fn days(&self) -> u32 {
        u32::try_from((self.next().first - self.first).num_days()).unwrap_or(31)
    }

    /// The month after.
    #[must_use]
    pub fn next(&self) -> Self {
        self.first.checked_add_months(chrono::Months::new(1)).map_or(*self, |first| Self { first })
    }

    /// The month before.
    #[must_use]
    pub fn previous(&self) -> Self {
        self.first.checked_sub_months(chrono::Months::new(1)).map_or(*self, |first| Self { first })
    }

    /// Whether the moment is in it.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.start() <= at && at < self.end()
    }

    /// Its days, in order.
    pub fn iter_days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.first.iter_days().take(self.days() as usize)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let wrong = || NotAMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(wrong());
        }
        Self::new(year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?).ok_or_else(wrong)
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn leap_years_have_their_day() {
        for (year, days) in [(2024, 29), (2025, 28), (2000, 29), (1900, 28)] {
            assert_eq!(Month::new(year, 2).unwrap().days(), days, "{year}");
        }
    }

    #[test]
    fn only_months_are_read() {
        assert_eq!("2026-11".parse::<Month>().unwrap(), Month::new(2026, 11).unwrap());
        for wrong in ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "", "-", "+026-11", "0000-01"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn months_follow_each_other_without_gap(year in 1i32..9998, month in 1u32..13) {
            let this = Month::new(year, month).unwrap();
            prop_assert_eq!(this.end(), this.next().start());
            prop_assert_eq!(this.next().previous(), this);
            prop_assert_eq!(this.to_string().parse::<Month>().unwrap(), this);
            prop_assert_eq!(this.iter_days().count(), this.days() as usize);
            prop_assert_eq!(this.iter_days().last(), Some(this.last_day()));
            prop_assert!(this.contains(this.start()) && !this.contains(this.end()));
            prop_assert_eq!(Month::of_day(this.last_day()), this);
        }
    }
}
