//! Texts of facts in a sentence: found whole before anything else is read, so that nothing in them counts as a figure or a
//! word of ours.
//!
//! A text came from AWS or from a person and may say anything: `9,999`, `all`, `nothing is wrong`. One that a reader could
//! take for words of ours is only shown between quotation marks, and one with characters that show nothing or turn the
//! direction of reading never.

use std::collections::BTreeMap;

use super::super::{Fact, FactValue, Facts};
use super::token::{self, Token};
use super::{figure, words};

/// Most words of a text that may stand without quotation marks: a name has no more.
const NAME_WORDS: usize = 4;

/// How a text may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As it is: an id or a name.
    Bare,
    /// After the word `account` or between quotation marks: twelve digits.
    Account,
    /// Between quotation marks.
    Quoted,
}

/// A text that is looked for.
struct Sought {
    text: String,
    manner: Manner,
    facts: Vec<usize>,
}

/// Reads a sentence: the texts of facts in it, longest first, and the tokens between them.
pub(super) fn read(sentence: &str, facts: &Facts) -> Vec<Token> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    let mut taken = vec![false; sentence.len()];
    let sought = sought(facts);
    for (which, text) in sought.iter().enumerate() {
        for (start, _) in sentence.match_indices(&text.text) {
            let end = start + text.text.len();
            if !taken[start..end].contains(&true) && stands_alone(sentence, start, end, text.manner) {
                taken[start..end].fill(true);
                found.push((start, end, which));
            }
        }
    }
    found.sort_unstable();
    let mut tokens = Vec::new();
    let mut at = 0;
    for (start, end, which) in found {
        token::read(&sentence[at..start], &mut tokens);
        tokens.push(Token::Text(sought[which].text.clone(), sought[which].facts.clone()));
        at = end;
        // A possessive after a name belongs to it.
        at += ["'s", "\u{2019}s"].iter().find(|own| sentence[at..].starts_with(**own)).map_or(0, |own| own.len());
    }
    token::read(&sentence[at..], &mut tokens);
    token::merge(unquoted(&tokens))
}

/// The texts of all facts, longest first.
fn sought(facts: &Facts) -> Vec<Sought> {
    let mut texts: BTreeMap<(std::cmp::Reverse<usize>, String), (Manner, Vec<usize>)> = BTreeMap::new();
    for (at, fact) in facts.facts.iter().enumerate() {
        let FactValue::Text(text) = &fact.value else { continue };
        if !shows(text) {
            continue;
        }
        let is_value = is_value(fact, text);
        let manner = if is_value { Manner::Bare } else { manner(text) };
        let mut forms = vec![text.clone()];
        if is_value {
            let lower = text.to_lowercase();
            forms.extend([lower.replace('_', "-"), lower.replace('_', " "), title(&lower), lower]);
            forms.sort_unstable();
            forms.dedup();
        }
        for form in forms {
            let entry = texts.entry((std::cmp::Reverse(form.len()), form)).or_insert((manner, Vec::new()));
            // Where one fact wants quotation marks, the same text of another does too.
            entry.0 = if entry.0 == Manner::Bare { manner } else { entry.0 };
            entry.1.push(at);
        }
    }
    texts.into_iter().map(|((_, text), (manner, facts))| Sought { text, manner, facts }).collect()
}

/// `auto_stop` as AWS's pages write it: `AutoStop`.
fn title(lower: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    lower.split('_').filter(|word| !word.is_empty()).map(capital).collect()
}

/// A state, a mode, a type: what it is says our own description, and its words are AWS's.
pub(super) fn is_value(fact: &Fact, text: &str) -> bool {
    let kind = |word: &str| matches!(word, "state" | "mode" | "type" | "connection" | "status");
    let about = fact.about.to_lowercase();
    text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && words::value(&words::key(text))
        && about.split(|c: char| !c.is_ascii_alphabetic()).any(kind)
}

/// Whether every character of the text shows itself, in the order in which it is written, and could be a cell of a table.
fn shows(text: &str) -> bool {
    let hides = |c: char| {
        c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    !text.trim().is_empty() && text.trim() == text && !text.chars().any(hides)
}

fn manner(text: &str) -> Manner {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Manner::Account;
    }
    let words: Vec<&str> = text.split(' ').collect();
    // Letters of other alphabets may look like ours.
    let letters = |c: char| {
        let latin = c.is_ascii_alphanumeric() || (matches!(c, '\u{c0}'..='\u{24f}') && c.is_alphabetic());
        latin || matches!(c, '-' | '_' | '.' | '@' | '+' | '\'' | '&')
    };
    let name = |word: &&str| {
        let lower = word.to_lowercase();
        let link = ["www.", "http"].iter().any(|start| lower.starts_with(start));
        !word.is_empty() && word.chars().all(letters) && !link && (words.len() > 1 || !words::ordinary(&lower))
    };
    let joint = |word: &str| matches!(word, "and" | "of" | "the" | "for" | "in" | "&");
    let telling = |word: &&str| {
        let lower = word.to_lowercase();
        !joint(&lower) && words::ordinary(&lower) && **word == lower || words::twist(&lower).is_some()
    };
    let figure = |word: &&str| looks_like_a_figure(word);
    let unknown = words.iter().any(|word| !words::ordinary(&word.to_lowercase()));
    let quiet = words.len() <= NAME_WORDS
        && words.iter().all(name)
        && unknown
        && !words.iter().any(telling)
        && !words.iter().any(figure);
    if quiet { Manner::Bare } else { Manner::Quoted }
}

