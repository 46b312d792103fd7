//! Putting an answer together: what a model says is let out sentence by sentence, each checked against the facts; one that does
//! not hold is replaced by a written sentence, and what nobody has said at the end is said in written ones.

use std::collections::BTreeSet;

use domain::assistant::{Facts, check};

/// Sentences that are taken from a model at most.
const MOST_SENTENCES: u32 = 12;
/// After so many refused sentences in a row it has nothing to say.
const MOST_REFUSED_IN_A_ROW: u32 = 4;

/// An answer that is being put together.
#[derive(Debug)]
pub(super) struct Composer<'a> {
    facts: &'a Facts,
    /// Facts that a sentence shown so far states.
    stated: BTreeSet<usize>,
    /// Written sentences that were shown.
    used: BTreeSet<usize>,
    shown: Vec<String>,
    accepted: u32,
    refused: u32,
    refused_in_a_row: u32,
}

impl<'a> Composer<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            stated: BTreeSet::new(),
            used: BTreeSet::new(),
            shown: Vec::new(),
            accepted: 0,
            refused: 0,
            refused_in_a_row: 0,
        }
    }

    /// Takes a sentence of a model: what is to be shown in its place, if anything is.
    pub(super) fn take(&mut self, sentence: &str) -> Option<String> {
        match check(sentence, self.facts) {
            Ok(states) => {
                self.refused_in_a_row = 0;
                // What was said before is not said again.
                if states.iter().all(|fact| self.stated.contains(fact)) {
                    return None;
                }
                self.stated.extend(states);
                self.accepted += 1;
                self.shown.push(sentence.to_owned());
                Some(sentence.to_owned())
            }
            Err(refusal) => {
                // The sentence itself may hold anything, and belongs in no log.
                tracing::debug!(kind = kind(&refusal), "a sentence of a model was refused");
                self.refused += 1;
                self.refused_in_a_row += 1;
                self.next_written()
            }
        }
    }

    /// Whether there is nothing more to wait for from a model.
    pub(super) fn enough(&self) -> bool {
        let all = self.stated.len() == self.facts.facts.len();
        all || self.refused_in_a_row >= MOST_REFUSED_IN_A_ROW || self.accepted + self.refused >= MOST_SENTENCES
    }

    /// The next written sentence that says what nobody has said; `None` when all is said.
    pub(super) fn next_written(&mut self) -> Option<String> {
        let unsaid = |at: &usize| {
            let mut states = self.facts.sentences[*at].states().peekable();
            !self.used.contains(at) && (states.peek().is_none() || states.any(|fact| !self.stated.contains(&fact)))
        };
        let at = (0..self.facts.sentences.len()).find(unsaid)?;
        let sentence = &self.facts.sentences[at];
        self.used.insert(at);
        self.stated.extend(sentence.states());
        let text = sentence.render(self.facts);
        self.shown.push(text.clone());
        Some(text)
    }

    /// Whether a sentence of a model stands in the answer.
    pub(super) fn phrased(&self) -> bool {
        self.accepted > 0
    }

    /// Whether anything was shown.
    pub(super) fn begun(&self) -> bool {
        !self.shown.is_empty()
    }

    /// Takes how many sentences were refused since it was last asked.
    pub(super) fn take_refused(&mut self) -> u64 {
        u64::from(std::mem::take(&mut self.refused))
    }

    /// The whole answer.
    pub(super) fn into_answer(self) -> Vec<String> {
        self.shown
    }
}

fn kind(refusal: &domain::assistant::Refusal) -> &'static str {
    use domain::assistant::Refusal;
    match refusal {
        Refusal::UnknownFigure(_) => "unknown_figure",
        Refusal::WrongFact(_) => "wrong_fact",
        Refusal::UnknownWord(_) => "unknown_word",
        Refusal::Twisted(_) => "twisted",
        Refusal::SaysNothing => "says_nothing",
        Refusal::TooLong => "too_long",
    }
}

#[cfg(test)]
mod tests {
    use domain::assistant::{FactValue, Sentence};

    use super::*;

    fn facts() -> Facts {
        let mut facts = Facts::default();
        let stopped = facts.add("WorkSpaces in state STOPPED", &["stopped"], FactValue::Count(12));
        let available = facts.add("WorkSpaces in state AVAILABLE", &["available"], FactValue::Count(48));
        facts.sentences = vec![
            Sentence::new().fact(stopped).words(" WorkSpaces are stopped."),
            Sentence::new().fact(available).words(" WorkSpaces are available."),
            Sentence::new().words("The fleet was read from AWS."),
        ];
        facts
    }

    #[test]
    fn written_sentences_alone_are_a_whole_answer() {
        let facts = facts();
        let mut composer = Composer::new(&facts);
        while composer.next_written().is_some() {}
        assert!(!composer.phrased());
        let expected = ["12 WorkSpaces are stopped.", "48 WorkSpaces are available.", "The fleet was read from AWS."];
        assert_eq!(composer.into_answer(), expected);
    }

    #[test]
    fn what_is_refused_is_replaced_and_what_is_said_is_not_said_again() {
        let facts = facts();
        let mut composer = Composer::new(&facts);
        assert_eq!(composer.take("48 WorkSpaces are available.").as_deref(), Some("48 WorkSpaces are available."));
        assert_eq!(composer.take("48 WorkSpaces are available."), None);
        assert_eq!(composer.take("99 WorkSpaces are stopped.").as_deref(), Some("12 WorkSpaces are stopped."));
        assert!(composer.enough() && composer.phrased());
        assert_eq!(composer.take_refused(), 1);
        assert_eq!(composer.next_written().as_deref(), Some("The fleet was read from AWS."));
        assert_eq!(composer.next_written(), None);
    }

    #[test]
    fn facts_that_are_too_many_for_a_model_are_said_in_written_sentences() {
        let mut facts = Facts::default();
        for number in 0..200 {
            let name = format!("r{number}");
            let at = facts.add(format!("WorkSpaces in {name}"), &[&name], FactValue::Count(1_000 + number));
            facts.sentences.push(Sentence::new().fact(at).words(format!(" WorkSpaces are in {name}.")));
        }
        let asked = crate::assistant::prompt::phrasing("How many by region?", &facts);
        let told = asked.messages[1].content.matches("WorkSpaces in r").count();
        assert!((20..150).contains(&told), "{told} facts fit");
        let mut composer = Composer::new(&facts);
        // It says each that it was told, in an order of its own, until nobody listens any more.
        for number in (0..told).rev() {
            if composer.enough() {
                break;
            }
            composer.take(&format!("There are {} WorkSpaces in r{number}.", FactValue::Count(1_000 + number as u64)));
        }
        assert!(composer.phrased());
        while composer.next_written().is_some() {}
        let answer = composer.into_answer();
        for number in 0..200_u64 {
            let name = format!("r{number}.");
            let said: Vec<_> = answer.iter().filter(|sentence| sentence.ends_with(&name)).collect();
            assert!(
                said.len() == 1 && said[0].contains(&FactValue::Count(1_000 + number).to_string()),
                "{name} {said:?}"
            );
        }
    }

    #[test]
    fn a_model_that_babbles_is_not_listened_to_for_long() {
        let facts = facts();
        let mut composer = Composer::new(&facts);
        let mut taken = 0;
        while !composer.enough() {
            composer.take("Zorb quux 7 flibber.");
            taken += 1;
        }
        assert!(taken <= MOST_REFUSED_IN_A_ROW && !composer.phrased());
        while composer.next_written().is_some() {}
        assert_eq!(composer.into_answer().len(), 3);
    }
}
