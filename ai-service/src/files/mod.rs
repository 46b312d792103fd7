//! Model files: what they say and where their bytes lie, without trusting either.
//!
//! GGUF files and Hugging Face folders end as the same [`ModelFile`]. Whatever a header claims is checked against the size
//! of the file before anything is allocated for it, so a damaged or hostile file ends in a [`FileError`]. It computes
//! nothing and holds no kernels: that is `engine`. To read another format: a module beside `gguf` that fills the same
//! types, and a line in [`open`].

pub mod config;
pub mod error;
mod folder;
#[cfg(test)]
mod folder_tests;
pub mod gguf;
mod map;
pub mod memory;
#[cfg(test)]
mod memory_tests;
#[cfg(any(test, feature = "testing"))]
pub mod random;
pub mod tokenizer;
pub mod weights;
#[cfg(any(test, feature = "testing"))]
pub mod writer;

use std::path::{Path, PathBuf};

pub use config::{LongRope, Phi3Config};
pub use error::FileError;
pub use memory::KvType;
pub use tokenizer::TokenizerData;
pub use weights::{TensorType, TensorView, WeightSource};

/// A model that was opened: figures checked, every tensor there and of the right shape, nothing read yet.
#[derive(Debug)]
pub struct ModelFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it calls itself; otherwise its file name without the ending.
    pub name: String,
    /// Its figures.
    pub config: Phi3Config,
    /// Its tensors.
    pub weights: WeightSource,
    /// What it says about its tokenizer; `text::Tokenizer::of` makes it.
    pub tokenizer: TokenizerData,
    /// Size of the file, or of the parts of a folder together.
    pub file_bytes: u64,
}

/// Opens a GGUF file or a Hugging Face folder. Takes milliseconds: weights are mapped, not read.
///
/// # Errors
/// [`FileError`].
pub fn open(path: &Path) -> Result<ModelFile, FileError> {
    let broken = |source| FileError::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(broken)?.is_dir() { folder::open(path) } else { gguf::open(path) }
}

/// A file's name without its ending.
fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "model".to_owned(), |name| error::shown(&name.to_string_lossy()))
}