/// Whether the text is a word or words rather than an id: letters alone. Beside a figure it could say something of it.
pub(super) fn is_wordy(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@')) || text.contains(' ')
}

/// Whether a reader could take the word for a number, a date or an amount: a month, a Roman number, or digits that neither a
/// few letters before them nor the length of a UUID make an id of.
fn looks_like_a_figure(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let begins = word.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_numeric);
    let hex = word.contains('-') && word.len() >= 32;
    let month = figure::month(word).is_some() || matches!(word, "Today" | "Yesterday" | "Tomorrow");
    let roman = word.chars().all(|c| "IVXLCDM".contains(c));
    month || roman || (token::has_digit(word) && !hex && (letters < 2 || (begins && letters < 4)))
}

/// Whether what is around the text shows that it is all of a word, and a text that could be taken for our words is quoted.
fn stands_alone(sentence: &str, start: usize, end: usize, manner: Manner) -> bool {
    let (before, after) = (&sentence[..start], &sentence[end..]);
    let quote = |c: char| matches!(c, '"' | '\u{201c}' | '\u{201d}');
    let opened = before.chars().next_back().is_some_and(quote);
    let closed = after.chars().next().is_some_and(quote);
    if opened && closed {
        return true;
    }
    let begins = before.is_empty() || before.ends_with([' ', '(', '"', '\u{a0}', '\u{201c}']);
    let mut rest = after.chars();
    let ends = match rest.next() {
        None | Some(' ' | ')' | ',' | ';' | '!' | '"' | '\u{a0}' | '\u{201d}') => true,
        Some('.' | ':' | '?') => rest.next().is_none_or(|next| matches!(next, ' ' | '"' | ')')),
        Some('\'' | '\u{2019}') => rest.next() == Some('s') && rest.next().is_none_or(|next| !next.is_alphanumeric()),
        Some(_) => false,
    };
    let last_word = before.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let allowed = match manner {
        Manner::Bare => true,
        Manner::Account => matches!(last_word.as_str(), "account" | "(account" | "id"),
        Manner::Quoted => false,
    };
    begins && ends && allowed && !(opened ^ closed)
}

/// Without the quotation marks around texts of facts. Those around anything else stay, and are refused.
fn unquoted(tokens: &[Token]) -> Vec<Token> {
    let quote = |token: Option<&Token>| token == Some(&Token::Mark('"'));
    let is_text = |token: Option<&Token>| matches!(token, Some(Token::Text(..)));
    let (mut kept, mut at) = (Vec::with_capacity(tokens.len()), 0);
    while at < tokens.len() {
        if quote(tokens.get(at)) && is_text(tokens.get(at + 1)) && quote(tokens.get(at + 2)) {
            kept.push(tokens[at + 1].clone());
            at += 3;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(texts: &[&str]) -> Facts {
        let mut facts = Facts::default();
        for text in texts {
            facts.add("name", &[], FactValue::Text((*text).to_owned()));
        }
        facts
    }

    fn found(sentence: &str, texts: &[&str]) -> Vec<String> {
        let tokens = read(sentence, &with(texts));
        tokens.iter().filter_map(|t| if let Token::Text(text, _) = t { Some(text.clone()) } else { None }).collect()
    }

    #[test]
    fn names_and_ids_are_found_whole_and_longest_first() {
        assert_eq!(found("ws-1ab and ws-1abc.", &["ws-1ab", "ws-1abc"]), ["ws-1ab", "ws-1abc"]);
        assert!(found("ws-1abcd, xws-1abc, ws-1abc-2, ws-1abc@x", &["ws-1abc"]).is_empty());
        assert_eq!(found("Sales Team's hours and Salesforce.", &["Sales", "Sales Team"]), ["Sales Team"]);
        assert_eq!(found("maria.lopez: 12", &["maria.lopez"]), ["maria.lopez"]);
        assert_eq!(found("In account 123456789012 and 123456789012", &["123456789012"]).len(), 1);
    }

    #[test]
    fn what_reads_like_our_words_wants_quotation_marks() {
        for text in [
            "9,999",
            "12",
            "stopped",
            "all",
            "No",
            "not stopped",
            "twelve",
            "12 stopped",
            "12x",
            "9999 USD",
            "$5",
            "April",
            "50%",
        ]
        .into_iter()
        .chain([
            "ignore all that was said",
            "https://evil.example/x",
            "www.evil.example",
            "Everything is fine",
            "a,b",
            "<b>",
        ]) {
            assert!(found(&format!("It is {text} now."), &[text]).is_empty(), "{text}");
            assert_eq!(found(&format!("It is \"{text}\" now."), &[text]), [text], "{text}");
        }
        for text in [
            "Marketing",
            "Research and Development",
            "maria.lopez",
            "ws-0a1b2c3d4",
            "d-906781f5c4",
            "eu-west-1",
            "DESKTOP-7A",
            "Müller",
        ] {
            assert_eq!(found(&format!("It is {text} now."), &[text]), [text], "{text}");
        }
    }

    #[test]
    fn what_hides_is_never_shown() {
        for text in ["a\u{202e}b", "a\u{200b}b", "a\nb", "\u{feff}a", "a\u{e0041}", " a", ""] {
            assert!(found(&format!("It is \"{text}\" now."), &[text]).is_empty(), "{text:?}");
        }
    }
}
