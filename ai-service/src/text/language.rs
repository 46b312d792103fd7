//! A model's tokenizer as `prompt` asks for it.

use super::Tokenizer;
use crate::prompt::{Language, Message, TemplateError};

impl Language for Tokenizer {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn raw(&self, text: &str) -> Vec<u32> {
        self.encode_prompt(text)
    }

    fn chat(&self, messages: &[Message]) -> Result<Vec<u32>, TemplateError> {
        let messages: Vec<(&str, &str)> =
            messages.iter().map(|message| (message.role.name(), message.content.as_str())).collect();
        self.encode_chat(&messages)
    }

    fn bytes(&self, token: u32) -> &[u8] {
        Self::bytes(self, token)
    }

    fn ends(&self) -> &[u32] {
        Self::ends(self)
    }

    fn drops_first_space(&self) -> bool {
        Self::drops_first_space(self)
    }
}
