//! Where files that were made are kept: a folder that every process sees, or a bucket of S3. Each has a name of its own; what is still
//! being written has none yet. Which files there are and how long they stay is decided by whoever makes them.
//!
//! To add a place: a file here that implements [`Artefacts`], its settings in `[reports]`, its arm in [`configured`], its name in
//! `tests/integration/artefacts`, which asks the same of every place.

mod bucket;
mod folder;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::config::{Config, Secret};

/// A place for files.
#[async_trait]
pub trait Artefacts: fmt::Debug + Send + Sync {
    /// Begins a file. Nobody sees it before it is finished; one of that name is replaced then.
    ///
    /// # Errors
    /// The place can't be written.
    async fn begin(&self, name: &str) -> Result<Box<dyn Draft>, ArtefactsError>;

    /// The file of that name; `None` when there is none.
    ///
    /// # Errors
    /// The place can't be read.
    async fn open(&self, name: &str) -> Result<Option<Artefact>, ArtefactsError>;

    /// The names of all that is there, and of what somebody died at where it can be seen.
    ///
    /// # Errors
    /// The place can't be read.
    async fn names(&self) -> Result<Vec<String>, ArtefactsError>;

    /// Removes what has that name. What is not there is fine.
    ///
    /// # Errors
    /// The place can't be changed.
    async fn remove(&self, name: &str) -> Result<(), ArtefactsError>;

    /// Whether the place answers and may be read.
    ///
    /// # Errors
    /// It can't be read, and why.
    async fn check(&self) -> Result<(), ArtefactsError>;
}

/// A file that is being written. Dropped, it leaves nothing to be seen.
#[async_trait]
pub trait Draft: Send {
    /// Takes the next part.
    ///
    /// # Errors
    /// It can't be written.
    async fn part(&mut self, part: Bytes) -> Result<(), ArtefactsError>;

    /// Puts the whole file in its place.
    ///
    /// # Errors
    /// It can't be written; then nothing is there.
    async fn finish(self: Box<Self>) -> Result<(), ArtefactsError>;

    /// Gives it up, and removes what was written.
    ///
    /// # Errors
    /// It can't be removed.
    async fn abort(self: Box<Self>) -> Result<(), ArtefactsError>;
}

/// A file to read.
pub struct Artefact {
    /// Its length.
    pub bytes: u64,
    /// It, part by part; no more of it is held than one. It breaks off when it is replaced or removed meanwhile.
    pub parts: BoxStream<'static, io::Result<Bytes>>,
}

impl fmt::Debug for Artefact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Artefact").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// A key for a bucket, as it is now.
#[derive(Debug)]
pub struct Key {
    /// Its public half.
    pub id: String,
    /// Its secret half.
    pub secret: Secret<String>,
    /// What goes with it, where it is a role's.
    pub token: Option<Secret<String>>,
}

/// Who gives the key for a bucket where the settings have none. Asked for each request: keeps what it may keep.
#[async_trait]
pub trait Keys: fmt::Debug + Send + Sync {
    /// The key.
    ///
    /// # Errors
    /// There is none.
    async fn key(&self) -> Result<Key, Box<dyn Error + Send + Sync>>;
}

/// Why a place fails. `Display` is for people and names the setting; the source is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub struct ArtefactsError {
    words: String,
    source: Box<dyn Error + Send + Sync>,
}

/// Files in that folder, which is made when the first is written.
#[must_use]
pub fn in_folder(folder: PathBuf) -> Arc<dyn Artefacts> {
    Arc::new(folder::Folder(folder))
}

/// The place for files of reports: the bucket where one is set, otherwise the folder. Nothing is asked of it yet. `machine` gives the
/// key for a bucket, unless the settings do.
///
/// # Errors
/// Its settings can't be used together.
pub fn configured(config: &Config, machine: Arc<dyn Keys>) -> Result<Arc<dyn Artefacts>, ArtefactsError> {
    match &config.reports.s3_bucket {
        Some(name) => Ok(Arc::new(bucket::Bucket::new(name, &config.reports, machine)?)),
        None => Ok(in_folder(config.reports.folder(config.database.url.expose()))),
    }
}
