//! Sentences of the written answer: our words with places for facts, so that what they state needs no check.

use serde::{Deserialize, Serialize};

use super::{FactValue, Facts};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Our own words, with their spaces. Never text from AWS or from a question.
    Words(String),
    /// The value of the fact at this place of [`Facts::facts`].
    Fact(usize),
    /// The same, but a count of none is said as `no`: `There are no WorkSpaces`.
    OrNo(usize),
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

    /// With the value of a fact more, which is `no` where it counts none. Not for the beginning of a sentence.
    #[must_use]
    pub fn fact_or_no(mut self, at: usize) -> Self {
        self.parts.push(Part::OrNo(at));
        self
    }

    /// The facts it states.
    pub fn states(&self) -> impl Iterator<Item = usize> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Words(_) => None,
            Part::Fact(at) | Part::OrNo(at) => Some(*at),
        })
    }

    /// The sentence as it is shown. A place without a fact shows nothing.
    #[must_use]
    pub fn render(&self, facts: &Facts) -> String {
        let value = |at: usize| facts.facts.get(at).map(|fact| &fact.value);
        let part = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::OrNo(at) if value(*at) == Some(&FactValue::Count(0)) => "no".to_owned(),
            Part::Fact(at) | Part::OrNo(at) => value(*at).map(ToString::to_string).unwrap_or_default(),
        };
        self.parts.iter().map(part).collect()
    }

    pub(super) fn moved(mut self, by: usize) -> Self {
        for part in &mut self.parts {
            if let Part::Fact(at) | Part::OrNo(at) = part {
                *at += by;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_said_as_no_where_it_is_wanted() {
        let mut facts = Facts::default();
        let (none, some) = (FactValue::Count(0), FactValue::Count(1_204));
        let (none, some) = (facts.add("stopped", &["stopped"], none), facts.add("all", &["all"], some));
        let sentence = |at| Sentence::new().words("There are ").fact_or_no(at).words(" WorkSpaces.");
        assert_eq!(sentence(none).render(&facts), "There are no WorkSpaces.");
        assert_eq!(sentence(some).render(&facts), "There are 1,204 WorkSpaces.");
        assert_eq!(Sentence::new().fact(none).words(" are stopped.").render(&facts), "0 are stopped.");
        assert_eq!(sentence(none).moved(1), sentence(some));
        assert_eq!(sentence(none).states().collect::<Vec<_>>(), [none]);
    }
}
