//! Tokenizers from a Hugging Face folder: `tokenizer.json` and what goes with it.
//!
//! Its added tokens are taken out before the crate sees it, and become marks or plain tokens here. Only models of the kind
//! BPE are read; the crate trusts what it is told, so everything is checked first.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::models::bpe::BPE;
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper};

use super::gguf::{alphabet, byte, checked, spoken, unlettered};
use super::marks::{Mark, Marks};
use super::{Parts, broken, refuse};
use crate::files::FileError;
use crate::files::error::shown;
use crate::files::tokenizer::JsonTokenizer;

#[derive(Deserialize)]
struct File {
    model: Model,
    #[serde(default)]
    added_tokens: Vec<Added>,
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    decoder: Option<Value>,
}

#[derive(Deserialize)]
struct Model {
    r#type: Option<String>,
    #[serde(default)]
    vocab: HashMap<String, u32>,
    #[serde(default)]
    merges: Vec<Merge>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize, Default)]
struct Settings {
    bos_token: Option<Name>,
    eos_token: Option<Name>,
    add_bos_token: Option<bool>,
    chat_template: Option<Templates>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Plain(String),
    Described { content: String },
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Plain(text) | Self::Described { content: text } => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Templates {
    One(String),
    Several(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    name: String,
    template: String,
}

pub(super) fn parts(files: &JsonTokenizer, rows: usize) -> Result<Parts, FileError> {
    let file: File =
        serde_json::from_str(&files.tokenizer).map_err(|error| broken(&format!("tokenizer.json: {error}")))?;
    // Settings that can't be read are none: they only add to the tokenizer.
    let settings: Settings =
        files.settings.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let highest = file.model.vocab.values().chain(file.added_tokens.iter().map(|added| &added.id)).max();
    if highest.is_none_or(|highest| *highest as usize >= rows) {
        return refuse(format!(
            "tokens up to {}, and the model has {rows} rows for them",
            highest.copied().unwrap_or_default()
        ));
    }
    let is_mark = |added: &&Added| added.special || (added.content.starts_with('<') && added.content.ends_with('>'));
    let marks = Marks::new(file.added_tokens.iter().filter(is_mark).map(|added| Mark {
        text: added.content.clone(),
        id: added.id,
        strips_left: added.lstrip,
        strips_right: added.rstrip,
    }));
    let letters = mentions(&file.decoder, "ByteLevel") || mentions(&file.pre_tokenizer, "ByteLevel");
    let bytes = table(&file, &marks, letters)?;
    let bos_text = settings.bos_token.map(Name::text).unwrap_or_default();
    let eos_text = settings.eos_token.map(Name::text).unwrap_or_default();
    let bos = marks.id(&bos_text);
    let begins = file.post_processor.as_ref().is_some_and(|step| begins_with(step, &bos_text));
    let template = files.template.clone().or_else(|| match settings.chat_template? {
        Templates::One(template) => Some(template),
        Templates::Several(all) => all.into_iter().find(|named| named.name == "default").map(|named| named.template),
    });
    Ok(Parts {
        bytes,
        bos,
        add_bos: settings.add_bos_token.unwrap_or(begins),
        ends: files.ends.iter().copied().chain(marks.id(&eos_text)).collect(),
        drops_first_space: !letters
            && (mentions(&file.normalizer, "Prepend") || mentions(&file.pre_tokenizer, "Metaspace")),
        template,
        bos_text,
        eos_text,
        plain: plain(file, &marks)?,
        marks,
    })
}

/// Whether a step of this type is in a part of the file.
fn mentions(part: &Option<Value>, kind: &str) -> bool {
    fn walk(value: &Value, kind: &str) -> bool {
        match value {
            Value::Object(fields) => {
                fields.get("type").is_some_and(|found| found == kind) || fields.values().any(|value| walk(value, kind))
            }
            Value::Array(values) => values.iter().any(|value| walk(value, kind)),
            _ => false,
        }
    }
    part.as_ref().is_some_and(|value| walk(value, kind))
}

/// Whether the step after the model puts the beginning before a text.
fn begins_with(step: &Value, bos: &str) -> bool {
    let first = |value: &Value| value.pointer("/single/0/SpecialToken/id").is_some_and(|id| id == bos);
    let several = step.get("processors").and_then(Value::as_array);
    !bos.is_empty() && (first(step) || several.is_some_and(|all| all.iter().any(first)))
}

fn table(file: &File, marks: &Marks, letters: bool) -> Result<Vec<Vec<u8>>, FileError> {
    let ids = file.model.vocab.values().chain(file.added_tokens.iter().map(|added| &added.id));
    let mut bytes = vec![Vec::new(); ids.max().map_or(0, |highest| *highest as usize + 1)];
    let alphabet = alphabet();
    let unknown = file.model.unk_token.as_deref();
    for (text, id) in &file.model.vocab {
        let Some(entry) = bytes.get_mut(*id as usize) else { continue };
        *entry = match byte(text) {
            _ if marks.is_mark(*id) || unknown == Some(text.as_str()) => Vec::new(),
            Some(byte) if file.model.byte_fallback => vec![byte],
            _ if letters => unlettered(text, &alphabet)?,
            _ => spoken(text),
        };
    }
    for added in file.added_tokens.iter().filter(|added| !marks.is_mark(added.id)) {
        if let Some(entry) = bytes.get_mut(added.id as usize) {
            *entry = added.content.clone().into_bytes();
        }
    }
    Ok(bytes)
}

fn plain(file: File, marks: &Marks) -> Result<tokenizers::Tokenizer, FileError> {
    let model = file.model;
    if model.r#type.as_deref().is_some_and(|kind| kind != "BPE") {
        return refuse(format!("its kind is {}, and BPE is read", shown(model.r#type.as_deref().unwrap_or_default())));
    }
    let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    if filled(&model.continuing_subword_prefix) || filled(&model.end_of_word_suffix) {
        return refuse("its pieces have prefixes or suffixes, which are not read");
    }
    if [&file.normalizer, &file.pre_tokenizer].into_iter().any(|part| mentions(part, "Precompiled")) {
        return refuse("it has a precompiled normaliser, which is not read");
    }
    let merges = model.merges.into_iter().map(|merge| match merge {
        Merge::Pair(left, right) => Ok((left, right)),
        Merge::Line(line) => match line.split_once(' ') {
            Some((left, right)) => Ok((left.to_owned(), right.to_owned())),
            None => refuse("a merge that is no pair"),
        },
    });
    let merges = checked(&model.vocab, merges.collect::<Result<_, FileError>>()?)?;
    // A mark that is whole in the vocabulary must not be found there by a text that looks like it, unless a merge needs it.
    let mut ids = model.vocab;
    let unknown = model.unk_token.filter(|unknown| ids.contains_key(unknown));
    let parts: std::collections::HashSet<String> =
        merges.iter().flat_map(|(left, right)| [left.clone(), right.clone(), format!("{left}{right}")]).collect();
    ids.retain(|text, id| !marks.is_mark(*id) || unknown.as_ref() == Some(text) || parts.contains(text));
    // Without words to cut into, each text is new: remembering them would only take memory.
    let remembered = if file.pre_tokenizer.is_some() { 10_000 } else { 0 };
    let mut builder = BPE::builder()
        .vocab_and_merges(ids.into_iter().collect::<tokenizers::models::bpe::Vocab>(), merges)
        .fuse_unk(model.fuse_unk)
        .byte_fallback(model.byte_fallback)
        .ignore_merges(model.ignore_merges)
        .cache_capacity(remembered);
    if let Some(unknown) = unknown {
        builder = builder.unk_token(unknown);
    }
    let mut plain = tokenizers::Tokenizer::new(builder.build().map_err(|error| broken(&error))?);
    if let Some(step) = file.normalizer {
        let step: NormalizerWrapper = serde_json::from_value(step).map_err(|error| broken(&error))?;
        plain.with_normalizer(Some(step)).map_err(|error| broken(&error))?;
    }
    if let Some(step) = file.pre_tokenizer {
        let step: PreTokenizerWrapper = serde_json::from_value(step).map_err(|error| broken(&error))?;
        plain.with_pre_tokenizer(Some(step));
    }
    Ok(plain)
}
