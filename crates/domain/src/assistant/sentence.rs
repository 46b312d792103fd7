//! Sentences of the written answer: our words with places for facts, so that what they state needs no check.

use serde::{Deserialize, Serialize};

use super::Facts;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Our own words, with their spaces. Never text from AWS or from a question.
    Words(String),
    /// The value of the fact at this place of [`Facts::facts`].
    Fact(usize),
}

/// One sentence, with its full stop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Its pieces in order.
    pub parts: Vec<Part>,
}

impl Sentence {
    /// An empty one, to add to.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With words more.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Self {
        self.parts.push(Part::Words(words.into()));
        self
    }

    /// With the value of a fact more.
    #[must_use]
    pub fn fact(mut self, at: usize) -> Self {
        self.parts.push(Part::Fact(at));
        self
    }

    /// The facts it states.
    pub fn states(&self) -> impl Iterator<Item = usize> + '_ {
        self.parts.iter().filter_map(|part| if let Part::Fact(at) = part { Some(*at) } else { None })
    }

    /// The sentence as it is shown. A place without a fact shows nothing.
    #[must_use]
    pub fn render(&self, facts: &Facts) -> String {
        let part = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Fact(at) => facts.facts.get(*at).map(|fact| fact.value.to_string()).unwrap_or_default(),
        };
        self.parts.iter().map(part).collect()
    }

    pub(super) fn moved(mut self, by: usize) -> Self {
        for part in &mut self.parts {
            if let Part::Fact(at) = part {
                *at += by;
            }
        }
        self
    }
}
