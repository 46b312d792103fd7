//! A file in memory without reading it: the only place of `files` that needs `unsafe`.
//!
//! Invariants: a map is read-only and private to this process's view; nobody here writes through it. What can't be ruled
//! out is another process that shortens the file meanwhile: reading the missing part ends this process, as it would end
//! any program that maps files. Model files are therefore replaced by renaming (as `pull` does), never rewritten.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use memmap2::Mmap;

use super::error::FileError;

/// The bytes of a file, or of nothing but memory.
#[derive(Debug)]
pub(super) enum Map {
    File(Mmap),
    Owned(Vec<u8>),
}

impl Map {
    #[expect(unsafe_code, reason = "mapping a file; see the module's invariants")]
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let broken = |source| FileError::Io { path: path.to_owned(), source };
        // Opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(broken)?.is_file() {
            return Err(FileError::NotAModel(path.to_owned()));
        }
        let file = File::open(path).map_err(broken)?;
        // SAFETY: read-only, and not shortened while in use: see above.
        let map = unsafe { Mmap::map(&file) }.map_err(broken)?;
        Ok(Self::File(map))
    }

    pub(super) const fn owned(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::File(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }

    /// Lets go of the pages that lie wholly within `range`.
    #[cfg(unix)]
    #[expect(unsafe_code, reason = "advice about pages; see the comment at the call")]
    pub(super) fn release(&self, range: Range<usize>) {
        const PAGE: usize = 64 * 1024;
        let Self::File(map) = self else { return };
        let start = range.start.next_multiple_of(PAGE);
        let end = range.end.min(map.len()) / PAGE * PAGE;
        if start < end {
            // SAFETY: the map is backed by a file and never written, so pages that were let go come back with the same bytes.
            let advised = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, end - start) };
            // Advice is only advice: what refuses it keeps the pages.
            advised.unwrap_or_default();
        }
    }

    /// Elsewhere the system finds out by itself.
    #[cfg(not(unix))]
    pub(super) fn release(&self, _range: Range<usize>) {}
}
