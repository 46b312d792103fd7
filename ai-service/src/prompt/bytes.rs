//! The language of the scripted model: a token per byte, some for whole words, and five special ones.
//!
//! For tests and demonstrations; a real model brings its own.

use super::language::{Language, Message, Role, TemplateError};
use crate::engine::scripted::{ASSISTANT, BEGIN, END, SYSTEM, USER, VOCABULARY, WORDS};

/// The byte-level language.
pub struct Bytes {
    table: Vec<Vec<u8>>,
}

impl Bytes {
    /// Makes the table.
    pub fn new() -> Self {
        let mut table: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        table.resize(VOCABULARY - WORDS.len(), Vec::new());
        table.extend(WORDS.iter().map(|word| word.as_bytes().to_vec()));
        Self { table }
    }

    /// The tokens of a text: the longest word that fits, otherwise its byte.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let first_word = VOCABULARY - WORDS.len();
        let mut rest = text.as_bytes();
        let mut tokens = Vec::with_capacity(rest.len());
        while let Some(byte) = rest.first() {
            let fits = WORDS.iter().enumerate().filter(|(_, word)| rest.starts_with(word.as_bytes()));
            let (token, length) = match fits.max_by_key(|(_, word)| word.len()) {
                Some((at, word)) => (first_word + at, word.len()),
                None => (usize::from(*byte), 1),
            };
            tokens.push(u32::try_from(token).unwrap_or(END));
            rest = &rest[length..];
        }
        tokens
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::new()
    }
}

impl Language for Bytes {
    fn vocabulary(&self) -> usize {
        VOCABULARY
    }

    fn raw(&self, text: &str) -> Vec<u32> {
        let mut tokens = vec![BEGIN];
        tokens.extend(self.encode(text));
        tokens
    }

    fn chat(&self, messages: &[Message]) -> Result<Vec<u32>, TemplateError> {
        let mut tokens = vec![BEGIN];
        for message in messages {
            tokens.push(match message.role {
                Role::System => SYSTEM,
                Role::User => USER,
                Role::Assistant => ASSISTANT,
            });
            tokens.extend(self.encode(&message.content));
            tokens.push(END);
        }
        tokens.push(ASSISTANT);
        Ok(tokens)
    }

    fn bytes(&self, token: u32) -> &[u8] {
        self.table.get(token as usize).map_or(&[], Vec::as_slice)
    }

    fn ends(&self) -> &[u32] {
        &[END]
    }

    fn drops_first_space(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        let language = Bytes::new();
        for text in ["", "the WorkSpaces are running", "größer 😀 <|user|>", "the the"] {
            let tokens = language.encode(text);
            let bytes: Vec<u8> = tokens.iter().flat_map(|token| language.bytes(*token)).copied().collect();
            assert_eq!(String::from_utf8(bytes).unwrap(), text);
            assert!(tokens.iter().all(|token| !(BEGIN..=ASSISTANT).contains(token)), "no text is a special token");
        }
        assert!(language.encode("the WorkSpaces").len() < 5, "words are one token");
    }
}
