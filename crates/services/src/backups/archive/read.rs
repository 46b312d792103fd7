//! Reading an archive through: every part goes to a sink and is held against the manifest at the end. Nothing in it is trusted,
//! names least of all.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path};

use age::Decryptor;
use flate2::read::GzDecoder;
use tar::Archive;

use super::super::error::BackupError;
use super::super::key::BackupKey;
use super::super::manifest::{AUDIT, DATABASE, FORMAT, MANIFEST, Manifest, Part, REPORTS, Unreadable};
use super::super::watch::Watch;
use super::write::piece_name;
use super::{Counted, PORTION};

/// Bytes a manifest has at most: some hundred thousand files.
const MOST_MANIFEST: u64 = 64 * 1024 * 1024;

/// What was read.
#[derive(Debug)]
pub(in super::super) struct Read {
    /// What it says about itself; everything it names was there.
    pub(in super::super) manifest: Manifest,
    /// The length of the file.
    pub(in super::super) bytes: u64,
}

/// Reads it through. The sink gets each part's name with the next bytes of it.
pub(in super::super) fn read(
    path: &Path,
    key: &BackupKey,
    watch: &Watch,
    mut sink: impl FnMut(&str, &[u8]) -> Result<(), BackupError>,
) -> Result<Read, BackupError> {
    let file = File::open(path).map_err(BackupError::file("read", path))?;
    let bytes = file.metadata().map_err(BackupError::file("read", path))?.len();
    let damaged = |why: String| BackupError::damaged(path, why);
    let torn = |error: std::io::Error| damaged(format!("it is cut off or was changed ({error})"));
    let decryptor = Decryptor::new_buffered(std::io::BufReader::with_capacity(PORTION, file));
    let decryptor = decryptor.map_err(|_| damaged("its beginning is not that of a backup".to_owned()))?;
    let mut archive = Archive::new(GzDecoder::new(key.open(path, decryptor)?));
    let (mut parts, mut open, mut pieces, mut manifest) = (Vec::<Part>::new(), None::<Counted>, 0_u32, None);
    let mut buffer = vec![0; PORTION];
    for entry in archive.entries().map_err(torn)? {
        let mut entry = entry.map_err(torn)?;
        let name = entry.path().map_err(torn)?.to_str().map(str::to_owned).unwrap_or_default();
        if manifest.is_some() || !entry.header().entry_type().is_file() {
            return Err(damaged(format!("{name:?} should not be in it")));
        }
        if name == MANIFEST {
            let mut text = Vec::new();
            (&mut entry).take(MOST_MANIFEST).read_to_end(&mut text).map_err(torn)?;
            manifest = Some(text);
            continue;
        }
        let part = part_name(&name).ok_or_else(|| damaged(format!("{name:?} should not be in it")))?;
        if part == DATABASE {
            pieces += 1;
            if name != piece_name(pieces) || !parts.is_empty() {
                return Err(damaged(format!("{name:?} is not in its place")));
            }
        } else if let Some(database) = open.take() {
            parts.push(database.part(DATABASE));
        }
        let mut counted = if part == DATABASE { open.take().unwrap_or_default() } else { Counted::default() };
        loop {
            let read = entry.read(&mut buffer).map_err(torn)?;
            if read == 0 {
                break;
            }
            counted.add(&buffer[..read]);
            sink(part, &buffer[..read])?;
            watch.went(read)?;
        }
        if part == DATABASE {
            open = Some(counted);
        } else {
            if counted.bytes == 0 {
                sink(part, &[])?;
            }
            parts.push(counted.part(part));
        }
    }
    parts.extend(open.map(|database| database.part(DATABASE)));
    // Behind the archive's end: the sums of what compressed and encrypted it, which tell a file that was cut there.
    let mut rest = archive.into_inner();
    std::io::copy(&mut rest, &mut std::io::sink()).map_err(torn)?;
    let left = std::io::copy(&mut rest.into_inner(), &mut std::io::sink()).map_err(torn)?;
    if left > 0 {
        return Err(damaged("something follows its end".to_owned()));
    }
    let manifest = manifest.ok_or_else(|| damaged("its manifest is missing".to_owned()))?;
    let manifest = Manifest::parse(&manifest).map_err(|why| match why {
        Unreadable::Newer(found) => BackupError::NewerFormat { found, known: FORMAT },
        Unreadable::Broken(why) => damaged(why),
    })?;
    compare(&manifest.parts, &parts).map_err(damaged)?;
    Ok(Read { manifest, bytes })
}

/// The part that an entry belongs to; `None` for a name that none of ours has.
fn part_name(name: &str) -> Option<&str> {
    if name.starts_with(DATABASE) && name.as_bytes().get(DATABASE.len()) == Some(&b'/') {
        return Some(DATABASE);
    }
    let file = name.strip_prefix(REPORTS).or_else(|| name.strip_prefix(AUDIT))?;
    let mut components = Path::new(file).components();
    let plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    (plain && !file.ends_with('/')).then_some(name)
}

fn compare(said: &[Part], found: &[Part]) -> Result<(), String> {
    if let Some((said, found)) = said.iter().zip(found).find(|(said, found)| said != found) {
        return Err(format!(
            "{} should have {} bytes with the SHA-256 {}, and {} has {} with {}",
            said.name, said.bytes, said.sha256, found.name, found.bytes, found.sha256
        ));
    }
    match (said.get(found.len()), found.get(said.len())) {
        (Some(missing), _) => Err(format!("{} is missing", missing.name)),
        (_, Some(more)) => Err(format!("{} should not be in it", more.name)),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        assert_eq!(part_name("database/00000001"), Some(DATABASE));
        assert_eq!(part_name("reports/a.csv"), Some("reports/a.csv"));
        for bad in [
            "reports/../x",
            "reports/a/b",
            "reports//etc/passwd",
            "reports/",
            "/etc/passwd",
            "audit/..",
            "databases",
            "x",
        ] {
            assert_eq!(part_name(bad), None, "{bad}");
        }
    }
}
