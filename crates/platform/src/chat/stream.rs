//! An answer as it is written: OpenAI's chunks, each the data of one Server-Sent Event, until `[DONE]`.

use std::collections::VecDeque;

use reqwest::Response;
use serde::Deserialize;

use super::{ChatError, failed};

/// Longest line, bytes.
const LONGEST_LINE: usize = 256 << 10;
/// Longest answer, bytes with everything around its text.
const LONGEST_ANSWER: usize = 8 << 20;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that goes on where the one before ended.
    Text(String),
    /// What it took, where the server tells it: once, at the end.
    Usage {
        /// Tokens of the conversation.
        prompt: u64,
        /// Tokens of the answer.
        completion: u64,
    },
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
}

#[derive(Default, Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

/// An answer that is being written. Dropping it cuts the connection.
#[derive(Debug)]
pub struct ChatStream {
    response: Response,
    lines: Lines,
}

impl ChatStream {
    pub(super) fn new(response: Response) -> Self {
        Self { response, lines: Lines::default() }
    }

    /// The next piece; `None` once the answer is whole.
    ///
    /// # Errors
    /// [`ChatError`]; an answer that ends without saying that it is whole is one.
    pub async fn next(&mut self) -> Result<Option<Piece>, ChatError> {
        loop {
            if let Some(piece) = self.lines.pieces.pop_front() {
                return Ok(Some(piece));
            }
            if self.lines.done {
                return Ok(None);
            }
            match self.response.chunk().await.map_err(failed)? {
                Some(bytes) => self.lines.push(&bytes)?,
                None => return Err(ChatError::Unreadable("an answer without its end")),
            }
        }
    }
}

/// Cuts what arrives into lines, and reads each that is whole.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
    read: usize,
    pub(super) pieces: VecDeque<Piece>,
    pub(super) done: bool,
}

impl Lines {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), ChatError> {
        self.read += bytes.len();
        if self.read > LONGEST_ANSWER {
            return Err(ChatError::Unreadable("an answer without end"));
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.rest);
                self.line(line.trim_ascii())?;
            } else if self.rest.len() > LONGEST_LINE {
                return Err(ChatError::Unreadable("a line without end"));
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), ChatError> {
        // Empty lines end events, and lines without a field name are comments that keep the connection alive.
        let Some(data) = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { return Ok(()) };
        if self.done {
            return Ok(());
        }
        if data == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(data).map_err(|_| ChatError::Unreadable("no chunk of an answer"))?;
        if chunk.error.is_some() {
            return Err(ChatError::Unreadable("an error in the middle of an answer"));
        }
        let text: String = chunk.choices.into_iter().take(1).filter_map(|choice| choice.delta.content).collect();
        if !text.is_empty() {
            self.pieces.push_back(Piece::Text(text));
        }
        if let Some(usage) = chunk.usage {
            let (prompt, completion) = (usage.prompt_tokens, usage.completion_tokens);
            self.pieces.push_back(Piece::Usage { prompt, completion });
        }
        Ok(())
    }
}
