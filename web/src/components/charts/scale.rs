//! From values to places on a chart: round steps for an axis of values, days that are worth a label, and numbers as they are
//! written beside them. Pure: no browser, so that it is tested natively.

use chrono::{Datelike as _, NaiveDate};

use crate::format::decimal;

/// What values are counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Things; the name of many of them, as in `people`.
    Count(&'static str),
    /// Hours.
    Hours,
    /// Money in this currency.
    Money(String),
}

impl Unit {
    /// The name of the axis.
    pub fn axis(&self) -> String {
        match self {
            Self::Count(name) => (*name).to_owned(),
            Self::Hours => "hours".to_owned(),
            Self::Money(currency) => currency.clone(),
        }
    }

    /// A value with its unit: `1,234`, `12.5 h`, `1,234.50 USD`.
    pub fn words(&self, value: f64) -> String {
        match self {
            Self::Count(_) => number(value, if value.fract().abs() < 0.05 { 0 } else { 1 }),
            Self::Hours => format!("{} h", number(value, if value.abs() < 99.95 { 1 } else { 0 })),
            Self::Money(currency) => format!("{} {currency}", number(value, 2)),
        }
    }
}

/// A number with that many decimals, thousands separated: `1,234.5`. What is no number is a dash.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    format!("{sign}{}", decimal(&text))
}

/// An axis of values that begins and ends at a round one and has zero on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Where it begins; never above zero.
    pub low: f64,
    /// Where it ends; above `low`.
    pub high: f64,
    /// From label to label: 1, 2 or 5 times a power of ten.
    pub step: f64,
}

impl Scale {
    /// An axis with room for these values, of about that many steps. Values that are no numbers do not count.
    pub fn around(values: impl IntoIterator<Item = f64>, steps: u32) -> Self {
        let fold = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let (low, high) = values.into_iter().filter(|v| v.is_finite()).fold((0.0, 0.0), fold);
        if high - low <= f64::EPSILON {
            return Self { low: 0.0, high: 1.0, step: 1.0 };
        }
        let rough = (high - low) / f64::from(steps.max(1));
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].into_iter().map(|n| n * power).find(|s| *s >= rough * 0.999).unwrap_or(10.0 * power);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// The values that get a label, from low to high.
    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round();
        // An axis has few steps; a broken one has none.
        (0..=40_u32).map(f64::from).take_while(|i| *i <= count + 0.5).map(|i| self.low + i * self.step).collect()
    }

    /// A label: as many decimals as the step needs.
    pub fn label(&self, value: f64) -> String {
        let decimals =
            if self.step >= 1.0 { 0 } else { (1..=4).find(|d| self.step * 1.001 >= 0.1_f64.powi(*d)).unwrap_or(4) };
        number(value, usize::try_from(decimals).unwrap_or(0))
    }

    /// Where a value lies, 0 at the low end and 1 at the high one.
    pub fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A day in words: `Thu 12 Nov 2026`.
pub fn day_words(day: NaiveDate) -> String {
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.weekday().num_days_from_monday() as usize];
    format!("{weekday} {} {} {}", day.day(), month(day), day.year())
}

/// Days from one to another, both included, in words: `1–30 Nov 2026`.
pub fn days_words(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return day_words(first);
    }
    let end = format!("{} {} {}", last.day(), month(last), last.year());
    let begin = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => return format!("{}–{end}", first.day()),
        (true, false) => format!("{} {}", first.day(), month(first)),
        (false, _) => format!("{} {} {}", first.day(), month(first), first.year()),
    };
    format!("{begin} – {end}")
}

fn month(day: NaiveDate) -> &'static str {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][day.month0() as usize]
}

