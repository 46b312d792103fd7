//! Why a model file can't be used, in sentences for whoever put it there.
//!
//! Every sentence names what was found; none repeats more of a foreign file than a short, cleaned piece ([`shown`]).

use std::path::PathBuf;

/// A model file or folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system would not give it.
    #[error("{path} can't be read: {source}")]
    Io {
        /// What was opened.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is neither GGUF nor a folder with `config.json` and safetensors.
    #[error("{0} is no model: a GGUF file, or a folder with config.json and *.safetensors, is needed")]
    NotAModel(PathBuf),
    /// It ends before what its header promises; an interrupted download or copy looks like this.
    #[error("the file is truncated: {what} needs {needed} bytes, and the file has {found}")]
    Truncated {
        /// What lies beyond the end.
        what: String,
        /// Bytes the file would have at least.
        needed: u64,
        /// Bytes it has.
        found: u64,
    },
    /// The header says things no such file says; nothing of it was believed.
    #[error("the file's header is damaged or hostile: {0}")]
    Header(String),
    /// A whole file of something else.
    #[error(
        "the file holds a model of architecture {found}; this service runs phi3 only, which Phi-3-mini, Phi-3-medium and Phi-3.5-mini are"
    )]
    Architecture {
        /// What it says it is.
        found: String,
    },
    /// One of several files that are one model together.
    #[error("the file is one of {count} parts of a model; join them into one file first (llama-gguf-split --merge)")]
    InParts {
        /// How many there are.
        count: usize,
    },
    /// A figure that is needed is not there.
    #[error("the file does not say {0}")]
    MissingFigure(String),
    /// A figure can't be.
    #[error("the file says {found}, which can't be: {wanted}")]
    BadFigure {
        /// The figure with its name.
        found: String,
        /// What would do.
        wanted: String,
    },
    /// A tensor is not there.
    #[error("the tensor {0} is missing; the file is incomplete or of another kind of model")]
    MissingTensor(String),
    /// A tensor has another shape than the figures ask for.
    #[error("the tensor {name} has the shape {found:?}, and the model's figures ask for {wanted:?}")]
    WrongShape {
        /// Which.
        name: String,
        /// Its shape, rows first.
        found: Vec<usize>,
        /// The shape it must have.
        wanted: Vec<usize>,
    },
    /// A tensor is stored in a way that is not read.
    #[error(
        "the tensor {name} is stored as {found}; supported are F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K"
    )]
    UnsupportedType {
        /// Which.
        name: String,
        /// The name or number of its type.
        found: String,
    },
    /// There is no tokenizer, or a broken one.
    #[error("the tokenizer can't be used: {0}")]
    Tokenizer(String),
    /// It would take more memory than it may.
    #[error(transparent)]
    Memory(#[from] super::memory::DoesNotFit),
}

/// Foreign text as it may stand in a sentence: short, without control characters.
#[must_use]
pub fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut clean: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        clean.push('…');
    }
    clean
}
