//! What an answer must say, and that it says no other figure. Phrases are found whole: `12` is not in `112`, nor in `12.5`.

use std::collections::BTreeSet;

/// Names with digits that are no figures.
const NAMES: [&str; 3] = ["us-east-1", "eu-central-1", "eu-west-3"];

/// What an answer must say. Every figure of it must be in one of these phrases.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// Each of these.
    says: Vec<String>,
    /// So many of these.
    among: Vec<(usize, BTreeSet<String>)>,
    /// These it may say beside.
    may: Vec<String>,
}

impl Expected {
    /// An answer that says this.
    pub(super) fn of(phrase: impl Into<String>) -> Self {
        Self::default().says(phrase)
    }

    /// This as well.
    pub(super) fn says(mut self, phrase: impl Into<String>) -> Self {
        self.says.push(phrase.into());
        self
    }

    /// So many of these as well.
    pub(super) fn among(mut self, count: usize, phrases: impl IntoIterator<Item = String>) -> Self {
        self.among.push((count, phrases.into_iter().collect()));
        self
    }

    /// These may be said, and need not.
    pub(super) fn may(mut self, phrases: impl IntoIterator<Item = String>) -> Self {
        self.may.extend(phrases);
        self
    }

    /// So many of these with the largest values. Which ones of the same value are told at the end is not looked at.
    pub(super) fn largest(mut self, most: usize, phrases: &[(i64, String)]) -> Self {
        let mut values: Vec<i64> = phrases.iter().map(|(value, _)| *value).collect();
        values.sort_unstable_by(|a, b| b.cmp(a));
        values.truncate(most);
        let Some(last) = values.last().copied() else { return self };
        let with = |fits: &dyn Fn(i64) -> bool| -> Vec<String> {
            phrases.iter().filter(|(value, _)| fits(*value)).map(|(_, phrase)| phrase.clone()).collect()
        };
        let (above, level) = (with(&|value| value > last), with(&|value| value == last));
        let rest = values.len() - above.len();
        self.says.extend(above);
        if level.len() > rest {
            return self.among(rest, level);
        }
        self.says.extend(level);
        self
    }

    /// What is wrong with an answer, in words.
    pub(super) fn wrong(&self, answer: &str) -> Vec<String> {
        let lacking = self.says.iter().filter(|phrase| !says(answer, phrase));
        let mut wrong: Vec<_> = lacking.map(|phrase| format!("it does not say {phrase:?}")).collect();
        for (count, phrases) in &self.among {
            let said = phrases.iter().filter(|phrase| says(answer, phrase)).count();
            if said != *count {
                let some: Vec<_> = phrases.iter().take(5).collect();
                wrong.push(format!("it says {said} instead of {count} of {} like {some:?}", phrases.len()));
            }
        }
        let names = NAMES.iter().map(|name| (*name).to_owned());
        let among = self.among.iter().flat_map(|(_, phrases)| phrases);
        let mut phrases: Vec<String> = self.says.iter().chain(among).chain(&self.may).cloned().chain(names).collect();
        // A phrase may be a part of another.
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        let rest = phrases.iter().fold(answer.to_owned(), |rest, phrase| without(&rest, phrase));
        let digit = |c: char| c.is_ascii_digit();
        let others: Vec<_> = rest.split_whitespace().filter(|word| word.contains(digit)).collect();
        if !others.is_empty() {
            wrong.push(format!("it has other figures: {}", others.join(" ")));
        }
        wrong
    }
}

/// Whether a text says this, not as a part of a longer word or figure.
pub(super) fn says(text: &str, phrase: &str) -> bool {
    !places(text, phrase).is_empty()
}

fn places(text: &str, phrase: &str) -> Vec<usize> {
    let found = text.match_indices(phrase).map(|(at, _)| at);
    found.filter(|at| stands_alone(&text[..*at], &text[*at + phrase.len()..])).collect()
}

/// Whether what is between these two ends where they begin. `1,204.5`, `2026-04-30`, `14:05` and `ws-1` are one word each, and
/// the sign of `-12` is a part of it.
fn stands_alone(before: &str, after: &str) -> bool {
    let word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let (mut before, mut after) = (before.chars().rev(), after.chars());
    let begins = match before.next() {
        Some('-') => false,
        Some('.' | ',' | ':') => !before.next().is_some_and(word),
        Some(sign) => !word(sign),
        None => true,
    };
    let ends = match after.next() {
        Some('.' | ',' | ':' | '-') => !after.next().is_some_and(word),
        Some(sign) => !word(sign),
        None => true,
    };
    begins && ends
}

/// The text without a phrase.
fn without(text: &str, phrase: &str) -> String {
    let (mut rest, mut done) = (String::new(), 0);
    for at in places(text, phrase) {
        if at >= done {
            rest.push_str(&text[done..at]);
            rest.push('|');
            done = at + phrase.len();
        }
    }
    rest.push_str(&text[done..]);
    rest
}

#[test]
fn figures_are_found_whole() {
    for (text, phrase, found) in [
        ("There are 12 WorkSpaces.", "12 WorkSpaces", true),
        ("There are 112 WorkSpaces.", "12 WorkSpaces", false),
        ("There are 1,012 WorkSpaces.", "012 WorkSpaces", false),
        ("It is 12.", "12", true),
        ("It is 12.5.", "12", false),
        ("It is 12,500.", "12", false),
        ("It is -12.", "12", false),
        ("It was on 2026-04-30.", "30", false),
        ("It was on 2026-04-30.", "2026-04-30", true),
        ("It was at 14:05.", "14", false),
        ("It is ws-12.", "12", false),
    ] {
        assert_eq!(says(text, phrase), found, "{phrase} in {text}");
    }
}

#[test]
fn every_figure_must_be_expected() {
    let of = |phrase: &str| Expected::of(phrase);
    assert_eq!(of("12 WorkSpaces").wrong("There are 12 WorkSpaces in us-east-1."), [""; 0]);
    assert_eq!(of("12 WorkSpaces").wrong("There are 12 WorkSpaces, of 50.").len(), 1);
    assert_eq!(of("12 WorkSpaces").wrong("There are 13 WorkSpaces.").len(), 2);
    assert_eq!(of("12").may(["in April 2026".to_owned()]).wrong("There were 12 in April 2026."), [""; 0]);
    assert_eq!(Expected::default().wrong("Stopping is done in the list.").len(), 0);
    assert_eq!(Expected::default().wrong("There are 3.").len(), 1);

    let groups = [(5_i64, "5 a"), (3, "3 b"), (3, "3 c"), (1, "1 d")].map(|(value, phrase)| (value, phrase.to_owned()));
    let largest = || Expected::default().largest(2, &groups);
    assert_eq!(largest().wrong("5 a and 3 b"), [""; 0]);
    assert_eq!(largest().wrong("5 a and 3 c"), [""; 0]);
    assert_eq!(largest().wrong("5 a, 3 b and 3 c").len(), 1);
    assert_eq!(largest().wrong("5 a and 1 d").len(), 2);
    assert_eq!(largest().wrong("3 b and 3 c").len(), 2);
}
