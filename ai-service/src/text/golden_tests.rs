//! Against what Hugging Face's own code and the `gguf` package say: `golden/make_tokenizer.py` made the fixtures.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::Tokenizer;
use crate::files::tokenizer::JsonTokenizer;
use crate::files::{ModelFile, TensorType, TokenizerData, gguf};

#[derive(Deserialize)]
struct Cases {
    texts: Vec<Text>,
    chats: Vec<Chat>,
    templates: Vec<Form>,
    marks: BTreeMap<String, u32>,
    rows: usize,
    sums: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Form {
    template: String,
    chats: Vec<Chat>,
}

#[derive(Deserialize)]
struct Chat {
    messages: Vec<(String, String)>,
    ids: Vec<u32>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("golden/cases.json")).unwrap()
}

fn file() -> ModelFile {
    gguf::from_bytes(Path::new("tiny.gguf"), include_bytes!("golden/tiny.gguf").to_vec()).unwrap()
}

fn both() -> [Tokenizer; 2] {
    let files = JsonTokenizer {
        tokenizer: include_str!("golden/tokenizer.json").to_owned(),
        settings: Some(include_str!("golden/tokenizer_config.json").to_owned()),
        template: None,
        ends: Vec::new(),
    };
    [Tokenizer::of(&file()).unwrap(), Tokenizer::from_data(&TokenizerData::Json(files), cases().rows).unwrap()]
}

#[test]
fn texts_are_cut_as_hugging_face_cuts_them() {
    for tokenizer in both() {
        for Text { text, ids } in cases().texts {
            assert_eq!(tokenizer.encode(&text), ids, "{text:?}");
            let bytes: Vec<u8> = ids.iter().flat_map(|id| tokenizer.bytes(*id).to_vec()).collect();
            let expected = if text.is_empty() { text } else { format!(" {text}").replace('\u{2581}', " ") };
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}

#[test]
fn conversations_are_written_as_hugging_face_writes_them() {
    for tokenizer in both() {
        assert_eq!(tokenizer.template_trouble(), None);
        for Chat { messages, ids } in cases().chats {
            let messages: Vec<(&str, &str)> =
                messages.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
            assert_eq!(tokenizer.encode_chat(&messages).unwrap(), ids, "{messages:?}");
        }
        let marks = cases().marks;
        assert!(marks.values().all(|id| tokenizer.is_mark(*id) && tokenizer.bytes(*id).is_empty()));
        assert!(tokenizer.ends().contains(&marks["<|end|>"]));
    }
}

#[test]
fn templates_of_many_kinds_write_what_jinja_writes() {
    let TokenizerData::Gguf(vocabulary) = file().tokenizer else { panic!("no vocabulary") };
    for Form { template, chats } in cases().templates {
        let mut vocabulary = vocabulary.clone();
        vocabulary.template = Some(template.clone());
        let tokenizer = Tokenizer::from_data(&TokenizerData::Gguf(vocabulary), cases().rows).unwrap();
        assert_eq!(tokenizer.template_trouble(), None, "{template}");
        for Chat { messages, ids } in chats {
            let messages: Vec<(&str, &str)> =
                messages.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
            assert_eq!(tokenizer.encode_chat(&messages).unwrap(), ids, "{template}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn damaged_tokenizers_never_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..5),
        at_the_ends in any::<bool>(),
    ) {
        let mut bytes = include_bytes!("golden/tokenizer.json").to_vec();
        for (at, byte) in changes {
            // The settings stand at the beginning; what follows is mostly vocabulary.
            let at = if at_the_ends { at % 2500 } else { at % bytes.len() };
            bytes[at] = byte.clamp(b' ', b'~');
        }
        let files = JsonTokenizer { tokenizer: String::from_utf8_lossy(&bytes).into_owned(), ..JsonTokenizer::default() };
        if let Ok(tokenizer) = Tokenizer::from_data(&TokenizerData::Json(files), cases().rows) {
            for text in ["The fleet has 12 WorkSpaces", "größer 😀 <|user|>\n"] {
                let tokens = tokenizer.encode(text);
                prop_assert!(tokens.iter().all(|token| !tokenizer.is_mark(*token)));
            }
        }
    }
}

#[test]
fn a_file_of_the_gguf_package_is_read_to_the_last_number() {
    let model = file();
    assert_eq!(model.name, "Tiny Phi-3");
    assert_eq!((model.config.hidden, model.config.kv_heads, model.config.window), (32, 2, Some(31)));
    assert!(model.config.tied);
    assert_eq!(model.weights.iter().count(), cases().sums.len());
    for (name, sum) in cases().sums {
        let view = model.weights.tensor(&name).unwrap();
        let found: f64 = match view.dtype {
            TensorType::F16 => {
                view.bytes.as_chunks::<2>().0.iter().map(|b| half::f16::from_le_bytes(*b).to_f64()).sum()
            }
            TensorType::F32 => view.bytes.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).sum(),
            other => panic!("{name} is {other}"),
        };
        assert!((found - sum).abs() < 1e-9, "{name}: {found} and {sum}");
    }
}
