//! From a sentence to tokens. Only printable ASCII and a few typographic marks are read: what else there is, such as digits
//! of another script, letters that look like ours or characters that show nothing, is [`Token::Strange`].

use super::figure::{self, Figure};
use super::{Refusal, words};
use crate::money::Currency;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word of letters, with apostrophes and hyphens inside.
    Word(String),
    /// Letters with digits or signs: an id, an address, a name.
    Id(String),
    /// A figure, as it was written and as it is understood.
    Figure(Figure, String),
    /// The text of a fact, whole; the facts that have it.
    Text(String, Vec<usize>),
    /// In a written sentence: the value of this fact.
    Fact(usize),
    /// A mark between words. Every dash between blanks is `-`.
    Mark(char),
    /// A character that no sentence of ours has.
    Strange(char),
}

impl Token {
    /// The word in lower case, without typographic apostrophes.
    pub(super) fn word(&self) -> Option<String> {
        if let Self::Word(word) = self { Some(word.to_lowercase()) } else { None }
    }

    /// As it was written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Word(text) | Self::Id(text) | Self::Figure(_, text) | Self::Text(text, _) => text.clone(),
            Self::Mark(mark) | Self::Strange(mark) => mark.to_string(),
            Self::Fact(_) => String::new(),
        }
    }
}

/// Reads a text that has no text of a fact in it, and adds its tokens.
pub(super) fn read(text: &str, tokens: &mut Vec<Token>) {
    let chars: Vec<char> = text.chars().map(usual).collect();
    let mut at = 0;
    while let Some(&here) = chars.get(at) {
        if here == ' ' {
            at += 1;
            continue;
        }
        let start = at;
        let before = at.checked_sub(1).and_then(|before| chars.get(before)).copied();
        let signs = sign_length(&chars[at..], before);
        at += signs;
        if chars.get(at).is_some_and(char::is_ascii_alphanumeric) {
            at = chunk_end(&chars, at);
            let chunk: String = chars[start..at].iter().collect();
            let end = chars.get(at).copied();
            tokens.push(chunk_token(chunk, end == Some('%')));
            at += usize::from(end == Some('%') && matches!(tokens.last(), Some(Token::Figure(Figure::Percent(_), _))));
            continue;
        }
        let alone = !before.is_some_and(|c| c.is_ascii_alphanumeric());
        tokens.push(match here {
            ',' | ';' | ':' | '(' | ')' | '"' | '.' | '!' | '?' | '%' | '\'' => Token::Mark(here),
            '-' if alone => Token::Mark('-'),
            // A dash may touch words, but between digits it makes a range or a sum.
            '—' | '–' if alone || !chars.get(at + 1).is_some_and(char::is_ascii_digit) => Token::Mark('-'),
            strange => Token::Strange(strange),
        });
        at = start + 1;
    }
}

/// Refuses what no sentence may have, whatever the facts are.
pub(super) fn readable(tokens: &[Token]) -> Result<(), Refusal> {
    for pair in tokens.windows(2) {
        let quantity = |token: &Token| matches!(token, Token::Figure(figure, _) if figure.is_quantity());
        if quantity(&pair[0]) && quantity(&pair[1]) {
            return Err(Refusal::UnknownFigure(format!("{} {}", pair[0].text(), pair[1].text())));
        }
    }
    for token in tokens {
        match token {
            Token::Strange(strange) => return Err(Refusal::UnknownWord(strange.escape_default().to_string())),
            Token::Mark('?') => return Err(Refusal::Twisted("?".to_owned())),
            Token::Mark(mark @ ('"' | '\'' | '%')) => return Err(Refusal::UnknownWord(mark.to_string())),
            _ => {}
        }
    }
    Ok(())
}

/// Merges tokens that are one figure together: dates, units, currencies, numbers in words.
pub(super) fn merge(tokens: Vec<Token>) -> Vec<Token> {
    super::merge::units(super::merge::dates(super::merge::number_words(tokens)))
}

/// Typographic variants as ASCII.
fn usual(c: char) -> char {
    match c {
        '\u{2019}' | '\u{2018}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{a0}' | '\u{202f}' => ' ',
        '\u{2212}' | '\u{2011}' | '\u{2010}' => '-',
        other => other,
    }
}

/// How many characters before a number belong to it: a minus, a currency's sign.
fn sign_length(chars: &[char], before: Option<char>) -> usize {
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return 0;
    }
    let minus = usize::from(chars.first() == Some(&'-'));
    let currency = usize::from(chars.get(minus).is_some_and(|c| symbol(*c).is_some()));
    if chars.get(minus + currency).is_some_and(char::is_ascii_digit) { minus + currency } else { 0 }
}

/// The currency of a sign.
fn symbol(sign: char) -> Option<Currency> {
    match sign {
        '$' => Some(Currency::USD),
        '€' => "EUR".parse().ok(),
        '£' => "GBP".parse().ok(),
        _ => None,
    }
}

/// Where letters, digits and what joins them end.
fn chunk_end(chars: &[char], mut at: usize) -> usize {
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let joins = match c {
            '.' | ':' | '-' | '_' | '@' | '/' | '\'' | '+' | '&' | '=' | '#' => {
                next.is_some_and(|c| c.is_ascii_alphanumeric())
            }
            ',' => next.is_some_and(|c| c.is_ascii_digit()) && at > 0 && chars[at - 1].is_ascii_digit(),
            other => other.is_ascii_alphanumeric(),
        };
        if !joins {
            break;
        }
        at += 1;
    }
    at
}

