//! Tokenizers from GGUF metadata: SentencePiece vocabularies with scores (`llama`, Phi-3's kind) and byte-level ones with
//! merges (`gpt2`, which later models of the family have).

use std::collections::HashMap;

use tokenizers::models::bpe::BPE;
use tokenizers::normalizers::{Prepend, Replace, Sequence};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence as Steps;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, SplitDelimiterBehavior};

use super::marks::{Mark, Marks};
use super::{Parts, broken, refuse};
use crate::files::FileError;
use crate::files::error::shown;
use crate::files::tokenizer::{GgufVocabulary, TokenKind};

/// What SentencePiece writes for a blank.
pub(super) const BLANK: char = '\u{2581}';
/// Pieces are shorter than this, in characters: joins are looked for at every place within one.
const LONGEST_PIECE: usize = 256;

pub(super) fn parts(vocabulary: &GgufVocabulary) -> Result<Parts, FileError> {
    let sentence_piece = match vocabulary.model.as_str() {
        "llama" => true,
        "gpt2" => false,
        other => return refuse(format!("its kind is {}, and llama and gpt2 are read", shown(other))),
    };
    let kinds: Vec<TokenKind> = (0..vocabulary.tokens.len())
        .map(|id| {
            let kind = vocabulary.kinds.get(id).copied().unwrap_or_default();
            let text = vocabulary.tokens.get(id).map_or("", String::as_str);
            let named = [vocabulary.bos, vocabulary.eos, vocabulary.eot].contains(&u32::try_from(id).ok());
            // Tokens that were added to a vocabulary are marks if they look like one.
            let added = kind == TokenKind::UserDefined && text.starts_with('<') && text.ends_with('>');
            if added || (named && kind == TokenKind::Normal) { TokenKind::Control } else { kind }
        })
        .collect();
    let marks = vocabulary.tokens.iter().zip(&kinds).zip(0..).filter(|((_, kind), _)| **kind == TokenKind::Control);
    let marks = Marks::new(marks.map(|((text, _), id)| Mark {
        text: text.clone(),
        id,
        strips_left: false,
        // So it is with Phi-3's own tokenizer.json, of which the metadata tells nothing.
        strips_right: sentence_piece && !matches!(text.as_str(), "<s>" | "<unk>" | "<|endoftext|>"),
    }));
    let plain = if sentence_piece { sentences(vocabulary, &kinds)? } else { byte_level(vocabulary, &kinds)? };
    let bytes = if sentence_piece { pieces(vocabulary, &kinds)? } else { letters(vocabulary, &kinds)? };
    let text_of = |id: Option<u32>| id.and_then(|id| vocabulary.tokens.get(id as usize)).cloned().unwrap_or_default();
    Ok(Parts {
        plain,
        bytes,
        marks,
        bos: vocabulary.bos,
        add_bos: vocabulary.add_bos.unwrap_or(sentence_piece),
        ends: vocabulary.eot.into_iter().chain(vocabulary.eos).collect(),
        drops_first_space: sentence_piece && vocabulary.add_space_prefix,
        template: vocabulary.template.clone(),
        bos_text: text_of(vocabulary.bos),
        eos_text: text_of(vocabulary.eos),
    })
}

fn sentences(vocabulary: &GgufVocabulary, kinds: &[TokenKind]) -> Result<tokenizers::Tokenizer, FileError> {
    if vocabulary.scores.len() != vocabulary.tokens.len() {
        return refuse("a SentencePiece vocabulary without scores");
    }
    let mut ids: HashMap<String, u32> = HashMap::new();
    let unknown = vocabulary.unknown.unwrap_or_default();
    for ((text, kind), id) in vocabulary.tokens.iter().zip(kinds).zip(0..) {
        if matches!(kind, TokenKind::Normal | TokenKind::UserDefined | TokenKind::Byte) || id == unknown {
            ids.entry(text.clone()).or_insert(id);
        }
    }
    let mut joins = Vec::new();
    for ((text, kind), score) in vocabulary.tokens.iter().zip(kinds).zip(&vocabulary.scores) {
        if *kind != TokenKind::Normal || text.chars().nth(LONGEST_PIECE).is_some() {
            continue;
        }
        for (at, _) in text.char_indices().skip(1) {
            let (left, right) = text.split_at(at);
            if let (Some(one), Some(other)) = (ids.get(left), ids.get(right)) {
                joins.push((*score, *one, *other, left, right));
            }
        }
    }
    joins.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| (one.1, one.2).cmp(&(other.1, other.2))));
    let joins = joins.into_iter().map(|(.., left, right)| (left.to_owned(), right.to_owned())).collect();
    let mut builder = BPE::builder().byte_fallback(true).fuse_unk(true).cache_capacity(0);
    if let Some(unknown) = vocabulary.tokens.get(unknown as usize) {
        builder = builder.unk_token(unknown.clone());
    }
    let model = builder.vocab_and_merges(ids.into_iter().collect::<tokenizers::models::bpe::Vocab>(), joins);
    let mut plain = tokenizers::Tokenizer::new(model.build().map_err(|error| broken(&error))?);
    let mut steps: Vec<NormalizerWrapper> = Vec::new();
    if vocabulary.add_space_prefix {
        steps.push(Prepend::new(BLANK.to_string()).into());
    }
    steps.push(Replace::new(" ", BLANK.to_string()).map_err(|error| broken(&error))?.into());
    plain.with_normalizer(Some(Sequence::new(steps))).map_err(|error| broken(&error))?;
    Ok(plain)
}

