//! Figures: what a number, an amount, a date or a time in a sentence says, and whether that is what a fact says.

use chrono::{Datelike, NaiveDate, Timelike};
use rust_decimal::{Decimal, RoundingStrategy};

use super::super::FactValue;
use crate::money::Currency;
use crate::usage::Month;

/// What a figure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// A number without a unit.
    Number(Decimal),
    /// `no`, `none`, `nobody`: a count of nothing, or a denial.
    Nothing,
    /// An amount.
    Money(Decimal, Currency),
    /// Hours.
    Hours(Decimal),
    /// Of a hundred.
    Percent(Decimal),
    /// A day.
    Day(NaiveDate),
    /// A day of some year: month, day.
    DayOf(u32, u32),
    /// A month.
    Month(Month),
    /// A month of some year.
    MonthOf(u32),
    /// A time of day: hour, minute.
    Clock(u32, u32),
    /// A moment, to the minute.
    At(NaiveDate, u32, u32),
}

impl Figure {
    /// Whether it is so much of something, and not a time.
    pub(super) fn is_quantity(self) -> bool {
        matches!(self, Self::Number(_) | Self::Nothing | Self::Money(..) | Self::Hours(_) | Self::Percent(_))
    }

    /// Whether it is what the fact says. A part of a date is, where the rest is the fact's.
    pub(super) fn is(self, value: &FactValue) -> bool {
        match (self, value) {
            (Self::Number(number), FactValue::Count(count)) => number == Decimal::from(*count),
            (Self::Nothing, FactValue::Count(count)) => *count == 0,
            (Self::Money(amount, currency), FactValue::Money(money)) => {
                currency == money.currency
                    && (amount == money.amount || amount == money.rounded(currency.minor_digits()).amount)
            }
            (Self::Hours(number), FactValue::Hours(hours)) => number == *hours || number == one_decimal(*hours),
            (Self::Percent(number), FactValue::Percent(share)) => number == *share || number == one_decimal(*share),
            (time, FactValue::Date(date)) => time.is_day(*date),
            (Self::Month(month), FactValue::Month(of)) => month == *of,
            (Self::MonthOf(month), FactValue::Month(of)) => month == of.month(),
            (Self::Clock(hour, minute), FactValue::Time(at)) => (hour, minute) == (at.hour(), at.minute()),
            (Self::At(date, hour, minute), FactValue::Time(at)) => {
                (date, hour, minute) == (at.date_naive(), at.hour(), at.minute())
            }
            (time, FactValue::Time(at)) => time.is_day(at.date_naive()),
            _ => false,
        }
    }

    /// Whether it is the same time as one in our own words; it may leave the year out, but not add one.
    pub(super) fn is_time(self, ours: Self) -> bool {
        match (self, ours) {
            (Self::MonthOf(month), Self::Month(of)) => month == of.month(),
            (Self::DayOf(..), Self::Day(day)) => self.is_day(day),
            _ => self == ours && !self.is_quantity(),
        }
    }

    /// Whether a term that is a time is meant by it; whether its year is right is another question.
    pub(super) fn means(self, term: Self) -> bool {
        let month = matches!((self, term), (Self::Month(of), Self::MonthOf(month)) if month == of.month());
        month || self.is_time(term)
    }

    /// The unit that is said with it, as a term would have it.
    pub(super) fn unit(self) -> Option<String> {
        match self {
            Self::Money(_, currency) => Some(currency.as_str().to_lowercase()),
            Self::Hours(_) => Some("hour".to_owned()),
            Self::Percent(_) => Some("percent".to_owned()),
            _ => None,
        }
    }

    /// The year of a day or a month, where it is said.
    pub(super) fn year(self) -> Option<i32> {
        match self {
            Self::Day(day) | Self::At(day, ..) => Some(day.year()),
            Self::Month(month) => Some(month.year()),
            _ => None,
        }
    }

    fn is_day(self, date: NaiveDate) -> bool {
        match self {
            Self::Day(day) => day == date,
            Self::DayOf(month, day) => (month, day) == (date.month(), date.day()),
            _ => false,
        }
    }
}

/// As hours and percents are shown.
pub(super) fn one_decimal(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero)
}

/// Reads `1204`, `1,204` or `1,204.50`; commas only between groups of three.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if rest.is_some_and(|rest| !digits(rest)) {
        return None;
    }
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| digits(first))?;
    let mut grouped = false;
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        grouped = true;
    }
    // `0,123` is no number, and `007` is a name.
    if (grouped && first.len() > 3) || (first.len() > 1 && first.starts_with('0')) || (grouped && first == "0") {
        return None;
    }
    Decimal::from_str_exact(&text.replace(',', "")).ok()
}

/// Reads `2026-04-30`, `2026-04` or `14:05`.
pub(super) fn time(text: &str) -> Option<Figure> {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((hour, minute)) = text.split_once(':') {
        if !digits(hour, 2) || !digits(minute, 2) {
            return None;
        }
        let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
        return (hour < 24 && minute < 60).then_some(Figure::Clock(hour, minute));
    }
    if text.len() == 10 && digits(&text[..4.min(text.len())], 4) {
        return text.parse().ok().map(Figure::Day);
    }
    text.parse().ok().map(Figure::Month)
}

/// The month that the word names, which begins with a capital.
pub(super) fn month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let word = word.strip_suffix("'s").unwrap_or(word);
    let short = |month: &str| (word.len() == 3 && month.starts_with(word)) || (word == "Sept" && month == "September");
    MONTHS.iter().zip(1..).find(|(month, _)| **month == word || short(month)).map(|(_, number)| number)
}

/// The day of a month that `30` or `30th` is.
pub(super) fn day(text: &str) -> Option<u32> {
    let number: u32 =
        ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text).parse().ok()?;
    (1..=31).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |text: &str| number(text).map(|number| number.normalize().to_string());
        assert_eq!(read("1,204"), Some("1204".to_owned()));
        assert_eq!(read("1204"), Some("1204".to_owned()));
        assert_eq!(read("112,437.44"), Some("112437.44".to_owned()));
        assert_eq!(read("0.5"), Some("0.5".to_owned()));
        for wrong in
            ["12,04", "1,2045", ",204", "1,204,", "1.2.3", "1.", ".5", "1,,204", "0,123", "007", "1e5", "", "١٢"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_read() {
        let day = NaiveDate::from_ymd_opt(2026, 4, 30).unwrap();
        assert_eq!(time("2026-04-30"), Some(Figure::Day(day)));
        assert_eq!(time("2026-04"), Month::new(2026, 4).map(Figure::Month));
        assert_eq!(time("14:05"), Some(Figure::Clock(14, 5)));
        for wrong in ["2026-13-01", "24:00", "1:05", "14:60", "2026-4-3", "12-15", "14:05:33", "2026"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        assert_eq!((month("April"), month("Sept"), month("may"), month("Mayor")), (Some(4), Some(9), None, None));
    }
}
