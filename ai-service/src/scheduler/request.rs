//! What is asked of the scheduler and what it answers, apart from HTTP.

use std::fmt;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::grammar::Constraint;
use crate::sampling::Settings;

/// One answer that is wanted.
pub struct Request {
    /// Whose turn it uses up: callers take turns.
    pub caller: String,
    /// The prompt. At least one token.
    pub prompt: Vec<u32>,
    /// Most tokens of the answer. With the prompt no more than the context.
    pub max_tokens: usize,
    /// How tokens are chosen.
    pub settings: Settings,
    /// Strings that end the answer and are not in it.
    pub stops: Vec<String>,
    /// The shape of the answer, where it must have one.
    pub constraint: Option<Constraint>,
}

/// An answer as it comes. When it ends without [`Event::Finished`] or [`Event::Failed`], the engine broke under it.
/// Dropping it cancels the request within one step.
pub type Answer = UnboundedReceiver<Event>;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// More text, and the tokens it was made of where log probabilities were asked for.
    Text {
        /// Whole characters.
        text: String,
        /// In order; empty unless asked for.
        tokens: Vec<TokenInfo>,
    },
    /// It is whole.
    Finished {
        /// Why it ended.
        reason: Finish,
        /// What it took.
        usage: Usage,
    },
    /// It is not and won't be.
    Failed(Failure),
}

/// A token of an answer and how likely it was.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenInfo {
    /// Which.
    pub token: u32,
    /// Its natural log probability in the model's own distribution.
    pub logprob: f32,
    /// The likeliest tokens at its place, with theirs.
    pub top: Vec<(u32, f32)>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended it, or a stop string, or its shape is complete.
    Stop,
    /// It reached `max_tokens`.
    Length,
}

/// Tokens that a request took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// In the prompt.
    pub prompt: usize,
    /// Of them found in the cache.
    pub cached: usize,
    /// In the answer, with those of a stop string, without the one that ends it.
    pub completion: usize,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Room was made for a caller who had less waiting.
    Displaced,
    /// The service ends.
    Stopping,
    /// The engine could not be brought back.
    Unavailable,
    /// The model gave something that is no distribution.
    Model(String),
    /// The shape can't be followed any further.
    Shape(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Displaced => f.write_str("too many requests are waiting; others had fewer"),
            Self::Stopping => f.write_str("the service is stopping"),
            Self::Unavailable => f.write_str("the model is not available"),
            Self::Model(why) => write!(f, "the model failed: {why}"),
            Self::Shape(why) => write!(f, "the answer can't be brought into the shape that was asked for: {why}"),
        }
    }
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The queue is full. Come again after about so many seconds.
    Full {
        /// At least 1.
        retry_after: u64,
    },
    /// There is no model yet, or not any more.
    NotReady(String),
    /// The service ends.
    Stopping,
    /// The prompt, or what may come of it, can't be held.
    TooLong {
        /// Tokens asked for, prompt and answer.
        wanted: usize,
        /// Tokens there can be.
        context: usize,
    },
}
