//! What is said of days beside the days before, a month before or a year before. Pure.

use chrono::NaiveDate;
use contract::usage::UsagePeriodView;
use domain::usage::Comparison;

use crate::components::charts::scale::number;

/// The days that a period is compared with, in words; they begin on `first`.
pub fn compared_words(period: &UsagePeriodView, first: NaiveDate) -> &'static str {
    match Comparison::of((period.from, period.to), first) {
        Some(Comparison::Month) => "a month before",
        Some(Comparison::Year) => "a year before",
        Some(Comparison::Previous) | None => "the days before",
    }
}

/// What changed against earlier days, whose words are `beside`; `None` where they can't be compared.
pub fn change(now: f64, before: f64, known: bool, beside: &str) -> Option<String> {
    known.then(|| match changed(now, before) {
        percent if percent.ends_with('%') => format!("{percent} on {beside}"),
        words => words,
    })
}

/// What changed against what was before.
pub fn changed(now: f64, before: f64) -> String {
    if before <= 0.0 {
        return if now > 0.0 { "none before" } else { "as before" }.to_owned();
    }
    let percent = (now - before) / before * 100.0;
    match percent.abs() {
        small if small < 0.5 => "as before".to_owned(),
        large if large >= 999.5 => format!("{} times as before", number(now / before, 0)),
        _ => format!("{}{} %", if percent > 0.0 { "+" } else { "" }, number(percent, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_said_only_where_they_can_be() {
        let beside = |now, before| change(now, before, true, "the days before");
        assert_eq!(beside(110.0, 100.0).as_deref(), Some("+10 % on the days before"));
        assert_eq!(beside(90.0, 100.0).as_deref(), Some("−10 % on the days before"));
        assert_eq!(beside(100.2, 100.0).as_deref(), Some("as before"));
        assert_eq!(beside(2000.0, 100.0).as_deref(), Some("20 times as before"));
        assert_eq!(beside(5.0, 0.0).as_deref(), Some("none before"));
        assert_eq!(change(5.0, 2.0, false, "the days before"), None);
        assert_eq!(change(110.0, 100.0, true, "a year before").as_deref(), Some("+10 % on a year before"));
        assert_eq!((changed(50.0, 100.0).as_str(), changed(0.0, 0.0).as_str()), ("−50 %", "as before"));
    }
}
