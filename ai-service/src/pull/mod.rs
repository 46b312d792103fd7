//! Fetches models from a hub that speaks as Hugging Face's does: with progress, going on where an interrupted download
//! stopped, and believed only when the checksum fits.
//!
//! It runs nothing it fetches and opens nothing: `files::open` looks at the result. Files appear under their names when
//! they are whole, by renaming. The hub is whoever the operator says; what it lists is still foreign: names become plain
//! file names, sizes are bounds. Why this is not the crate hf-hub: docs/adr/0013-own-model-engine.md. To fetch from another
//! kind of hub: a file beside `hub` that gives the same [`hub::Listed`].

mod choose;
mod download;
mod hub;
mod reference;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use reference::Reference;

/// The hub that is asked where nothing else is said.
pub const HUB: &str = "https://huggingface.co";
/// The end of the patience with one file, of which slow lines need a lot for some gigabytes.
const DEADLINE: Duration = Duration::from_hours(24);
/// A line that gives nothing for so long is dead.
const SILENCE: Duration = Duration::from_mins(1);

/// What to fetch, and to where.
#[derive(Debug, Clone)]
pub struct Request {
    /// Base of the hub: `https://…`, without a slash at the end.
    pub hub: String,
    /// The model.
    pub reference: Reference,
    /// Folder the model's file (or folder) is put into; made where it is missing.
    pub into: PathBuf,
    /// For models that are not everybody's. Sent to the hub only, not to where it redirects.
    pub token: Option<String>,
    /// How long to wait before the second try of a file; twice as long before each further one.
    pub patience: Duration,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes of it that are here.
    pub done: u64,
    /// Its size.
    pub size: u64,
    /// Which it is of how many, from 1.
    pub number: usize,
    /// Files there are.
    pub of: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The model, for `files::open` and the configuration.
    pub path: PathBuf,
    /// The exact version that was fetched.
    pub commit: String,
    /// Bytes that were fetched: without what was there before.
    pub fetched: u64,
    /// Bytes of the model's files.
    pub size: u64,
    /// SHA-256 of the file where there is one, in hexadecimal.
    pub sha256: Option<String>,
}

/// A model could not be fetched. What is there of a file stays there for the next try, unless it is wrong.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// It is not written as a model is.
    #[error("{0} names no model: write owner/name, owner/name:file.gguf, or owner/name@revision:file.gguf")]
    BadReference(String),
    /// The hub's address can't be used.
    #[error("{0} is no hub: an http:// or https:// address is needed")]
    BadHub(String),
    /// The hub has no such thing.
    #[error("the hub has no {0}")]
    NotFound(String),
    /// The hub wants to know who asks.
    #[error(
        "the hub does not give {0} to everybody: accept its terms there, and give a token that may read it (HF_TOKEN)"
    )]
    NotAllowed(String),
    /// Several files would do.
    #[error("{model} has several files; name one of them: {files}")]
    Several {
        /// The model.
        model: String,
        /// Their names.
        files: String,
    },
    /// Nothing there can be run here.
    #[error("{0} has neither a GGUF file nor config.json with safetensors")]
    NothingToRun(String),
    /// The hub says something that can't be.
    #[error("the hub's answer can't be used: {0}")]
    Answer(String),
    /// What came is not what the hub promised.
    #[error("{file} is damaged: its checksum is {found}, and {wanted} was promised; it was removed, try again")]
    Checksum {
        /// The file.
        file: String,
        /// Hexadecimal.
        found: String,
        /// Hexadecimal.
        wanted: String,
    },
    /// Another process fetches the same.
    #[error("{0} is being fetched by another process")]
    Busy(PathBuf),
    /// The disk, or what stands on it.
    #[error("{path} can't be written: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The line, after several tries.
    #[error("{what} could not be fetched: {source}")]
    Line {
        /// What was asked for.
        what: String,
        /// Why.
        source: reqwest::Error,
    },
}

impl Request {
    /// A request to the usual hub.
    #[must_use]
    pub fn new(reference: Reference, into: impl Into<PathBuf>) -> Self {
        let hub = HUB.to_owned();
        Self { hub, reference, into: into.into(), token: None, patience: Duration::from_secs(2) }
    }
}

/// Fetches a model, telling `progress` about it a few times a second at most for each file (and at its end).
///
/// # Errors
/// [`PullError`].
pub async fn pull(request: &Request, mut progress: impl FnMut(Progress<'_>) + Send) -> Result<Pulled, PullError> {
    let hub = hub::Hub::new(request)?;
    let listed = hub.list(&request.reference).await?;
    let chosen = choose::choose(&request.reference, listed.files)?;
    let folder = match &chosen.folder {
        Some(name) => request.into.join(name),
        None => request.into.clone(),
    };
    let made = tokio::fs::create_dir_all(&folder).await;
    made.map_err(|source| PullError::Io { path: folder.clone(), source })?;
    let of = chosen.files.len();
    let source = download::Source { hub: &hub, reference: &request.reference, commit: &listed.commit };
    let (mut fetched, mut size) = (0, 0);
    let mut last = folder.clone();
    for (file, number) in chosen.files.iter().zip(1..) {
        let target = folder.join(&file.local);
        let mut report = |done: u64| progress(Progress { file: &file.local, done, size: file.size, number, of });
        fetched += download::fetch(source, file, &target, &mut report).await?;
        size += file.size;
        last = target;
    }
    let sha256 = chosen.files.first().filter(|_| chosen.folder.is_none()).and_then(|file| match &file.sum {
        hub::Sum::Sha256(sum) => Some(sum.clone()),
        hub::Sum::GitBlob(_) => None,
    });
    let path = if chosen.folder.is_some() { folder } else { last };
    Ok(Pulled { path, commit: listed.commit, fetched, size, sha256 })
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> PullError + '_ {
    move |source| PullError::Io { path: path.to_owned(), source }
}
