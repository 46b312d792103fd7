//! Text to tokens and back, as the model's own file says.
//!
//! The crate `tokenizers` cuts plain text; which texts are marks (such as `<|end|>`) is kept here, apart from it, so that
//! nothing a user writes can become one: marks are looked for only in what the chat template itself wrote. It knows no
//! requests: `prompt` asks it through `Language`. To read another kind of vocabulary: a file beside `gguf` and `json` that
//! fills [`Parts`].

mod gguf;
#[cfg(test)]
mod golden_tests;
mod json;
mod language;
mod marks;
pub mod template;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::files::tokenizer::TokenizerData;
use crate::files::{FileError, ModelFile};
use crate::prompt::TemplateError;
use marks::{Marks, Piece};
use template::Template;

/// What the readers of vocabularies fill in.
struct Parts {
    /// Cuts plain text; knows no marks.
    plain: tokenizers::Tokenizer,
    /// The bytes of each token by id; none for marks.
    bytes: Vec<Vec<u8>>,
    marks: Marks,
    bos: Option<u32>,
    add_bos: bool,
    ends: Vec<u32>,
    drops_first_space: bool,
    template: Option<String>,
    /// What the template may call `bos_token` and `eos_token`.
    bos_text: String,
    eos_text: String,
}

/// A model's tokenizer and its form of a conversation.
pub struct Tokenizer {
    parts: Parts,
    template: Template,
    vocabulary: usize,
}

impl Tokenizer {
    /// The tokenizer of a model file.
    ///
    /// # Errors
    /// [`FileError::Tokenizer`] where there is none or it can't be used.
    pub fn of(model: &ModelFile) -> Result<Self, FileError> {
        Self::from_data(&model.tokenizer, model.config.vocabulary)
    }

    /// The same from what a file says, for a model with `rows` rows of logits.
    ///
    /// # Errors
    /// [`FileError::Tokenizer`].
    pub fn from_data(data: &TokenizerData, rows: usize) -> Result<Self, FileError> {
        let mut parts = match data {
            TokenizerData::Missing => {
                return refuse("the model has none; a Hugging Face folder needs its tokenizer.json");
            }
            TokenizerData::Gguf(vocabulary) => gguf::parts(vocabulary)?,
            TokenizerData::Json(files) => json::parts(files, rows)?,
        };
        if parts.bytes.len() > rows {
            return refuse(format!("{} tokens, and the model has {rows} rows for them", parts.bytes.len()));
        }
        parts.bytes.resize(rows, Vec::new());
        // A model that begins the next speaker's turn has ended its own.
        for mark in ["<|end|>", "<|endoftext|>", "<|im_end|>", "<|user|>", "<|assistant|>", "<|system|>"] {
            parts.ends.extend(parts.marks.id(mark));
        }
        let mut ends = Vec::new();
        for id in parts.ends.drain(..).filter(|id| (*id as usize) < rows) {
            if !ends.contains(&id) {
                ends.push(id);
            }
        }
        if ends.is_empty() {
            return refuse("no token ends an answer");
        }
        parts.ends = ends;
        let template = Template::new(parts.template.take(), &parts.bos_text, &parts.eos_text);
        Ok(Self { parts, template, vocabulary: rows })
    }

    /// Rows of logits; ids are below it.
    #[must_use]
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// The tokens of a text, none of them a mark; nothing is put before or after it.
    #[must_use]
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        self.encode_into(text, &mut tokens);
        tokens
    }

    /// The same with the mark that begins a text, where the model wants one.
    #[must_use]
    pub fn encode_prompt(&self, text: &str) -> Vec<u32> {
        let mut tokens: Vec<u32> = self.parts.bos.filter(|_| self.parts.add_bos).into_iter().collect();
        self.encode_into(text, &mut tokens);
        tokens
    }

    fn encode_into(&self, text: &str, tokens: &mut Vec<u32>) {
        if text.is_empty() {
            return;
        }
        // The model's parts were checked when they were read, and cutting text by them has no way to fail; a text that
        // could not be cut would be one without tokens.
        let Ok(encoding) = self.parts.plain.encode_fast(text, false) else { return };
        tokens.extend(encoding.get_ids().iter().filter(|id| !self.parts.marks.is_mark(**id)));
    }

    /// The tokens of a conversation, open for the answer. `messages` are pairs of role and text.
    ///
    /// # Errors
    /// A sentence, where neither the file's template nor Phi-3's own can be used.
    pub fn encode_chat(&self, messages: &[(&str, &str)]) -> Result<Vec<u32>, TemplateError> {
        let roles: Vec<&str> = messages.iter().map(|(role, _)| *role).collect();
        let spans = self.template.render(&roles, |mark| self.parts.marks.id(mark).is_some())?;
        let texts: Vec<&str> = messages.iter().map(|(_, text)| *text).collect();
        let mut tokens = Vec::new();
        for piece in self.parts.marks.cut(&spans, &texts) {
            match piece {
                Piece::Mark(id) => tokens.push(id),
                Piece::Text(text) => self.encode_into(&text, &mut tokens),
            }
        }
        if let Some(bos) = self.parts.bos.filter(|bos| self.parts.add_bos && tokens.first() != Some(bos)) {
            tokens.insert(0, bos);
        }
        Ok(tokens)
    }

    /// The bytes a token adds to a text; none for marks and for ids that stand for nothing.
    #[must_use]
    pub fn bytes(&self, token: u32) -> &[u8] {
        self.parts.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether an id is a mark.
    #[must_use]
    pub fn is_mark(&self, token: u32) -> bool {
        self.parts.marks.is_mark(token)
    }

    /// The tokens that end an answer, the usual one first; at least one.
    #[must_use]
    pub fn ends(&self) -> &[u32] {
        &self.parts.ends
    }

    /// Whether the first word of an answer brings a blank along that no one wrote.
    #[must_use]
    pub fn drops_first_space(&self) -> bool {
        self.parts.drops_first_space
    }

    /// Whether conversations are written by the file's own template; otherwise why not.
    #[must_use]
    pub fn template_trouble(&self) -> Option<&str> {
        self.template.trouble()
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("vocabulary", &self.vocabulary)
            .field("ends", &self.parts.ends)
            .finish_non_exhaustive()
    }
}

fn refuse<T>(sentence: impl Into<String>) -> Result<T, FileError> {
    Err(FileError::Tokenizer(sentence.into()))
}

/// A message of `tokenizers`, shortened: it may repeat the file.
fn broken(error: &dyn fmt::Display) -> FileError {
    FileError::Tokenizer(crate::files::error::shown(&error.to_string()))
}
