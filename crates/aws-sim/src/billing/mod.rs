//! The bill: what every desktop costs, by UTC day and usage type.
//!
//! Cost Explorer (`ops/cost.rs`) and the ledger (`/_sim/ledger`) both read from here; prices are `crate::pricing`'s, what
//! desktops did is `crate::history`'s. The rules:
//!
//! - A month renews at 00:00 UTC on the 1st. Whatever is paid by the month (ALWAYS_ON, the AUTO_STOP fee, WorkSpaces Core,
//!   volumes beyond the included) is spread evenly over the UTC days from the day it begins to the month's last, with
//!   cumulative rounding to 1e-10 USD, so that the days add up to `price * days / days of the month` exactly.
//! - A desktop made within the month pays from the day it was made; one that is terminated gets nothing back.
//! - AUTO_STOP to ALWAYS_ON: the fee stays, the monthly price begins that day, hours begun before count. ALWAYS_ON to
//!   AUTO_STOP changes nothing before the next 1st.
//! - An hour of AUTO_STOP belongs to the day on which it begins.
//! - A changed compute type or volume has its price from the day of the change on.
//!
//! Usage arrives late: what began before [`Clock::horizon`] is booked. A day may change until two days after its end.

pub(crate) mod book;
pub(crate) mod charges;
pub(crate) mod explore;
pub(crate) mod filter;
pub(crate) mod ledger;
pub(crate) mod other;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate};

pub(crate) use book::Books;

pub(crate) const DAY: i64 = 86_400;
/// Usage is read every six hours …
const STEP: i64 = 6 * 3_600;
/// … and takes this long to arrive.
const LATE: i64 = 12 * 3_600;
/// After a day's end, until its figures are final.
const OPEN: i64 = 2 * DAY;

/// What is booked and what is final at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Unix seconds.
    pub(crate) now: i64,
}

impl Clock {
    /// Only what began before this moment is booked.
    pub(crate) fn horizon(self) -> i64 {
        (self.now - LATE).div_euclid(STEP) * STEP
    }

    /// Whether a day may still change.
    pub(crate) fn is_open(self, day: NaiveDate) -> bool {
        start_of(day) + DAY + OPEN > self.now
    }

    /// The UTC day.
    pub(crate) fn today(self) -> NaiveDate {
        day_of(self.now)
    }
}

/// The UTC day of a moment.
pub(crate) fn day_of(seconds: i64) -> NaiveDate {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().date_naive()
}

/// The moment a day begins.
pub(crate) fn start_of(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// A calendar month, UTC, by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Month(NaiveDate);

impl Month {
    pub(crate) fn of(day: NaiveDate) -> Self {
        Self(day - Days::new(u64::from(day.day0())))
    }

    pub(crate) fn first_day(self) -> NaiveDate {
        self.0
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0 + Months::new(1))
    }

    /// Months back.
    pub(crate) fn back(self, months: u32) -> Self {
        Self(self.0 - Months::new(months))
    }

    pub(crate) fn days(self) -> u32 {
        (self.next().0 - self.0).num_days() as u32
    }

    /// Unix seconds.
    pub(crate) fn start(self) -> i64 {
        start_of(self.0)
    }

    /// Unix seconds, not included.
    pub(crate) fn end(self) -> i64 {
        start_of(self.next().0)
    }
}
