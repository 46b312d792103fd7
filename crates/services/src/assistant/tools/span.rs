//! The time that a call asks about: whole UTC days, in words and as facts.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::assistant::{FactValue, Facts, Period, Sentence};
use domain::usage::Month;

/// A stretch of whole UTC days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first day.
    pub(super) from: NaiveDate,
    /// The day after the last.
    pub(super) to: NaiveDate,
    /// The month, when it is a whole one.
    month: Option<Month>,
    today: NaiveDate,
}

impl Span {
    /// What a call asks about; the running month when it says nothing.
    pub(super) fn of(period: Option<Period>, now: DateTime<Utc>) -> Self {
        let today = now.date_naive();
        let (from, last, month) = match period.unwrap_or(Period::Month(Month::of_day(today))) {
            Period::Month(month) => (month.first_day(), month.last_day(), Some(month)),
            Period::Days(one, other) => (one.min(other), one.max(other), None),
        };
        Self { from, to: last.succ_opt().unwrap_or(last), month, today }
    }

    /// The last days, today included, when a call says nothing.
    pub(super) fn last_days(period: Option<Period>, days: u64, now: DateTime<Utc>) -> Self {
        let today = now.date_naive();
        let first = today.checked_sub_days(chrono::Days::new(days - 1)).unwrap_or(today);
        Self::of(Some(period.unwrap_or(Period::Days(first, today))), now)
    }

    /// Whether it lies wholly behind today.
    pub(super) fn is_ahead(&self) -> bool {
        self.from > self.today
    }

    /// Whether it is not over.
    pub(super) fn is_running(&self) -> bool {
        self.to > self.today && !self.is_ahead()
    }

    /// The first moment.
    pub(super) fn start(&self) -> DateTime<Utc> {
        self.from.and_time(NaiveTime::MIN).and_utc()
    }

    /// The first moment after it.
    pub(super) fn end(&self) -> DateTime<Utc> {
        self.to.and_time(NaiveTime::MIN).and_utc()
    }

    /// `in April 2026`, `on 2026-04-30`, `from 2026-04-01 to 2026-04-07`; with a capital at the beginning of a sentence.
    pub(super) fn said(&self, facts: &mut Facts, capital: bool) -> Sentence {
        let word =
            |small: &'static str, large: &'static str| Sentence::new().words(if capital { large } else { small });
        let last = self.to.pred_opt().unwrap_or(self.to);
        let mut date = |about: &str, day| facts.add(about, &[], FactValue::Date(day));
        match self.month {
            Some(month) => {
                let month = facts.add("month asked about", &[], FactValue::Month(month));
                word("in ", "In ").fact(month)
            }
            None if last == self.from => word("on ", "On ").fact(date("day asked about", last)),
            None => {
                let (first, last) = (date("first day asked about", self.from), date("last day asked about", last));
                word("from ", "From ").fact(first).words(" to ").fact(last)
            }
        }
    }

    /// What tells it from another.
    pub(super) fn terms(&self, other: &Self) -> Vec<String> {
        let (Some(month), Some(others)) = (self.month, other.month) else { return vec![self.from.to_string()] };
        if month.month() == others.month() {
            vec![month.year().to_string()]
        } else {
            vec![month.first_day().format("%B").to_string().to_lowercase()]
        }
    }

    /// The answer about a time that has not come yet.
    pub(super) fn not_yet(&self) -> Facts {
        let mut facts = Facts::default();
        let begin = facts.add("beginning of the time asked about", &[], FactValue::Date(self.from));
        facts.sentences.push(
            Sentence::new().words("What is asked about begins on ").fact(begin).words(", which has not come yet."),
        );
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(period: Option<Period>) -> Span {
        Span::of(period, "2026-11-21T10:00:00Z".parse().unwrap())
    }

    fn said(span: Span) -> String {
        let mut facts = Facts::default();
        span.said(&mut facts, false).render(&facts)
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(said(span(None)), "in November 2026");
        assert_eq!(said(span(Some(Period::Days(day("2026-11-02"), day("2026-11-02"))))), "on 2026-11-02");
        let turned = span(Some(Period::Days(day("2026-11-08"), day("2026-11-02"))));
        assert_eq!(said(turned), "from 2026-11-02 to 2026-11-08");
        assert_eq!((turned.is_running(), span(None).is_running()), (false, true));
        let ahead = span(Some(Period::Month("2027-01".parse().unwrap())));
        assert!(ahead.is_ahead() && !ahead.is_running());
        let year_before = span(Some(Period::Month("2025-11".parse().unwrap())));
        assert_eq!(year_before.terms(&span(None)), ["2025"]);
        assert_eq!(span(None).terms(&ahead), ["november"]);
        let week = Span::last_days(None, 7, "2026-11-21T10:00:00Z".parse().unwrap());
        assert_eq!(said(week), "from 2026-11-15 to 2026-11-21");
    }
}
