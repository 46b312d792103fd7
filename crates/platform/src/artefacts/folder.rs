//! A folder: a file is written beside its place and moved there whole.

use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::try_unfold;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Artefact, Artefacts, ArtefactsError, Draft};

/// Bytes that are read at a time.
const PART: usize = 64 * 1024;
/// The ending of what is being written.
const DRAFT: &str = "part";

#[derive(Debug)]
pub(super) struct Folder(pub(super) PathBuf);

/// A file beside its place.
struct Beside {
    file: File,
    draft: PathBuf,
    place: PathBuf,
}

fn unwritten(error: io::Error) -> ArtefactsError {
    let words = "the folder of reports (reports.dir) can't be written".to_owned();
    ArtefactsError { words, source: Box::new(error) }
}

fn unread(error: io::Error) -> ArtefactsError {
    let words = "the folder of reports (reports.dir) can't be read".to_owned();
    ArtefactsError { words, source: Box::new(error) }
}

#[async_trait]
impl Artefacts for Folder {
    async fn begin(&self, name: &str) -> Result<Box<dyn Draft>, ArtefactsError> {
        tokio::fs::create_dir_all(&self.0).await.map_err(unwritten)?;
        let place = self.0.join(name);
        let draft = place.with_extension(DRAFT);
        let file = File::create(&draft).await.map_err(unwritten)?;
        Ok(Box::new(Beside { file, draft, place }))
    }

    async fn open(&self, name: &str) -> Result<Option<Artefact>, ArtefactsError> {
        let file = match File::open(self.0.join(name)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unread(error)),
        };
        let bytes = file.metadata().await.map_err(unread)?.len();
        Ok(Some(Artefact { bytes, parts: try_unfold(file, part).boxed() }))
    }

    async fn names(&self) -> Result<Vec<String>, ArtefactsError> {
        let mut entries = match tokio::fs::read_dir(&self.0).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unread(error)),
        };
        let mut names = Vec::new();
        while let Some(entry) = entries.next_entry().await.map_err(unread)? {
            names.extend(entry.file_name().into_string());
        }
        Ok(names)
    }

    async fn remove(&self, name: &str) -> Result<(), ArtefactsError> {
        gone(tokio::fs::remove_file(self.0.join(name)).await)
    }

    async fn check(&self) -> Result<(), ArtefactsError> {
        self.names().await.map(drop)
    }
}

#[async_trait]
impl Draft for Beside {
    async fn part(&mut self, part: Bytes) -> Result<(), ArtefactsError> {
        self.file.write_all(&part).await.map_err(unwritten)
    }

    async fn finish(self: Box<Self>) -> Result<(), ArtefactsError> {
        let Self { mut file, draft, place } = *self;
        let put = async {
            file.flush().await?;
            file.sync_all().await?;
            tokio::fs::rename(&draft, &place).await
        };
        let Err(error) = put.await else { return Ok(()) };
        // What is wrong is that it could not be finished, not what becomes of the half.
        tokio::fs::remove_file(&draft).await.ok();
        Err(unwritten(error))
    }

    async fn abort(self: Box<Self>) -> Result<(), ArtefactsError> {
        gone(tokio::fs::remove_file(&self.draft).await)
    }
}

fn gone(removed: io::Result<()>) -> Result<(), ArtefactsError> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(error)),
        _ => Ok(()),
    }
}

/// The next part of a file; `None` after the last.
async fn part(mut file: File) -> io::Result<Option<(Bytes, File)>> {
    let mut part = Vec::with_capacity(PART);
    (&mut file).take(PART as u64).read_to_end(&mut part).await?;
    Ok((!part.is_empty()).then(|| (part.into(), file)))
}