/// Which days get a label, at most about that many: every one, every second, Mondays, or first days of months.
pub fn day_labels(days: &[NaiveDate], most: usize) -> Vec<(usize, String)> {
    let most = most.max(2);
    let all = || days.iter().enumerate();
    let plain = |(i, day): (usize, &NaiveDate)| (i, format!("{} {}", day.day(), month(*day)));
    for every in [1, 2] {
        if days.len().div_ceil(every) <= most {
            return all().step_by(every).map(plain).collect();
        }
    }
    for weeks in [1, 2] {
        let mondays = all().filter(|(_, day)| day.weekday().num_days_from_monday() == 0).step_by(weeks);
        if mondays.clone().count() <= most {
            return mondays.map(plain).collect();
        }
    }
    let firsts: Vec<_> = all().filter(|(_, day)| day.day() == 1).collect();
    let every = [1, 2, 3, 6, 12].into_iter().find(|every| firsts.len().div_ceil(*every) <= most).unwrap_or(24);
    let year = |i: usize, day: &NaiveDate| i == 0 || day.month() == 1 || every > 1;
    firsts
        .into_iter()
        .step_by(every)
        .enumerate()
        .map(|(n, (i, day))| {
            let words = if year(n, day) { format!("{} {}", month(*day), day.year()) } else { month(*day).to_owned() };
            (i, words)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, count: usize) -> Vec<NaiveDate> {
        first.parse::<NaiveDate>().unwrap().iter_days().take(count).collect()
    }

    #[test]
    fn axes_are_round_and_hold_every_value() {
        for (values, low, high, step) in [
            (vec![0.0, 7.3], 0.0, 8.0, 2.0),
            (vec![980.0], 0.0, 1000.0, 200.0),
            (vec![0.031], 0.0, 0.04, 0.01),
            (vec![-12.0, 88.0], -20.0, 100.0, 20.0),
            (vec![], 0.0, 1.0, 1.0),
            (vec![0.0, f64::NAN], 0.0, 1.0, 1.0),
        ] {
            let scale = Scale::around(values.clone(), 5);
            assert!((scale.low - low).abs() < 1e-9 && (scale.high - high).abs() < 1e-9, "{values:?}: {scale:?}");
            assert!((scale.step - step).abs() < 1e-9, "{values:?}: {scale:?}");
            assert!(scale.ticks().len() <= 8, "{scale:?}");
        }
        let scale = Scale::around([0.031], 4);
        assert_eq!(
            scale.ticks().into_iter().map(|t| scale.label(t)).collect::<Vec<_>>(),
            ["0.00", "0.01", "0.02", "0.03", "0.04"]
        );
    }

    #[test]
    fn values_lie_between_the_ends() {
        let scale = Scale::around([-20.0, 100.0], 6);
        assert!(scale.share(-20.0) < 1e-9 && (scale.share(100.0) - 1.0).abs() < 1e-9);
        assert!((scale.share(40.0) - 0.5).abs() < 1e-9);
        assert!(scale.share(1e9) <= 1.0);
    }

    #[test]
    fn numbers_and_units() {
        assert_eq!(number(1234.56, 1), "1,234.6");
        assert_eq!(number(-1234.0, 0), "−1,234");
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(f64::NAN, 2), "–");
        assert_eq!(Unit::Hours.words(12.34), "12.3 h");
        assert_eq!(Unit::Hours.words(1234.5), "1,234 h");
        assert_eq!(Unit::Money("USD".into()).words(3.0), "3.00 USD");
        assert_eq!(Unit::Count("people").words(3.0), "3");
    }

    #[test]
    fn days_in_words() {
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(day_words(day("2026-11-12")), "Thu 12 Nov 2026");
        assert_eq!(days_words(day("2026-11-01"), day("2026-11-30")), "1–30 Nov 2026");
        assert_eq!(days_words(day("2026-10-15"), day("2026-11-14")), "15 Oct – 14 Nov 2026");
        assert_eq!(days_words(day("2025-12-15"), day("2026-01-14")), "15 Dec 2025 – 14 Jan 2026");
        assert_eq!(days_words(day("2026-11-12"), day("2026-11-12")), "Thu 12 Nov 2026");
    }

    #[test]
    fn labels_of_days_are_few_and_regular() {
        let words = |days: &[NaiveDate], most| day_labels(days, most).into_iter().map(|(_, w)| w).collect::<Vec<_>>();
        assert_eq!(words(&days("2026-11-01", 3), 8), ["1 Nov", "2 Nov", "3 Nov"]);
        assert_eq!(words(&days("2026-11-01", 30), 8), ["2 Nov", "9 Nov", "16 Nov", "23 Nov", "30 Nov"]);
        assert_eq!(words(&days("2026-01-01", 365), 8)[..2], ["Jan 2026".to_owned(), "Mar 2026".to_owned()]);
        assert_eq!(words(&days("2026-10-15", 120), 6), ["Nov 2026", "Dec", "Jan 2027", "Feb"]);
        for count in 1..=400 {
            let labels = day_labels(&days("2025-11-20", count), 6);
            assert!(labels.len() <= 6, "{count}: {labels:?}");
            assert!(!labels.is_empty(), "{count}");
        }
    }
}
