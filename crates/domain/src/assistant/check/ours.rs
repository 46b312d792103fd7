//! What our own words say of a fact: those of its description and of the written sentences about it.

use std::collections::HashSet;
use std::ops::Range;

use super::figure::Figure;
use super::token::{self, Token};
use super::words::{self, Twist};
use crate::assistant::{Fact, FactValue, Facts};

/// What our own words say of one fact.
#[derive(Debug, Default)]
pub(super) struct Vouched {
    /// Classes of the words of its description.
    pub own: HashSet<String>,
    /// Classes of the words of its description and of every written sentence that states it.
    pub words: HashSet<String>,
    /// Numbers in our own words, with the class of the word that follows them.
    pub numbers: HashSet<(String, String)>,
    /// Times in our own words.
    pub times: Vec<Figure>,
    /// What is denied: the denial and the class of what follows it.
    pub denials: HashSet<(String, String)>,
    /// Whether it can't be told without a denial.
    pub must_deny: bool,
    /// Words that rank, round or widen, where our own words do.
    pub claims: HashSet<String>,
    /// Every word of its description and of the written sentences, in lower case.
    pub spoken: HashSet<String>,
    /// Words of order in its description, with the class of what follows them.
    pub orders: HashSet<(String, String)>,
    /// What stands before a text in written sentences, two tokens.
    pub places: HashSet<[String; 2]>,
}

/// What the description of a fact says.
pub(super) fn described(fact: &Fact) -> Vouched {
    let mut tokens = Vec::new();
    token::read(&fact.about, &mut tokens);
    let tokens = token::merge(tokens);
    let mut vouched = Vouched::default();
    note_words(&tokens, &mut vouched);
    note_twists(&tokens, 0..tokens.len(), &mut vouched);
    vouched.must_deny = !vouched.denials.is_empty();
    let kind = match fact.value {
        FactValue::Money(_) => &["cost"][..],
        FactValue::Hours(_) => &["hour"],
        FactValue::Month(_) => &["month"],
        FactValue::Date(_) => &["day"],
        _ => &[],
    };
    vouched.words.extend(kind.iter().map(|&word| word.to_owned()));
    // Its unit is said with every figure.
    vouched.spoken.extend(kind.iter().map(|&word| word.to_owned()));
    if let FactValue::Money(money) = &fact.value {
        vouched.spoken.insert(money.currency.as_str().to_lowercase());
    }
    vouched.own = vouched.words.iter().cloned().chain(fact.terms.iter().map(|term| words::class(term))).collect();
    vouched
}

/// Notes words, numbers and times.
pub(super) fn note_words(tokens: &[Token], said: &mut Vouched) {
    for (at, token) in tokens.iter().enumerate() {
        said.spoken.insert(token.text().to_lowercase());
        said.spoken.insert(words::key(&token.text()));
        match token {
            Token::Word(word) if words::twist(&word.to_lowercase()).is_none() => {
                said.words.insert(words::class(word));
                said.words.insert(words::key(word));
                said.words.extend(word.split('-').map(words::class));
            }
            Token::Id(id) => {
                said.words.insert(words::key(id));
            }
            Token::Figure(figure, _) if figure.is_quantity() => {
                let unit = next(tokens, at);
                if unit.chars().any(char::is_alphabetic) {
                    said.numbers.insert((format!("{figure:?}"), unit));
                }
            }
            Token::Figure(figure, _) => said.times.push(*figure),
            _ => {}
        }
    }
}

/// Notes denials, claims and words of order.
pub(super) fn note_twists(tokens: &[Token], range: Range<usize>, said: &mut Vouched) {
    for at in range {
        if matches!(tokens[at], Token::Figure(Figure::Nothing, _)) {
            said.denials.insert((words::denial(&tokens[at].text().to_lowercase()).to_owned(), next(tokens, at)));
        }
        let Some(word) = tokens[at].word() else { continue };
        match words::twist(&word) {
            Some(Twist::Denial) => {
                said.denials.insert((words::denial(&word).to_owned(), next(tokens, at)));
            }
            Some(Twist::Claim) => {
                said.claims.insert(word);
            }
            Some(Twist::Order) => {
                said.orders.insert((word, next(tokens, at)));
            }
            None => {}
        }
    }
}

/// The class of the next word that says something; `#` for a figure or a text, nothing at the end.
pub(super) fn next(tokens: &[Token], at: usize) -> String {
    for token in &tokens[at + 1..] {
        match token {
            Token::Word(word) if words::helps(&word.to_lowercase()) => {}
            Token::Word(word) => return words::class(word),
            Token::Id(id) => return words::key(id),
            Token::Figure(figure, _) if figure.is_quantity() => return format!("{figure:?}"),
            Token::Figure(..) | Token::Text(..) | Token::Fact(_) => return "#".to_owned(),
            Token::Mark(_) | Token::Strange(_) => return String::new(),
        }
    }
    String::new()
}

/// The two tokens before a place: classes of words, texts of facts as they are.
pub(super) fn before(tokens: &[Token], at: usize, facts: &Facts) -> [String; 2] {
    let shown = |back: usize| match at.checked_sub(back).and_then(|place| tokens.get(place)) {
        None => "^".to_owned(),
        Some(Token::Word(word)) => words::class(word),
        Some(Token::Mark(mark)) => mark.to_string(),
        Some(Token::Text(text, _)) => format!("#{text}"),
        Some(Token::Fact(fact)) => match facts.facts.get(*fact).map(|fact| &fact.value) {
            Some(FactValue::Text(text)) => format!("#{text}"),
            _ => "#".to_owned(),
        },
        Some(_) => "#".to_owned(),
    };
    [shown(2), shown(1)]
}

/// The time that a text is, as a whole.
pub(super) fn time(text: &str) -> Option<Figure> {
    let mut capital: String = text.chars().take(1).flat_map(char::to_uppercase).collect();
    capital.extend(text.chars().skip(1));
    let mut tokens = Vec::new();
    token::read(&capital, &mut tokens);
    match token::merge(tokens).as_slice() {
        [Token::Figure(figure, _)] if !figure.is_quantity() => Some(*figure),
        _ => None,
    }
}
