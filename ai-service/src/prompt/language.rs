//! Text to tokens and back, as the scheduler and the HTTP surface need it.
//!
//! Not a tokenizer: `text` has the model's own, [`super::bytes`] the one of the scripted model. To add another, implement
//! [`Language`].

use std::fmt;

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The rules and the facts; never cut.
    System,
    /// Who asks.
    User,
    /// The model, before.
    Assistant,
}

impl Role {
    /// As chat templates call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What; plain text, whatever it looks like.
    pub content: String,
}

/// Why a conversation can't be written as a prompt: a sentence for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError(pub String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

/// The tokens of a model and what they say.
pub trait Language: Send + Sync {
    /// Tokens there are; ids are below it.
    fn vocabulary(&self) -> usize;

    /// A raw prompt: the token that begins a text, where the model has one, and the tokens of `text`. Nothing in `text`
    /// becomes a special token.
    fn raw(&self, text: &str) -> Vec<u32>;

    /// A conversation in the model's chat format, open for the assistant's answer. Nothing in the messages becomes a
    /// special token.
    ///
    /// # Errors
    /// The model's format has no place for these messages.
    fn chat(&self, messages: &[Message]) -> Result<Vec<u32>, TemplateError>;

    /// The bytes that a token adds to an answer; none for special tokens. Those of several tokens may make one character.
    fn bytes(&self, token: u32) -> &[u8];

    /// The tokens that end an answer; the first is the usual one. Never empty.
    fn ends(&self) -> &[u32];

    /// Whether the space that the first word of an answer brings along is left out.
    fn drops_first_space(&self) -> bool;
}