fn pieces(vocabulary: &GgufVocabulary, kinds: &[TokenKind]) -> Result<Vec<Vec<u8>>, FileError> {
    vocabulary
        .tokens
        .iter()
        .zip(kinds)
        .map(|(text, kind)| match kind {
            TokenKind::Normal | TokenKind::UserDefined => Ok(spoken(text)),
            TokenKind::Byte => match byte(text) {
                Some(byte) => Ok(vec![byte]),
                None => refuse(format!("{} is no byte", shown(text))),
            },
            TokenKind::Unknown | TokenKind::Control | TokenKind::Unused => Ok(Vec::new()),
        })
        .collect()
}

/// A SentencePiece token's bytes.
pub(super) fn spoken(text: &str) -> Vec<u8> {
    text.replace(BLANK, " ").into_bytes()
}

/// The byte that a token such as `<0x0A>` stands for.
pub(super) fn byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() == 2 { u8::from_str_radix(digits, 16).ok() } else { None }
}

fn byte_level(vocabulary: &GgufVocabulary, kinds: &[TokenKind]) -> Result<tokenizers::Tokenizer, FileError> {
    let known = vocabulary.tokens.iter().zip(kinds).zip(0..).filter(|((_, kind), _)| **kind != TokenKind::Control);
    let ids: HashMap<String, u32> = known.map(|((text, _), id)| (text.clone(), id)).collect();
    let merges = vocabulary.merges.iter().map(|merge| {
        let pair = merge.split_once(' ').ok_or_else(|| FileError::Tokenizer("a merge that is no pair".to_owned()))?;
        Ok((pair.0.to_owned(), pair.1.to_owned()))
    });
    let merges = checked(&ids, merges.collect::<Result<_, FileError>>()?)?;
    let model = BPE::builder().vocab_and_merges(ids.into_iter().collect::<tokenizers::models::bpe::Vocab>(), merges);
    let mut plain = tokenizers::Tokenizer::new(model.build().map_err(|error| broken(&error))?);
    plain.with_pre_tokenizer(Some(words(vocabulary.pre.as_deref())?));
    Ok(plain)
}

/// Merges of which the crate may be told: both halves and the whole are tokens. It trusts them.
pub(super) fn checked(
    ids: &HashMap<String, u32>,
    merges: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, FileError> {
    let mut whole = String::new();
    for (left, right) in &merges {
        whole.clear();
        whole.push_str(left);
        whole.push_str(right);
        if let Some(missing) = [left, right, &whole].into_iter().find(|text| !ids.contains_key(*text)) {
            return refuse(format!("a merge of {}, which is no token", shown(missing)));
        }
    }
    Ok(merges)
}

fn letters(vocabulary: &GgufVocabulary, kinds: &[TokenKind]) -> Result<Vec<Vec<u8>>, FileError> {
    let alphabet = alphabet();
    let of = |(text, kind): (&String, &TokenKind)| match kind {
        TokenKind::Normal => unlettered(text, &alphabet),
        TokenKind::UserDefined => Ok(text.clone().into_bytes()),
        _ => Ok(Vec::new()),
    };
    vocabulary.tokens.iter().zip(kinds).map(of).collect()
}

/// Which byte each letter of a byte-level vocabulary stands for: those that can be seen for themselves, the others for the
/// letters from U+0100 on, in their order.
pub(super) fn alphabet() -> HashMap<char, u8> {
    let seen = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let hidden = (0..=255_u8).filter(|byte| !seen(*byte)).zip('\u{100}'..).map(|(byte, letter)| (letter, byte));
    (0..=255_u8).filter(|byte| seen(*byte)).map(|byte| (char::from(byte), byte)).chain(hidden).collect()
}

/// A byte-level token's bytes.
pub(super) fn unlettered(text: &str, alphabet: &HashMap<char, u8>) -> Result<Vec<u8>, FileError> {
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| alphabet.get(&letter).copied()).collect();
    bytes.ok_or_else(|| FileError::Tokenizer(format!("{} is written in no byte-level letters", shown(text))))
}

/// How text is cut into words before the merges of each.
fn words(kind: Option<&str>) -> Result<PreTokenizerWrapper, FileError> {
    const ENDINGS: &str = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    const REST: &str = r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    let pattern = match kind {
        None | Some("default" | "gpt-2") => return Ok(ByteLevel::new(false, true, true).into()),
        Some("llama-bpe" | "llama3" | "dbrx" | "phi-4" | "smaug-bpe") => {
            format!(r"{ENDINGS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{}", REST.replace('/', ""))
        }
        Some("gpt-4o") => {
            let (upper, lower) = (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]");
            let start = r"[^\r\n\p{L}\p{N}]?";
            format!("{start}{upper}*{lower}+{ENDINGS}?|{start}{upper}+{lower}*{ENDINGS}?|{REST}")
        }
        Some(other) => return refuse(format!("its way of cutting words, {}, is not known here", shown(other))),
    };
    let split = Split::new(SplitPattern::Regex(pattern), SplitDelimiterBehavior::Isolated, false);
    let steps = vec![split.map_err(|error| broken(&error))?.into(), ByteLevel::new(false, true, false).into()];
    Ok(Steps::new(steps).into())
}
