//! A ZIP of JSON files in memory. Nothing is compressed: it goes out over HTTP, which does that.

use std::io::{self, Cursor, Write as _};

use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An archive being written.
pub(super) struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    names: Vec<&'static str>,
}

impl Archive {
    pub(super) fn new() -> Self {
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())), names: Vec::new() }
    }

    /// Adds a file.
    pub(super) fn json(&mut self, name: &'static str, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.zip.start_file(name, options).map_err(io::Error::other)?;
        self.zip.write_all(&text)?;
        self.names.push(name);
        Ok(())
    }

    /// The files so far.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.names.clone()
    }

    /// The whole archive.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.zip.finish().map_err(io::Error::other)?.into_inner())
    }
}
