//! From GGUF metadata to what a tokenizer is made of. `text` makes the tokenizer.

use super::read::{Gguf, List, Value};
use crate::files::error::{FileError, shown};
use crate::files::tokenizer::{GgufVocabulary, TokenKind};

/// `None` where the file has no tokenizer.
pub(super) fn read(parsed: &Gguf<'_>, rows: usize) -> Result<Option<GgufVocabulary>, FileError> {
    let model = match parsed.text("tokenizer.ggml.model")? {
        None | Some("no_vocab" | "none") => return Ok(None),
        Some(model) => shown(model),
    };
    let list = parsed.list("tokenizer.ggml.tokens")?;
    let list = list.ok_or_else(|| FileError::MissingFigure("tokenizer.ggml.tokens".to_owned()))?;
    if list.count > rows {
        let sentence = format!("{} tokens, and the model has {rows} rows for them", list.count);
        return Err(FileError::Tokenizer(sentence));
    }
    let count = list.count;
    let tokens = texts(list, "tokenizer.ggml.tokens")?;
    let scores = column(parsed, "tokenizer.ggml.scores", count, |value| match value {
        Value::Float(score) if score.is_finite() => Some(score as f32),
        _ => None,
    })?;
    let kinds = column(parsed, "tokenizer.ggml.token_type", count, |value| match value {
        Value::Unsigned(number) => TokenKind::from_gguf(number),
        _ => None,
    })?;
    let merges = parsed.list("tokenizer.ggml.merges")?.map(|list| texts(list, "tokenizer.ggml.merges")).transpose()?;
    let id = |key: &str| -> Result<Option<u32>, FileError> {
        let id = parsed.number(&format!("tokenizer.ggml.{key}_token_id"))?;
        // Some converters write all ones for "none".
        Ok(id.and_then(|id| u32::try_from(id).ok()).filter(|id| (*id as usize) < count))
    };
    Ok(Some(GgufVocabulary {
        model,
        tokens,
        scores,
        kinds,
        merges: merges.unwrap_or_default(),
        bos: id("bos")?,
        eos: id("eos")?,
        eot: id("eot")?,
        unknown: id("unknown")?,
        add_bos: parsed.flag("tokenizer.ggml.add_bos_token")?,
        add_space_prefix: parsed.flag("tokenizer.ggml.add_space_prefix")?.unwrap_or(true),
        pre: parsed.text("tokenizer.ggml.pre")?.map(shown),
        template: parsed.text("tokenizer.chat_template")?.map(str::to_owned),
        model_name: parsed.text("general.name")?.map(shown).unwrap_or_default(),
    }))
}

fn texts(list: List<'_>, key: &str) -> Result<Vec<String>, FileError> {
    list.iter()
        .map(|value| match value? {
            Value::Text(text) => Ok(text.to_owned()),
            _ => Err(FileError::Header(format!("{key} is no list of texts"))),
        })
        .collect()
}

/// A figure for each token; empty where the file has none.
fn column<T>(
    parsed: &Gguf<'_>,
    key: &str,
    count: usize,
    of: impl Fn(Value<'_>) -> Option<T>,
) -> Result<Vec<T>, FileError> {
    let Some(list) = parsed.list(key)? else { return Ok(Vec::new()) };
    if list.count != count {
        return Err(FileError::Tokenizer(format!("{key} has {} entries for {count} tokens", list.count)));
    }
    let bad = || FileError::Header(format!("{key} holds something that can't be"));
    list.iter().map(|value| of(value?).ok_or_else(bad)).collect()
}
