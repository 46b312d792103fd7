//! Writing an archive.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use age::stream::StreamWriter;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::super::error::BackupError;
use super::super::key::BackupKey;
use super::super::manifest::{DATABASE, MANIFEST, Manifest, Part};
use super::super::watch::Watch;
use super::Counted;

/// Bytes of a piece of the database: what is held in memory.
const PIECE: usize = 4 * 1024 * 1024;

/// An archive being written.
pub(in super::super) struct Writer<W: Write> {
    tar: Builder<GzEncoder<StreamWriter<W>>>,
    /// Where it goes, for errors.
    path: PathBuf,
    at: u64,
}

impl<W: Write> Writer<W> {
    pub(in super::super) fn begin(
        out: W,
        path: &Path,
        key: &BackupKey,
        at: DateTime<Utc>,
    ) -> Result<Self, BackupError> {
        let out = key.encryptor()?.wrap_output(out).map_err(BackupError::file("write", path))?;
        let tar = Builder::new(GzEncoder::new(out, Compression::fast()));
        Ok(Self { tar, path: path.to_owned(), at: u64::try_from(at.timestamp()).unwrap_or(0) })
    }

    /// The database, whose length nobody knows before it ends.
    pub(in super::super) fn database(
        &mut self,
        mut from: impl Read,
        watch: &Watch,
        failed: impl Fn(std::io::Error) -> BackupError,
    ) -> Result<Part, BackupError> {
        let (mut counted, mut piece, mut number) = (Counted::default(), Vec::with_capacity(PIECE), 0_u32);
        loop {
            piece.clear();
            (&mut from).take(PIECE as u64).read_to_end(&mut piece).map_err(&failed)?;
            if piece.is_empty() {
                return Ok(counted.part(DATABASE));
            }
            number += 1;
            counted.add(&piece);
            self.entry(&piece_name(number), piece.len() as u64, piece.as_slice())?;
            watch.went(piece.len())?;
        }
    }

    /// The first so many bytes of a file.
    pub(in super::super) fn file(
        &mut self,
        name: &str,
        from: &Path,
        file: std::fs::File,
        bytes: u64,
        watch: &Watch,
    ) -> Result<Part, BackupError> {
        let mut counting = Counting { inner: file.take(bytes), counted: Counted::default(), watch };
        self.entry(name, bytes, &mut counting)?;
        if counting.counted.bytes != bytes {
            let source = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(BackupError::File { what: "read all of", path: from.to_owned(), source });
        }
        Ok(counting.counted.part(name))
    }

    /// The manifest, and the end.
    pub(in super::super) fn finish(mut self, manifest: &Manifest) -> Result<W, BackupError> {
        let text = serde_json::to_vec_pretty(manifest).expect("a manifest is plain data");
        self.entry(MANIFEST, text.len() as u64, text.as_slice())?;
        let failed = || BackupError::file("write", &self.path);
        let gzip = self.tar.into_inner().map_err(failed())?;
        let encrypted = gzip.finish().map_err(failed())?;
        let mut out = encrypted.finish().map_err(failed())?;
        out.flush().map_err(failed())?;
        Ok(out)
    }

    fn entry(&mut self, name: &str, bytes: u64, content: impl Read) -> Result<(), BackupError> {
        let mut header = Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_mtime(self.at);
        self.tar.append_data(&mut header, name, content).map_err(BackupError::file("write", &self.path))
    }
}

/// The name of a piece of the database; they count from 1.
pub(super) fn piece_name(number: u32) -> String {
    format!("{DATABASE}/{number:08}")
}

struct Counting<'a, R> {
    inner: R,
    counted: Counted,
    watch: &'a Watch,
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.counted.add(&buffer[..read]);
        self.watch.went(read).map_err(|stopped| std::io::Error::other(stopped.to_string()))?;
        Ok(read)
    }
}
