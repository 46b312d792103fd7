//! Words of order: `more`, `less`, `since`, `rose`. They turn two figures into a comparison, so they stand only where our own words
//! have them in the same way.

use super::Refusal;
use super::bind::{Bound, Reading};
use super::clause;
use super::known::Ordered;
use super::ours;
use super::token::Token;
use super::words::{self, Twist};

/// Words of order must stand among the quantities as they do in one written sentence, or in the description of every quantity
/// of their clause.
pub(super) fn judge(reading: &Reading<'_>) -> Result<(), Refusal> {
    let mut said = Vec::new();
    let mut first = None;
    for (at, token) in reading.tokens.iter().enumerate() {
        match (token, reading.bound[at]) {
            (Token::Figure(figure, _), Bound::Part(fact) | Bound::Whole(fact)) if figure.is_quantity() => {
                said.push(Ordered::Fact(fact));
            }
            (Token::Word(word), _) => {
                let word = word.to_lowercase();
                let ours = || reading.mentions.joined[at] || is_described(reading, at, &word) || is_term(reading, at);
                if words::twist(&word) == Some(Twist::Order) && !ours() && !compares(reading, at) {
                    first.get_or_insert_with(|| word.clone());
                    said.push(Ordered::Word(word));
                }
            }
            // A figure that is no fact can't be ordered.
            (Token::Figure(..), Bound::Derived) => said.push(Ordered::Word("derived".to_owned())),
            _ => {}
        }
    }
    match first {
        Some(word) if !reading.known.orders.iter().any(|written| is_within(&said, written)) => {
            Err(Refusal::Twisted(word))
        }
        _ => Ok(()),
    }
}

/// Whether the word is a term of every quantity of its clause: `12 more` where that is the difference.
fn is_term(reading: &Reading<'_>, at: usize) -> bool {
    let terms = &reading.mentions.at[at];
    let has = |fact: &usize| terms.iter().any(|term| reading.known.terms(*fact).contains(term));
    let mut quantities = quantities(reading, at).into_iter().peekable();
    quantities.peek().is_some() && quantities.all(|fact| has(&fact))
}

/// `… more than in March`: whether this is the `than` of a difference from what has just the terms that follow it.
fn compares(reading: &Reading<'_>, at: usize) -> bool {
    let Some(clause) = reading.clauses.iter().find(|clause| clause.base == Some(at)) else { return false };
    let known = reading.known;
    let named: Vec<usize> = reading.mentions.at[at..clause.end].iter().flatten().copied().collect();
    let differences = quantities(reading, at);
    let is_base = |fact: usize| {
        let kind = clause::kind_of(&known.facts.facts[fact].value);
        let beside = differences.iter().any(|other| clause::kind_of(&known.facts.facts[*other].value) == kind);
        beside && known.terms(fact) == named && !differences.contains(&fact)
    };
    let texts = reading.tokens[at..clause.end].iter().any(|token| matches!(token, Token::Text(..)));
    let difference = at > 0 && is_term(reading, at - 1);
    difference && !texts && !named.is_empty() && (0..known.facts.facts.len()).any(is_base)
}

/// The quantities that the clause around a token states.
fn quantities(reading: &Reading<'_>, at: usize) -> Vec<usize> {
    let Some(clause) = reading.clauses.iter().find(|clause| (clause.start..clause.end).contains(&at)) else {
        return Vec::new();
    };
    let facts = &reading.known.facts.facts;
    let mut stated = reading.facts_in(clause.start, clause.end);
    stated.retain(|fact| clause::kind_of(&facts[*fact].value).is_quantity());
    stated
}

/// Whether the description of every quantity of the clause has the word, before the same.
fn is_described(reading: &Reading<'_>, at: usize, word: &str) -> bool {
    let said = (word.to_owned(), ours::next(reading.tokens, at));
    let mut quantities = quantities(reading, at).into_iter().peekable();
    quantities.peek().is_some() && quantities.all(|fact| reading.known.vouched[fact].orders.contains(&said))
}

/// Whether all of `said` is in `written` in the same order, and no word of order between was left out.
fn is_within(said: &[Ordered], written: &[Ordered]) -> bool {
    (0..written.len()).any(|start| {
        let mut rest = said.iter().peekable();
        for item in &written[start..] {
            if rest.peek() == Some(&item) {
                rest.next();
            } else if matches!(item, Ordered::Word(_)) && rest.peek().is_some() {
                return false;
            }
            if rest.peek().is_none() {
                return true;
            }
        }
        rest.peek().is_none()
    })
}
