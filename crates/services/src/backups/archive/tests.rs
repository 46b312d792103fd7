//! An archive, there and back; and with whatever can be wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use chrono::DateTime;
use proptest::prelude::*;

use super::super::error::BackupError;
use super::super::key::BackupKey;
use super::super::manifest::{Engine, FORMAT, Manifest};
use super::super::watch::Watch;
use super::{Writer, read};

/// The text of a key of its own.
fn fresh() -> String {
    age::x25519::Identity::generate().to_string().expose_secret().to_owned()
}

fn key(folder: &Path, text: &str) -> BackupKey {
    use std::os::unix::fs::PermissionsExt as _;
    let file = folder.join("backup.key");
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    BackupKey::read(&file).unwrap()
}

/// Writes one whose database and one report are these bytes.
fn written(folder: &Path, text: &str, database: &[u8], report: &[u8]) -> PathBuf {
    let path = folder.join("archive");
    let (watch, at) = (Watch::new(1), DateTime::UNIX_EPOCH);
    let mut writer = Writer::begin(Vec::new(), &path, &key(folder, text), at).unwrap();
    let source = folder.join("report.csv");
    std::fs::write(&source, report).unwrap();
    let database = writer.database(database, &watch, |error| panic!("{error}")).unwrap();
    let (file, length) = (std::fs::File::open(&source).unwrap(), report.len() as u64);
    let report = writer.file("reports/report.csv", &source, file, length, &watch).unwrap();
    let manifest = Manifest {
        format: FORMAT,
        created_at: at,
        version: "test".to_owned(),
        engine: Engine::Sqlite,
        server: None,
        program: None,
        schema: "m1".to_owned(),
        tables: BTreeMap::new(),
        audit_head: None,
        audit_keys: Vec::new(),
        reports_in: None,
        parts: vec![database, report],
    };
    std::fs::write(&path, writer.finish(&manifest).unwrap()).unwrap();
    path
}

/// Everything that reading it gives, by part.
fn through(folder: &Path, path: &Path, text: &str) -> Result<BTreeMap<String, Vec<u8>>, BackupError> {
    let mut found = BTreeMap::<String, Vec<u8>>::new();
    read(path, &key(folder, text), &Watch::new(1), |part, bytes| {
        found.entry(part.to_owned()).or_default().extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(found)
}

#[test]
fn what_was_written_is_read_and_only_with_the_key() {
    let folder = tempfile::tempdir().unwrap();
    // More than one piece, and not a whole number of them.
    let database: Vec<u8> = (0..9_000_001_u32).map(|at| (at % 251) as u8).collect();
    let text = "a passphrase of twenty characters";
    let path = written(folder.path(), text, &database, b"");
    let found = through(folder.path(), &path, text).unwrap();
    assert_eq!(found["database"], database);
    assert_eq!(found["reports/report.csv"], b"");
    for other in ["another passphrase of that length", &fresh()] {
        let refused = through(folder.path(), &path, other).unwrap_err();
        assert!(matches!(refused, BackupError::WrongKey(_)), "{refused}");
    }
}

#[test]
fn a_full_disk_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let noise: Vec<u8> = (0..2_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let written = Writer::begin(full, Path::new("/dev/full"), &key(folder.path(), &fresh()), DateTime::UNIX_EPOCH)
        .and_then(|mut writer| writer.database(noise.as_slice(), &Watch::new(1), |error| panic!("{error}")));
    let refused = written.unwrap_err().to_string();
    assert!(refused.contains("/dev/full") && refused.contains("No space left"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_changed_or_cut_off_is_found(
        at in any::<proptest::sample::Index>(),
        bit in 0_u32..8,
        how in 0_u32..3,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let noise: Vec<u8> = (0..150_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        let text = fresh();
        let path = written(folder.path(), &text, &noise, b"a;b\n1;2\n");
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] ^= 1 << bit,
            1 => bytes.truncate(at),
            _ => bytes.extend_from_within(at..),
        }
        std::fs::write(&path, bytes).unwrap();
        let refused = through(folder.path(), &path, &text);
        // A change of the sealed key in the header looks like another key.
        prop_assert!(matches!(refused, Err(BackupError::Damaged { .. } | BackupError::WrongKey(_))), "{refused:?}");
    }
}
