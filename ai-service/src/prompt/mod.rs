//! From messages to a prompt that fits: the language of the model and what of a long conversation is kept.
//!
//! It decides nothing about what is said in them. To change what is dropped from a conversation, see [`fit`].

#[cfg(any(test, feature = "testing"))]
pub mod bytes;
pub mod fit;
pub mod language;

pub use fit::{Fitted, Overflow, Unfit, fit};
pub use language::{Language, Message, Role, TemplateError};
