//! Stretches of time as people say them: `yesterday`, `last month`, `in April`, `between 3 and 10 November`, `since May`.
//!
//! A month, a day or a weekday without a year is the newest that has begun. "The last 7 days" end today, "the last 3 months"
//! are this month and the two before it. What lies wholly ahead is no period: nothing is known of it. A date such as
//! 11/03/2026, which two continents read differently, is none either.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::text::Word;
use crate::assistant::Period;
use crate::usage::Month;

/// A stretch of days, and whether its year was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: NaiveDate,
    to: NaiveDate,
    year_said: bool,
}

impl Span {
    fn new(from: NaiveDate, to: NaiveDate) -> Self {
        Self { from, to, year_said: true }
    }

    fn month(month: Month) -> Self {
        Self::new(month.first_day(), month.last_day())
    }
}

/// The period that begins at a place, and how many words say it. Where two are `compared`, "April to March" is not a range.
pub(super) fn period(words: &[Word], at: usize, today: NaiveDate, compared: bool) -> Option<(Period, usize)> {
    let led = matches!(text(words, at), "between" | "from" | "since");
    let range = if compared && !led { None } else { range(words, at, today) };
    let (span, used) = range.or_else(|| single(words, at, today))?;
    Some((as_period(span, today)?, used))
}

/// Two periods as one, if the second begins where the first ends.
pub(super) fn joined(first: Period, second: Period) -> Option<Period> {
    let (a, b) = (days(first), days(second));
    let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    (a.1.succ_opt() == Some(b.0)).then_some(Period::Days(a.0, b.1))
}

/// The first and the last day.
pub(super) fn days(period: Period) -> (NaiveDate, NaiveDate) {
    match period {
        Period::Month(month) => (month.first_day(), month.last_day()),
        Period::Days(from, to) => (from, to),
    }
}

/// Words of dates, for the mending of letters.
pub(super) fn long_words() -> impl Iterator<Item = &'static str> {
    MONTHS.iter().map(|names| names[0]).chain(WEEKDAYS.iter().map(|(name, _)| *name)).chain(["yesterday", "quarter"])
}

fn as_period(span: Span, today: NaiveDate) -> Option<Period> {
    let Span { from, to, .. } = span;
    if from > today || from > to {
        return None;
    }
    let month = Month::of_day(from);
    if (from, to) == (month.first_day(), month.last_day()) {
        return Some(Period::Month(month));
    }
    Some(Period::Days(from, to.min(today)))
}

/// `between A and B`, `from A to B`, `A to B`, `since A`.
fn range(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    let first = text(words, at);
    if first == "since" {
        let (span, used) = single(words, at + 1, today)?;
        return Some((Span::new(span.from, today), used + 1));
    }
    let led = usize::from(matches!(first, "between" | "from"));
    let begin = at + led;
    let start = single(words, begin, today);
    let number = day_number(text(words, begin));
    let used = match start {
        Some((_, used)) => used,
        None => number.map(|_| 1)?,
    };
    let joint = text(words, begin + used);
    let joins = match first {
        "between" => joint == "and",
        _ => matches!(joint, "to" | "until" | "till" | "through" | "-"),
    };
    if !joins {
        return None;
    }
    let (end, more) = match text(words, begin + used + 1) {
        "now" => (Span::new(today, today), 1),
        _ => single(words, begin + used + 1, today)?,
    };
    let mut from = match (start, number) {
        (Some((span, _)), _) => span.from,
        // "between 3 and 10 November": the month is that of the end.
        (None, Some(day)) if end.from == end.to => end.from.with_day(day)?,
        _ => return None,
    };
    if from > end.to && start.is_some_and(|(span, _)| !span.year_said) {
        from = from.checked_sub_months(Months::new(12))?;
    }
    let span = Span { from, to: end.to, year_said: end.year_said };
    (span.from <= span.to).then_some((span, led + used + 1 + more))
}

fn single(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    let the = usize::from(text(words, at) == "the");
    let begin = at + the;
    let (span, used) = relative(words, begin, today)
        .or_else(|| written(words, begin))
        .or_else(|| weekday(words, begin, today))
        .or_else(|| day_of_month(words, begin, today))
        .or_else(|| month_or_year(words, begin, today))?;
    Some((span, the + used))
}

/// `today`, `this week`, `last month`, `last 7 days`, `month to date`.
fn relative(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    match text(words, at) {
        "today" => return Some((Span::new(today, today), 1)),
        "yesterday" => return today.pred_opt().map(|day| (Span::new(day, day), 1)),
        "mtd" => return Some((Span::month(Month::of_day(today)), 1)),
        "ytd" => return Some((year_of(today)?, 1)),
        unit @ ("month" | "year") if text(words, at + 1) == "to" && text(words, at + 2) == "date" => {
            return Some((if unit == "month" { Span::month(Month::of_day(today)) } else { year_of(today)? }, 3));
        }
        _ => {}
    }
    let back = match text(words, at) {
        "this" | "current" | "running" => false,
        "last" | "past" | "previous" => true,
        _ => return None,
    };
    if back && let Some(count) = small_number(text(words, at + 1)) {
        let from = match text(words, at + 2) {
            // Hours are told by the day: the last 24 are yesterday and today.
            "hours" if count == 24 => today.pred_opt()?,
            "days" => today.checked_sub_days(Days::new(count.checked_sub(1)?.into()))?,
            "weeks" => today.checked_sub_days(Days::new((count * 7).checked_sub(1)?.into()))?,
            "months" => Month::of_day(today).first_day().checked_sub_months(Months::new(count.checked_sub(1)?))?,
            _ => return None,
        };
        return Some((Span::new(from, today), 3));
    }
    let span = match (text(words, at + 1), back) {
        ("month", false) => Span::month(Month::of_day(today)),
        ("month", true) => Span::month(Month::of_day(today).previous()),
        ("week", back) => {
            let monday = today.week(Weekday::Mon).checked_first_day()?;
            if back {
                Span::new(monday.checked_sub_days(Days::new(7))?, monday.pred_opt()?)
            } else {
                Span::new(monday, today)
            }
        }
        ("quarter", back) => {
            let begin = NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1)?;
            if back {
                Span::new(begin.checked_sub_months(Months::new(3))?, begin.pred_opt()?)
            } else {
                Span::new(begin, today)
            }
        }
        ("year", false) => year_of(today)?,
        ("year", true) => whole_year(today.year() - 1)?,
        _ => return None,
    };
    Some((span, 2))
}

