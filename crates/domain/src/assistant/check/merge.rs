//! Merging of tokens that together are one figure: `twenty-one`, `April 30, 2026`, `19.5 connected hours`, `12 USD`.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::figure::{self, Figure};
use super::token::{self, Token};
use super::words;
use crate::money::Currency;
use crate::usage::Month;

/// Takes tokens from the front and puts what they make at the end.
struct Merger {
    tokens: Vec<Token>,
    at: usize,
    merged: Vec<Token>,
}

impl Merger {
    fn run(tokens: Vec<Token>, mut step: impl FnMut(&mut Self) -> Option<(usize, Figure)>) -> Vec<Token> {
        let mut merger = Self { merged: Vec::with_capacity(tokens.len()), tokens, at: 0 };
        while merger.at < merger.tokens.len() {
            let (length, token) = match step(&mut merger) {
                Some((length, figure)) => (length, Token::Figure(figure, merger.text(length))),
                None => (1, merger.tokens[merger.at].clone()),
            };
            merger.merged.push(token);
            merger.at += length;
        }
        merger.merged
    }

    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        if let Some(Token::Word(word)) = self.token(ahead) { Some(word) } else { None }
    }

    fn lower(&self, ahead: usize) -> String {
        self.word(ahead).map(str::to_lowercase).unwrap_or_default()
    }

    fn figure(&self, ahead: usize) -> Option<Figure> {
        if let Some(Token::Figure(figure, _)) = self.token(ahead) { Some(*figure) } else { None }
    }

    /// Whether the mark is there.
    fn mark(&self, ahead: usize, mark: char) -> bool {
        self.token(ahead) == Some(&Token::Mark(mark))
    }

    fn text(&self, length: usize) -> String {
        let texts: Vec<String> = self.tokens[self.at..self.at + length].iter().map(Token::text).collect();
        texts.join(" ")
    }
}

/// Numbers in words, and `no`, `none`, `nobody`.
pub(super) fn number_words(tokens: Vec<Token>) -> Vec<Token> {
    Merger::run(tokens, |merger| {
        if token::nothing(&merger.lower(0)) {
            return Some((1, Figure::Nothing));
        }
        let mut length = 0;
        let (mut sum, mut part) = (0_u64, None::<u64>);
        loop {
            let word = merger.lower(length);
            if let Some(number) = small(&word) {
                // `twenty one` and `hundred four` are one number, `two three` are two.
                let joins =
                    part.is_none_or(|part| part % 100 == 0 || (part % 10 == 0 && part % 100 >= 20 && number < 10));
                if !joins {
                    break;
                }
                part = Some(part.unwrap_or_default() + number);
            } else if let (Some(scale), Some(count)) = (words::scale(&word), part) {
                let scaled = count.checked_mul(scale)?;
                (sum, part) = if scale == 100 { (sum, Some(scaled)) } else { (sum.checked_add(scaled)?, Some(0)) };
            } else if word == "and" && length > 0 && part.is_some_and(|part| part % 100 == 0 && (part > 0 || sum > 0)) {
                // The `and` of `one hundred and four`.
                if small(&merger.lower(length + 1)).is_none() {
                    break;
                }
            } else {
                break;
            }
            length += 1;
        }
        part.map(|part| (length, Figure::Number(Decimal::from(sum + part))))
    })
}

fn small(word: &str) -> Option<u64> {
    let Some((tens, ones)) = word.split_once('-') else { return words::number(word) };
    let (tens, ones) = (words::number(tens)?, words::number(ones)?);
    (tens >= 20 && (1..10).contains(&ones)).then_some(tens + ones)
}

