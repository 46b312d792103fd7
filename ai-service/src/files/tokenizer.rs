//! What a file says about its tokenizer, as it is said: `text` makes one of it.

/// The tokenizer of a model file.
#[derive(Debug, Clone)]
pub enum TokenizerData {
    /// The file has none.
    Missing,
    /// From GGUF metadata.
    Gguf(GgufVocabulary),
    /// From a Hugging Face folder.
    Json(JsonTokenizer),
}

/// The files of a Hugging Face folder that have to do with text, whole.
#[derive(Debug, Clone, Default)]
pub struct JsonTokenizer {
    /// `tokenizer.json`.
    pub tokenizer: String,
    /// `tokenizer_config.json`, where there is one.
    pub settings: Option<String>,
    /// `chat_template.jinja`, where there is one: newer than the one within the settings.
    pub template: Option<String>,
    /// Ids that end an answer, by `generation_config.json`.
    pub ends: Vec<u32>,
}

/// The vocabulary of a GGUF file. `scores` and `kinds` are empty or as long as `tokens`.
#[derive(Debug, Clone, Default)]
pub struct GgufVocabulary {
    /// `llama`: SentencePiece; `gpt2`: byte-level with merges.
    pub model: String,
    /// Which way of cutting into words goes before byte-level merges.
    pub pre: Option<String>,
    /// The texts of the tokens by id.
    pub tokens: Vec<String>,
    /// The higher, the sooner pieces are joined to it.
    pub scores: Vec<f32>,
    /// What each token is.
    pub kinds: Vec<TokenKind>,
    /// Joins of byte-level tokens, the first the most urgent; two texts with a blank between.
    pub merges: Vec<String>,
    /// Begins a text.
    pub bos: Option<u32>,
    /// Ends one.
    pub eos: Option<u32>,
    /// Ends a turn of a conversation.
    pub eot: Option<u32>,
    /// Stands for what can't be said.
    pub unknown: Option<u32>,
    /// Whether a prompt begins with `bos`; `None`: as is usual for the model.
    pub add_bos: Option<bool>,
    /// Whether a text is read as if a blank stood before it.
    pub add_space_prefix: bool,
    /// The Jinja template of conversations.
    pub template: Option<String>,
    /// `general.name`.
    pub model_name: String,
}

/// What a token of a GGUF vocabulary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenKind {
    /// Text.
    #[default]
    Normal,
    /// Stands for what can't be said.
    Unknown,
    /// A mark that no text contains.
    Control,
    /// Added by whoever trained the model on; a mark too.
    UserDefined,
    /// Never used.
    Unused,
    /// One byte of a character that has no token.
    Byte,
}

impl TokenKind {
    /// The kind of this number in GGUF.
    #[must_use]
    pub const fn from_gguf(number: u64) -> Option<Self> {
        Some(match number {
            0 | 1 => Self::Normal,
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => return None,
        })
    }

    /// Its number in GGUF.
    #[must_use]
    pub const fn gguf(self) -> i32 {
        match self {
            Self::Normal => 1,
            Self::Unknown => 2,
            Self::Control => 3,
            Self::UserDefined => 4,
            Self::Unused => 5,
            Self::Byte => 6,
        }
    }
}
