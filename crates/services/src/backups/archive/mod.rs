//! The archive: writing one part after the other, and reading it through with everything checked. Both block, and hold little
//! of it at a time.

mod read;
mod write;

pub(super) use read::{Read, read};
pub(super) use write::Writer;

use sha2::{Digest as _, Sha256};

/// Bytes that go through at once.
const PORTION: usize = 128 * 1024;

/// A part as it goes through.
#[derive(Debug, Clone, Default)]
struct Counted {
    bytes: u64,
    hash: Sha256,
}

impl Counted {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    fn part(self, name: &str) -> super::Part {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        super::Part { name: name.to_owned(), bytes: self.bytes, sha256 }
    }
}

/// SHA-256 and length of a file, as a part of that name.
pub(super) fn part_of(name: &str, mut file: impl std::io::Read) -> std::io::Result<super::Part> {
    let (mut counted, mut buffer) = (Counted::default(), vec![0; PORTION]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(counted.part(name)),
            read => counted.add(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests;
