//! What of a conversation goes into the prompt when not all of it fits.
//!
//! The rule: system messages (the rules and the facts) and the last question are never cut. Of what was said before, the
//! oldest turn goes first: a question with everything up to the next question. Nothing is ever shortened within, and what
//! was dropped is told to the caller. A caller that wants none of it says so and is refused instead.

use super::language::{Language, Message, Role, TemplateError};

/// What to do with a conversation that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// Drop the oldest turns.
    #[default]
    DropOldest,
    /// Refuse it.
    Refuse,
}

/// A prompt that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// Its tokens.
    pub tokens: Vec<u32>,
    /// Messages of the conversation that are not in it.
    pub dropped: usize,
}

/// Why there is no prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// Even what may not be cut is too long: its tokens.
    TooLong(usize),
    /// The model's format has no place for these messages.
    Template(TemplateError),
}

/// The prompt of `messages` in at most `budget` tokens.
///
/// # Errors
/// See [`Unfit`].
pub fn fit(language: &dyn Language, messages: &[Message], budget: usize, overflow: Overflow) -> Result<Fitted, Unfit> {
    let tokens = language.chat(messages).map_err(Unfit::Template)?;
    if tokens.len() <= budget {
        return Ok(Fitted { tokens, dropped: 0 });
    }
    if overflow == Overflow::Refuse {
        return Err(Unfit::TooLong(tokens.len()));
    }
    // The fewest turns that must go: each one that goes makes it shorter.
    let ends = turn_ends(messages);
    if ends.is_empty() {
        return Err(Unfit::TooLong(tokens.len()));
    }
    let render = |turns: usize| -> Result<(usize, Vec<u32>), Unfit> {
        let until = turns.checked_sub(1).map_or(0, |last| ends[last]);
        let kept = messages.iter().enumerate().filter(|(at, message)| *at >= until || message.role == Role::System);
        let kept: Vec<Message> = kept.map(|(_, message)| message.clone()).collect();
        let tokens = language.chat(&kept).map_err(Unfit::Template)?;
        Ok((messages.len() - kept.len(), tokens))
    };
    let (mut low, mut high) = (1, ends.len());
    let (dropped, tokens) = render(high)?;
    if tokens.len() > budget {
        return Err(Unfit::TooLong(tokens.len()));
    }
    let mut best = (dropped, tokens);
    while low < high {
        let middle = low + (high - low) / 2;
        let (dropped, tokens) = render(middle)?;
        if tokens.len() <= budget {
            (high, best) = (middle, (dropped, tokens));
        } else {
            low = middle + 1;
        }
    }
    Ok(Fitted { tokens: best.1, dropped: best.0 })
}

/// Where each turn that may be dropped ends: before every question but the first, the last of which is kept.
fn turn_ends(messages: &[Message]) -> Vec<usize> {
    let first = messages.iter().position(|message| message.role != Role::System).unwrap_or(messages.len());
    let questions = messages.iter().enumerate().filter(|(at, message)| *at > first && message.role == Role::User);
    questions.map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::bytes::Bytes;

    fn message(role: Role, content: &str) -> Message {
        Message { role, content: content.to_owned() }
    }

    fn text(tokens: &[u32]) -> String {
        let language = Bytes::new();
        let bytes = tokens.iter().flat_map(|token| language.bytes(*token)).copied().collect();
        String::from_utf8(bytes).unwrap()
    }

    fn conversation() -> Vec<Message> {
        vec![
            message(Role::System, "FACTS"),
            message(Role::User, "one?"),
            message(Role::Assistant, "1"),
            message(Role::User, "two?"),
            message(Role::System, "MORE"),
            message(Role::Assistant, "2"),
            message(Role::User, "three?"),
        ]
    }

    #[test]
    fn the_oldest_turns_go_and_the_facts_and_the_question_stay() {
        let (language, messages) = (Bytes::new(), conversation());
        let whole = language.chat(&messages).unwrap().len();
        let cases = [
            (whole, 0, "FACTSone?1two?MORE2three?"),
            (whole - 1, 2, "FACTStwo?MORE2three?"),
            (whole - 13, 4, "FACTSMOREthree?"),
        ];
        for (budget, dropped, expected) in cases {
            let fitted = fit(&language, &messages, budget, Overflow::DropOldest).unwrap();
            assert_eq!((fitted.dropped, text(&fitted.tokens).as_str()), (dropped, expected), "budget {budget}");
            assert!(fitted.tokens.len() <= budget);
        }
    }

    #[test]
    fn what_may_not_be_cut_is_refused_with_its_length() {
        let (language, messages) = (Bytes::new(), conversation());
        let least = [message(Role::System, "FACTS"), message(Role::System, "MORE"), message(Role::User, "three?")];
        let least = language.chat(&least).unwrap().len();
        assert_eq!(fit(&language, &messages, least - 1, Overflow::DropOldest), Err(Unfit::TooLong(least)));
        assert!(fit(&language, &messages, least, Overflow::DropOldest).is_ok());
        let whole = language.chat(&messages).unwrap().len();
        assert_eq!(fit(&language, &messages, whole - 1, Overflow::Refuse), Err(Unfit::TooLong(whole)));
        let one = [message(Role::User, "a question with no past")];
        assert!(matches!(fit(&language, &one, 5, Overflow::DropOldest), Err(Unfit::TooLong(_))));
    }
}
