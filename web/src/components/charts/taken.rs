//! What a chart that is taken along says of itself: the days in the names of its files; days, clock and what narrows it under the
//! title of its picture. Pure.

use chrono::NaiveDate;

use super::scale::days_words;

/// What parts the words under a title.
const BETWEEN: &str = " · ";

/// What a chart is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Of {
    days: Option<(NaiveDate, NaiveDate)>,
    words: Vec<String>,
}

impl Of {
    /// Of days, the last one included, that are those of a time zone.
    pub fn days(first: NaiveDate, last: NaiveDate, zone: &str) -> Self {
        let last = last.max(first);
        Self { days: Some((first, last)), words: vec![format!("{} ({zone})", days_words(first, last))] }
    }

    /// With further words.
    #[must_use]
    pub fn and(mut self, words: impl Into<String>) -> Self {
        self.words.push(words.into());
        self
    }

    /// The name of a file, without its ending.
    pub fn file(&self, name: &str) -> String {
        match self.days {
            Some((first, last)) if first == last => format!("{name}-{first}"),
            Some((first, last)) => format!("{name}-{first}-to-{last}"),
            None => name.to_owned(),
        }
    }

    /// What it says, with what narrows it.
    pub fn words(&self, narrowed: Vec<String>) -> Vec<String> {
        self.words.iter().cloned().chain(narrowed).collect()
    }
}

/// Words one behind the other, in as many lines as it takes until each fits. What alone is too long has a line of its own.
pub fn lines(words: &[String], fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let longer = lines.last().map(|line| format!("{line}{BETWEEN}{word}")).filter(|line| fits(line));
        if longer.is_some() {
            lines.pop();
        }
        lines.push(longer.unwrap_or_else(|| word.clone()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn files_are_named_by_their_days() {
        let month = Of::days(day("2026-11-01"), day("2026-11-30"), "UTC");
        assert_eq!(month.file("usage-trend"), "usage-trend-2026-11-01-to-2026-11-30");
        assert_eq!(Of::days(day("2026-11-02"), day("2026-11-02"), "UTC").file("costs"), "costs-2026-11-02");
        assert_eq!(Of::default().file("costs"), "costs");
    }

    #[test]
    fn a_picture_says_days_clock_and_what_narrows_it() {
        let of = Of::days(day("2026-11-01"), day("2026-11-30"), "UTC").and("on the clock of Asia/Tokyo");
        assert_eq!(
            of.words(vec!["Region: eu-west-1".to_owned()]),
            ["1–30 Nov 2026 (UTC)", "on the clock of Asia/Tokyo", "Region: eu-west-1"]
        );
    }

    #[test]
    fn words_are_broken_where_they_do_not_fit() {
        let words = ["one", "two", "a long one", "four"].map(str::to_owned);
        let within = |most: usize| lines(&words, |line| line.chars().count() <= most);
        assert_eq!(within(99), ["one · two · a long one · four"]);
        assert_eq!(within(9), ["one · two", "a long one", "four"]);
        assert_eq!(within(1), words);
        assert_eq!(lines(&[], |_| true), Vec::<String>::new());
    }
}
