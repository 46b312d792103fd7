//! The fact check: whether a sentence that a model wrote may be shown.
//!
//! A sentence is shown only if every number, date, amount, name and id in it is a fact, each clause names the fact it states
//! the value of, and every other word is one of the closed vocabulary in `words.rs` or of our own words about the facts that
//! its clause states: what is not known to be harmless is a name, and a name must be a fact. It says nothing about style, and
//! never repairs: what is refused is replaced.
//!
//! How a sentence is read, in this order:
//!
//! 1. One that is a written sentence, word for word, is shown.
//! 2. Texts of facts are found whole (`mask.rs`); nothing in them counts as a figure or as a word of ours. The rest becomes
//!    words, ids and figures (`token.rs`, `merge.rs`, `figure.rs`); anything but plain characters is refused.
//! 3. It is cut into clauses (`clause.rs`), and each figure is bound to a fact of that value whose terms are all in the clause,
//!    where no term of a neighbour is (`bind.rs`). `12 of the 1,204 WorkSpaces are stopped` may state a whole beside its part.
//! 4. A figure that is no fact may be a sum, a difference or a share of facts in the same sentence (`derived.rs`).
//! 5. Every word is judged by the facts of its clause (`speech.rs`, `order.rs`): what denies, orders, ranks or rounds only as our own words
//!    about the same facts do.
//!
//! To let more sentences through: first make sure that the fact's description or a written sentence has the words; only then
//! add to `words.rs`. Each new way in wants its case in `tests/injection.rs`.

mod bind;
mod clause;
mod derived;
mod figure;
mod known;
mod mask;
mod merge;
mod order;
mod ours;
mod speech;
mod splitter;
mod token;
mod words;

#[cfg(test)]
mod tests;

use super::{Facts, Part, Sentence};
use token::Token;

pub use splitter::Splitter;

/// Most characters of a sentence that is looked at.
const SENTENCE_MAX: usize = 600;

/// Why a sentence is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A figure that is not among the facts.
    #[error("`{0}` is not a figure that was found out")]
    UnknownFigure(String),
    /// A figure that is a fact, but not the one that its clause speaks of.
    #[error("`{0}` is not the figure of what the sentence speaks of")]
    WrongFact(String),
    /// A word that is neither in the vocabulary nor in the facts.
    #[error("`{0}` is neither a fact nor an ordinary word")]
    UnknownWord(String),
    /// It denies or compares, which turns a fact into its opposite.
    #[error("`{0}` could turn a fact into something else")]
    Twisted(String),
    /// It states no fact.
    #[error("it states no fact")]
    SaysNothing,
    /// It is longer than a sentence is.
    #[error("it is too long")]
    TooLong,
}

/// Which facts the sentence states, by their place, each once; or why it is not shown. A written sentence that states none is
/// shown as well, with no place.
///
/// # Errors
/// [`Refusal`]: show the written sentence instead.
pub fn check(sentence: &str, facts: &Facts) -> Result<Vec<usize>, Refusal> {
    let sentence = sentence.trim();
    if let Some(written) = facts.sentences.iter().find(|written| written.render(facts).trim() == sentence) {
        return Ok(each_once(written.states().filter(|at| *at < facts.facts.len())));
    }
    // Four bytes are the most that a character has: what is longer is not even counted.
    if sentence.len() > 4 * SENTENCE_MAX || sentence.chars().count() > SENTENCE_MAX {
        return Err(Refusal::TooLong);
    }
    let tokens = mask::read(sentence, facts);
    token::readable(&tokens)?;
    let known = known::Known::new(facts);
    bind::Reading::new(&known, &tokens).stated()
}

/// The tokens of a written sentence.
fn written(sentence: &Sentence) -> Vec<Token> {
    let mut tokens = Vec::new();
    for part in &sentence.parts {
        match part {
            Part::Words(words) => token::read(words, &mut tokens),
            Part::Fact(at) | Part::OrNo(at) => tokens.push(Token::Fact(*at)),
        }
    }
    token::merge(tokens)
}

/// In their order, without repetition.
fn each_once(places: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut once = Vec::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}
