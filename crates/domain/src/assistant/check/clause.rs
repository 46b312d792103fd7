//! Clauses: the stretches of a sentence that each state their own figures.
//!
//! A sentence is cut at commas, semicolons, dashes, `and`, `but`, `than` and their like. A stretch without a quantity belongs to the
//! clause before it, or, at the beginning of the sentence, to the first: then it is a frame (`In eu-west-1, …`), which holds
//! for the clauses that follow until one of them says otherwise.

use super::figure::Figure;
use super::token::{self, Token};
use crate::assistant::{FactValue, Facts};

/// A clause, by the places of its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clause {
    /// Where it begins, with what leads to it.
    pub start: usize,
    /// Where the stretch with its quantity begins.
    pub main: usize,
    /// After its last token.
    pub end: usize,
    /// Where what it is compared with begins, if that has no quantity of its own: `… more than in March`.
    pub base: Option<usize>,
}

/// What a quantity is a quantity of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Count,
    Money,
    Hours,
    Percent,
    Time,
    Text,
}

impl Kind {
    /// Whether it is so much of something.
    pub(super) fn is_quantity(self) -> bool {
        !matches!(self, Self::Time | Self::Text)
    }
}

impl Clause {
    /// After the last token of what it says itself.
    pub(super) fn body_end(&self) -> usize {
        self.base.unwrap_or(self.end)
    }
}

/// The kind of a fact's value.
pub(super) fn kind_of(value: &FactValue) -> Kind {
    match value {
        FactValue::Count(_) => Kind::Count,
        FactValue::Money(_) => Kind::Money,
        FactValue::Hours(_) => Kind::Hours,
        FactValue::Percent(_) => Kind::Percent,
        FactValue::Date(_) | FactValue::Month(_) | FactValue::Time(_) => Kind::Time,
        FactValue::Text(_) => Kind::Text,
    }
}

/// The kind of a token that is a quantity; `None` for one that is not.
pub(super) fn quantity(token: &Token, facts: &Facts) -> Option<Kind> {
    let kind = match token {
        Token::Figure(Figure::Number(_) | Figure::Nothing, _) => Kind::Count,
        Token::Figure(Figure::Money(..), _) => Kind::Money,
        Token::Figure(Figure::Hours(_), _) => Kind::Hours,
        Token::Figure(Figure::Percent(_), _) => Kind::Percent,
        Token::Fact(at) => facts.facts.get(*at).map_or(Kind::Text, |fact| kind_of(&fact.value)),
        _ => Kind::Text,
    };
    kind.is_quantity().then_some(kind)
}

/// Cuts a sentence. `forward` says of a stretch without a quantity (start, end), and of the clause before it, whether it rather
/// belongs to the next clause: it speaks of something else than the one before.
pub(super) fn split(tokens: &[Token], facts: &Facts, forward: impl Fn((usize, usize), &Clause) -> bool) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let mut pending: Option<usize> = None;
    for (start, end) in stretches(tokens, facts) {
        if tokens[start..end].iter().any(|token| quantity(token, facts).is_some()) {
            clauses.push(Clause { start: pending.take().unwrap_or(start), main: start, end, base: None });
        } else if pending.is_some() {
            continue;
        } else if let Some(last) = clauses.last_mut() {
            let compares = tokens[start].word().as_deref() == Some("than");
            if compares || last.base.is_some() {
                last.base.get_or_insert(start);
                last.end = end;
            } else if forward((start, end), last) {
                pending = Some(start);
            } else {
                last.end = end;
            }
        } else {
            pending = Some(start);
        }
    }
    if let Some(start) = pending {
        match clauses.last_mut() {
            Some(last) => last.end = tokens.len(),
            None => clauses.push(Clause { start, main: start, end: tokens.len(), base: None }),
        }
    }
    clauses
}

fn stretches(tokens: &[Token], facts: &Facts) -> Vec<(usize, usize)> {
    let mut stretches = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let cut = match token {
            Token::Mark('(') => opens_another(tokens, start, at, facts),
            Token::Mark(':') => tokens[start..at].iter().any(|token| quantity(token, facts).is_some()),
            token => token::separates(token),
        };
        if cut && at > start {
            stretches.push((start, at));
            start = at;
        }
    }
    if start < tokens.len() {
        stretches.push((start, tokens.len()));
    }
    stretches
}

/// Whether the parenthesis that opens here has a quantity of a kind that the stretch before it has too.
fn opens_another(tokens: &[Token], start: usize, at: usize, facts: &Facts) -> bool {
    let inside = tokens[at..].iter().take_while(|token| **token != Token::Mark(')'));
    let first = inside.filter_map(|token| quantity(token, facts)).next();
    first.is_some() && tokens[start..at].iter().any(|token| quantity(token, facts) == first)
}