/// `2026-11-03`, `2026-11`.
fn written(words: &[Word], at: usize) -> Option<(Span, usize)> {
    let word = text(words, at);
    if let Ok(month) = word.parse::<Month>() {
        return Some((Span::month(month), 1));
    }
    let day = (word.len() == 10).then(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok())??;
    (1..=9999).contains(&day.year()).then_some((Span::new(day, day), 1))
}

/// `Monday`, `last Monday`, `on Monday`: the newest before today; without `last`, today if it is one.
fn weekday(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    let last = usize::from(text(words, at) == "last");
    let name = text(words, at + last);
    let (_, wanted) = WEEKDAYS.iter().find(|(weekday, _)| *weekday == name)?;
    let mut back = (7 + today.weekday().num_days_from_monday() - wanted.num_days_from_monday()) % 7;
    if back == 0 && last == 1 {
        back = 7;
    }
    let day = today.checked_sub_days(Days::new(back.into()))?;
    Some((Span::new(day, day), last + 1))
}

/// `3 November`, `November 3rd 2026`, `3rd of November`.
fn day_of_month(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    let (day, month, used) = match (day_number(text(words, at)), month_name(words, at)) {
        (Some(day), _) => {
            let of = usize::from(text(words, at + 1) == "of");
            (day, month_name(words, at + 1 + of)?, 2 + of)
        }
        (None, Some(month)) => (day_number(text(words, at + 1))?, month, 2),
        (None, None) => return None,
    };
    let (year, said, more) = year_after(words, at + used, today);
    let mut found = NaiveDate::from_ymd_opt(year, month, day)?;
    if !said && found > today {
        found = NaiveDate::from_ymd_opt(year - 1, month, day)?;
    }
    Some((Span { from: found, to: found, year_said: said }, used + more))
}

/// `April`, `April 2026`, `April last year`, `2026`.
fn month_or_year(words: &[Word], at: usize, today: NaiveDate) -> Option<(Span, usize)> {
    let Some(month) = month_name(words, at) else {
        return Some((whole_year(year_number(text(words, at))?)?, 1));
    };
    let (year, said, more) = year_after(words, at + 1, today);
    let mut found = Month::new(year, month)?;
    if !said && found > Month::of_day(today) {
        found = Month::new(year - 1, month)?;
    }
    Some((Span { year_said: said, ..Span::month(found) }, 1 + more))
}

/// The year that is said after a month, whether it was said, and in how many words.
fn year_after(words: &[Word], at: usize, today: NaiveDate) -> (i32, bool, usize) {
    let of = usize::from(text(words, at) == "of");
    if let Some(year) = year_number(text(words, at + of)) {
        return (year, true, of + 1);
    }
    match (text(words, at), text(words, at + 1)) {
        ("this", "year") => (today.year(), true, 2),
        ("last", "year") => (today.year() - 1, true, 2),
        _ => (today.year(), false, 0),
    }
}

fn year_of(today: NaiveDate) -> Option<Span> {
    Some(Span::new(NaiveDate::from_ymd_opt(today.year(), 1, 1)?, today))
}

fn whole_year(year: i32) -> Option<Span> {
    Some(Span::new(NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
}

fn text(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

fn year_number(word: &str) -> Option<i32> {
    (word.len() == 4 && word.starts_with("20")).then(|| word.parse().ok())?
}

fn day_number(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    let short = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    short.then(|| digits.parse().ok())?.filter(|day| (1..=31).contains(day))
}

/// A number of at most three digits, or a written one.
pub(super) fn small_number(word: &str) -> Option<u32> {
    if (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok();
    }
    NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number)
}

/// The month at a place, 1 to 12. `may` is one only where no verb can be: after a preposition, or beside a number.
fn month_name(words: &[Word], at: usize) -> Option<u32> {
    let word = text(words, at);
    let place = MONTHS.iter().position(|names| names.contains(&word))?;
    let before = at.checked_sub(1).map_or("", |before| text(words, before));
    let beside_number = |word: &str| day_number(word).is_some() || year_number(word).is_some();
    let sure = word != "may"
        || [
            "in", "of", "for", "during", "since", "to", "and", "between", "from", "until", "through", "than", "with",
            "vs",
        ]
        .contains(&before)
        || beside_number(before)
        || beside_number(text(words, at + 1))
        || text(words, at + 1) == "of" && year_number(text(words, at + 2)).is_some();
    sure.then(|| u32::try_from(place + 1).ok())?
}

const MONTHS: &[&[&str]] = &[
    &["january", "jan"],
    &["february", "feb"],
    &["march", "mar"],
    &["april", "apr"],
    &["may"],
    &["june", "jun"],
    &["july", "jul"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct"],
    &["november", "nov"],
    &["december", "dec"],
];

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

const NUMBERS: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
    ("fourteen", 14),
    ("twenty", 20),
    ("thirty", 30),
    ("sixty", 60),
    ("ninety", 90),
];