fn chunk_token(chunk: String, percent: bool) -> Token {
    if chunk.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '\'') && !chunk.starts_with('-') {
        return Token::Word(chunk);
    }
    if let Some(time) = figure::time(&chunk) {
        return Token::Figure(time, chunk);
    }
    let (minus, body) = chunk.strip_prefix('-').map_or((false, chunk.as_str()), |body| (true, body));
    let sign = body.chars().next().and_then(|c| symbol(c).map(|currency| (currency, c.len_utf8())));
    let body = sign.map_or(body, |(_, length)| &body[length..]);
    let Some(number) = figure::number(body) else { return Token::Id(chunk) };
    let number = if minus { -number } else { number };
    let figure = match sign {
        Some((currency, _)) => Figure::Money(number, currency),
        None if percent => Figure::Percent(number),
        None => Figure::Number(number),
    };
    Token::Figure(figure, chunk)
}

/// Whether the words say nothing in a sentence but mark where a clause ends.
pub(super) fn separates(token: &Token) -> bool {
    match token {
        Token::Mark(mark) => matches!(mark, ',' | ';' | '-' | '.'),
        Token::Word(word) => matches!(
            word.as_str(),
            "and"
                | "And"
                | "but"
                | "while"
                | "While"
                | "whereas"
                | "Whereas"
                | "or"
                | "versus"
                | "vs"
                | "against"
                | "than"
                | "compared"
        ),
        _ => false,
    }
}

/// Whether the word counts nothing: `no`, `none`, `nobody`, `zero`.
pub(super) fn nothing(word: &str) -> bool {
    matches!(word, "no" | "none" | "nobody" | "zero")
}

/// Whether a figure or an id is there whose digits a reader would take for a number.
pub(super) fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_numeric()) || words::number(&text.to_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        read(text, &mut tokens);
        merge(tokens)
    }

    fn figures(text: &str) -> Vec<String> {
        tokens(text)
            .iter()
            .filter_map(|t| if let Token::Figure(f, _) = t { Some(format!("{f:?}")) } else { None })
            .collect()
    }

    #[test]
    fn figures_are_found_whole() {
        assert_eq!(figures("1,204 of 1204."), ["Number(1204)", "Number(1204)"]);
        assert_eq!(
            figures("$112,437.44 or 112,437.44 USD or USD 12"),
            ["Money(112437.44, Currency(USD))", "Money(112437.44, Currency(USD))", "Money(12, Currency(USD))"]
        );
        assert_eq!(
            figures("4.2 %, 4.2%, 4.2 percent, four per cent"),
            ["Percent(4.2)", "Percent(4.2)", "Percent(4.2)", "Percent(4)"]
        );
        assert_eq!(figures("19.5 hours, 19.5 connected hours"), ["Hours(19.5)", "Hours(19.5)"]);
        assert_eq!(
            figures("twelve, twenty-one, one hundred and four, two thousand"),
            ["Number(12)", "Number(21)", "Number(104)", "Number(2000)"]
        );
        assert_eq!(figures("-5 and -$5"), ["Number(-5)", "Money(-5, Currency(USD))"]);
        assert_eq!(figures("1.2 million"), ["Number(1200000.0)"]);
    }

    #[test]
    fn dates_are_found_however_they_are_written() {
        for text in
            ["2026-04-30", "April 30, 2026", "April 30th, 2026", "30 April 2026", "30th of April 2026", "Apr 30, 2026"]
        {
            assert_eq!(figures(text), ["Day(2026-04-30)"], "{text}");
        }
        assert_eq!(figures("30 April"), ["DayOf(4, 30)"]);
        assert_eq!(figures("April's"), ["MonthOf(4)"]);
        assert_eq!(figures("2026-04-30 14:05 UTC"), ["At(2026-04-30, 14, 5)"]);
        assert_eq!(figures("2026-04-30 at 14:05"), ["At(2026-04-30, 14, 5)"]);
        assert_eq!(tokens("April 2026"), tokens("April 2026"));
        assert_eq!(figures("April 2026").len(), 1);
    }

    #[test]
    fn what_is_not_a_figure_of_ours_is_an_id_or_strange() {
        for text in ["12x", "12-15", "12K", "3/4", "1e5", "14:05:33", "0x1F", "ws-1234", "a@b.example", "x.y"] {
            assert!(matches!(tokens(text).as_slice(), [Token::Id(_)]), "{text}: {:?}", tokens(text));
        }
        for text in
            ["١٢", "１２", "a\u{200b}b", "\u{202e}", "<b>", "*", "`", "½", "²", "–3", "12–15", "12 + 5", "\n", "аll"]
        {
            assert!(
                tokens(text).iter().any(|t| matches!(t, Token::Strange(_) | Token::Figure(Figure::Number(_), _))),
                "{text}"
            );
        }
        for text in ["١٢", "１２", "a\u{200b}b", "\u{202e}", "<b>", "*", "½", "²", "12–15", "12 + 5", "\n", "аll"]
        {
            assert!(tokens(text).iter().any(|t| matches!(t, Token::Strange(_))), "{text}");
        }
    }
}