/// Dates and moments.
pub(super) fn dates(tokens: Vec<Token>) -> Vec<Token> {
    let days = Merger::run(tokens, |merger| {
        if let Some(month) = merger.word(0).and_then(figure::month) {
            return month_first(merger, month);
        }
        let day = day(merger.token(0)?)?;
        let of = usize::from(merger.lower(1) == "of");
        let month = merger.word(1 + of).and_then(figure::month)?;
        let comma = usize::from(merger.mark(2 + of, ','));
        match year(merger.token(2 + of + comma)) {
            Some(year) => Some((3 + of + comma, Figure::Day(NaiveDate::from_ymd_opt(year, month, day)?))),
            None => Some((2 + of, Figure::DayOf(month, day))),
        }
    });
    Merger::run(days, |merger| {
        let Some(Figure::Day(date)) = merger.figure(0) else { return None };
        let joint = usize::from(merger.mark(1, ',') || merger.lower(1) == "at");
        let Some(Figure::Clock(hour, minute)) = merger.figure(1 + joint) else { return None };
        Some((2 + joint, Figure::At(date, hour, minute)))
    })
}

fn month_first(merger: &Merger, month: u32) -> Option<(usize, Figure)> {
    if let Some(day) = merger.token(1).and_then(day) {
        let comma = usize::from(merger.mark(2, ','));
        return match year(merger.token(2 + comma)) {
            Some(year) => Some((3 + comma, Figure::Day(NaiveDate::from_ymd_opt(year, month, day)?))),
            None => Some((2, Figure::DayOf(month, day))),
        };
    }
    match year(merger.token(1)) {
        Some(year) => Some((2, Figure::Month(Month::new(year, month)?))),
        None => Some((1, Figure::MonthOf(month))),
    }
}

fn day(token: &Token) -> Option<u32> {
    match token {
        Token::Figure(Figure::Number(_), text) | Token::Id(text) => figure::day(text),
        _ => None,
    }
}

fn year(token: Option<&Token>) -> Option<i32> {
    match token {
        Some(Token::Figure(Figure::Number(_), text)) if text.len() == 4 => text.parse().ok(),
        _ => None,
    }
}

/// Units and currencies.
pub(super) fn units(tokens: Vec<Token>) -> Vec<Token> {
    Merger::run(tokens, |merger| {
        if let (Some(currency), Some(Figure::Number(number))) = (merger.word(0).and_then(currency), merger.figure(1)) {
            return Some((2, Figure::Money(number, currency)));
        }
        let Some(Figure::Number(mut number)) = merger.figure(0) else { return None };
        let mut length = 1;
        if let Some(scale) = words::scale(&merger.lower(1)) {
            number = number.checked_mul(Decimal::from(scale))?;
            length += 1;
        }
        if let Some(currency) = merger.word(length).and_then(currency) {
            return Some((length + 1, Figure::Money(number, currency)));
        }
        let next = merger.lower(length);
        match next.as_str() {
            _ if merger.mark(length, '%') => Some((length + 1, Figure::Percent(number))),
            "percent" => Some((length + 1, Figure::Percent(number))),
            "per" if merger.lower(length + 1) == "cent" => Some((length + 2, Figure::Percent(number))),
            "dollar" | "dollars" => Some((length + 1, Figure::Money(number, Currency::USD))),
            "us" if merger.lower(length + 1).starts_with("dollar") => {
                Some((length + 2, Figure::Money(number, Currency::USD)))
            }
            _ if hours(&next) => Some((length + 1, Figure::Hours(number))),
            // The word between stays where it can be checked: the figure is before it.
            "connected" | "billed" | "billable" | "total" | "usage" | "used" if hours(&merger.lower(length + 1)) => {
                Some((length, Figure::Hours(number)))
            }
            _ => (length > 1).then_some((length, Figure::Number(number))),
        }
    })
}

fn hours(word: &str) -> bool {
    matches!(word, "hour" | "hours" | "hrs" | "h")
}

/// The currency that a word of three capitals is; not every such word is one, but no other is a figure's unit.
fn currency(word: &str) -> Option<Currency> {
    let known =
        ["USD", "EUR", "GBP", "JPY", "CNY", "CHF", "CAD", "AUD", "INR", "BRL", "SGD", "HKD", "SEK", "NOK", "DKK"];
    known.contains(&word).then(|| word.parse().ok()).flatten()
}
