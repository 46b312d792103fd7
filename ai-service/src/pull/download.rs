//! One file: into a part beside its place, on from where it stopped, checked, and renamed.

use std::fs::{self, File as Disk, OpenOptions, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use reqwest::header::CONTENT_RANGE;
use reqwest::{Response, StatusCode};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::hub::{File, Hub, Sum};
use super::{PullError, Reference, io};

/// Tries in a row that bring nothing new, before the line is given up.
const TRIES: u32 = 5;
/// Bytes between two reports.
const STEP: u64 = 4 << 20;

/// Where a file is asked for.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub hub: &'a Hub,
    pub reference: &'a Reference,
    pub commit: &'a str,
}

/// Fetches one file to `target`; gives the bytes that came over the line.
pub(super) async fn fetch(
    source: Source<'_>,
    file: &File,
    target: &Path,
    report: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, PullError> {
    if is_there(target, file).await? {
        report(file.size);
        return Ok(0);
    }
    let path = part_of(target, file);
    let part = open(&path)?;
    let (sum, done) = reopened(&part, &path, file).await?;
    let disk = tokio::fs::File::from_std(part);
    let mut transfer = Transfer { source, file, path: &path, disk, sum, done, fetched: 0 };
    report(done);
    let mut tries = 0;
    while transfer.done < file.size {
        let before = transfer.done;
        let received = transfer.receive(report).await;
        transfer.disk.flush().await.map_err(io(&path))?;
        match received {
            Ok(()) if transfer.done >= file.size => break,
            // The line was closed early, without a word: as good as broken.
            Ok(()) if tries + 1 < TRIES => {}
            Ok(()) => {
                let sentence = format!("{} ends after {} of {} bytes", file.path, transfer.done, file.size);
                return Err(PullError::Answer(sentence));
            }
            Err(PullError::Line { source, .. }) if passes(&source) && tries + 1 < TRIES => {}
            Err(error) => return Err(error),
        }
        tries = if transfer.done > before { 0 } else { tries + 1 };
        tokio::time::sleep(source.hub.patience * 2_u32.saturating_pow(tries)).await;
    }
    transfer.disk.sync_all().await.map_err(io(&path))?;
    let found = hex(transfer.sum.finish().as_ref());
    if found != *wanted(file) {
        fs::remove_file(&path).map_err(io(&path))?;
        return Err(PullError::Checksum { file: file.path.clone(), found, wanted: wanted(file).clone() });
    }
    fs::rename(&path, target).map_err(io(target))?;
    report(file.size);
    Ok(transfer.fetched)
}

/// Whether trying again may help: not where the server gave its answer.
fn passes(error: &reqwest::Error) -> bool {
    error.status().is_none_or(|status| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS)
}

/// A file on its way. `sum` is over the first `done` bytes, which is where `disk` stands.
struct Transfer<'a> {
    source: Source<'a>,
    file: &'a File,
    path: &'a Path,
    disk: tokio::fs::File,
    sum: Context,
    done: u64,
    fetched: u64,
}

impl Transfer<'_> {
    /// Takes what one answer brings.
    async fn receive(&mut self, report: &mut (dyn FnMut(u64) + Send)) -> Result<(), PullError> {
        let file = self.file;
        let Source { hub, reference, commit } = self.source;
        let mut response = hub.open(reference, commit, file, self.done).await?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(PullError::Answer(format!("it gives no part of {}", file.path)));
        }
        if self.done > 0 && !goes_on(&response, self.done) {
            self.disk.set_len(0).await.map_err(io(self.path))?;
            self.disk.rewind().await.map_err(io(self.path))?;
            (self.sum, self.done) = (begun(file), 0);
        }
        let mut told = self.done;
        let broken = |source: reqwest::Error| PullError::Line { what: file.path.clone(), source: source.without_url() };
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            let after = self.done + piece.len() as u64;
            if after > file.size {
                let sentence = format!("{} is longer than the {} bytes it was said to have", file.path, file.size);
                return Err(PullError::Answer(sentence));
            }
            self.disk.write_all(&piece).await.map_err(io(self.path))?;
            self.sum.update(&piece);
            self.fetched += piece.len() as u64;
            self.done = after;
            if after - told >= STEP {
                told = after;
                report(after);
            }
        }
        Ok(())
    }
}

/// Whether an answer holds the rest from `start` on.
fn goes_on(response: &Response, start: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let begins = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse::<u64>().ok());
    response.status() == StatusCode::PARTIAL_CONTENT && begins == Some(start)
}

/// Where the part lies: named after its content, so that a part of another version is never gone on with.
fn part_of(target: &Path, file: &File) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let start: String = wanted(file).chars().take(12).collect();
    target.with_file_name(format!(".{name}.{start}.part"))
}

fn open(path: &Path) -> Result<Disk, PullError> {
    let part = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io(path))?;
    match part.try_lock() {
        Ok(()) => Ok(part),
        Err(TryLockError::WouldBlock) => Err(PullError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(path)(error)),
    }
}

/// The sum over what is there of a part, and how much that is; the file stands at its end.
async fn reopened(part: &Disk, path: &Path, file: &File) -> Result<(Context, u64), PullError> {
    let mut reader = part.try_clone().map_err(io(path))?;
    let size = file.size;
    let sum = begun(file);
    let read = tokio::task::spawn_blocking(move || -> std::io::Result<(Context, u64)> {
        if reader.metadata()?.len() > size {
            reader.set_len(0)?;
        }
        add_all(&mut reader, sum)
    });
    // The task neither panics nor is cancelled.
    read.await.map_err(std::io::Error::other).flatten().map_err(io(path))
}

fn add_all(reader: &mut impl Read, mut sum: Context) -> std::io::Result<(Context, u64)> {
    let mut buffer = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((sum, length));
        }
        sum.update(buffer.get(..count).unwrap_or_default());
        length += count as u64;
    }
}

/// Whether the whole file is there already, by its checksum.
async fn is_there(target: &Path, file: &File) -> Result<bool, PullError> {
    if fs::metadata(target).is_ok_and(|found| found.is_file() && found.len() == file.size) {
        let disk = Disk::open(target).map_err(io(target))?;
        let (sum, _) = reopened(&disk, target, file).await?;
        return Ok(hex(sum.finish().as_ref()) == *wanted(file));
    }
    Ok(false)
}

const fn wanted(file: &File) -> &String {
    match &file.sum {
        Sum::Sha256(sum) | Sum::GitBlob(sum) => sum,
    }
}

fn begun(file: &File) -> Context {
    match file.sum {
        Sum::Sha256(_) => Context::new(&SHA256),
        Sum::GitBlob(_) => {
            let mut sum = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            sum.update(format!("blob {}\0", file.size).as_bytes());
            sum
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
