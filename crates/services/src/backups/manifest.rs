//! What a backup says about itself: its last part, so that a file without its end is none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Backend;
use store::db::schema_known;

use super::error::BackupError;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;
/// The part that is the database.
pub(super) const DATABASE: &str = "database";
/// What the names of reports' files begin with.
pub(super) const REPORTS: &str = "reports/";
/// What the names of the audit log's files begin with.
pub(super) const AUDIT: &str = "audit/";
/// The name of the manifest in the archive.
pub(super) const MANIFEST: &str = "manifest.json";

/// The kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// A dump of `pg_dump`, in its custom format.
    Postgres,
    /// The database file.
    Sqlite,
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Postgres => "Postgres",
            Self::Sqlite => "SQLite",
        })
    }
}

impl From<Backend> for Engine {
    fn from(backend: Backend) -> Self {
        match backend {
            Backend::Postgres => Self::Postgres,
            Backend::Sqlite => Self::Sqlite,
        }
    }
}

/// The end of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last entry's place.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// The database, or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `database`, or the file's name in the archive.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// What must be in a backup, and in the database that it is brought back into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How it is written: [`FORMAT`].
    pub format: u32,
    /// The moment that it holds.
    pub created_at: DateTime<Utc>,
    /// The Wheelhouse that made it.
    pub version: String,
    /// The kind of database.
    pub engine: Engine,
    /// Major version of the server, on Postgres.
    pub server: Option<u32>,
    /// Major version of the program that wrote the dump, on Postgres.
    pub program: Option<u32>,
    /// The newest step of the schema.
    pub schema: String,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
    /// The end of the audit log; `None` before its first entry.
    pub audit_head: Option<Head>,
    /// The public keys that its checkpoints are signed with.
    pub audit_keys: Vec<String>,
    /// The bucket that the files of reports were in, which are not in the archive then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_in: Option<String>,
    /// Everything else in the archive, in its order.
    pub parts: Vec<Part>,
}

impl Manifest {
    /// Reads it; `Err` in words when it can't be read.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Unreadable> {
        let broken = |error: serde_json::Error| Unreadable::Broken(format!("its manifest can't be read: {error}"));
        let value: Value = serde_json::from_slice(text).map_err(broken)?;
        let format = value.get("format").and_then(Value::as_u64).unwrap_or(0);
        if format > u64::from(FORMAT) {
            return Err(Unreadable::Newer(format));
        }
        serde_json::from_value(value).map_err(broken)
    }

    /// The rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
    }

    /// The files among its parts.
    pub fn files(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.name != DATABASE)
    }

    /// Whether this version can bring it back into that kind of database.
    ///
    /// # Errors
    /// [`BackupError::OtherEngine`], [`BackupError::NewerSchema`].
    pub fn fits(&self, target: Engine) -> Result<(), BackupError> {
        if self.engine != target {
            return Err(BackupError::OtherEngine { found: self.engine, target });
        }
        let known = schema_known();
        if known.contains(&self.schema) {
            return Ok(());
        }
        let newest = known.last().cloned().unwrap_or_default();
        Err(BackupError::NewerSchema { found: self.schema.clone(), known: newest, version: self.version.clone() })
    }
}

/// Why a manifest is of no use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A newer version wrote it.
    Newer(u64),
    /// It is not what was written.
    Broken(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            format: FORMAT,
            created_at: DateTime::UNIX_EPOCH,
            version: "0.1.0".to_owned(),
            engine: Engine::Sqlite,
            server: None,
            program: None,
            schema: schema_known().pop().unwrap(),
            tables: BTreeMap::from([("job".to_owned(), 3), ("account".to_owned(), 4)]),
            audit_head: None,
            audit_keys: Vec::new(),
            reports_in: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn what_is_newer_is_refused_with_the_figures() {
        let ours = manifest();
        let text = serde_json::to_vec(&ours).unwrap();
        assert_eq!(Manifest::parse(&text), Ok(ours.clone()));
        assert_eq!(ours.rows(), 7);
        ours.fits(Engine::Sqlite).unwrap();
        let mut newer = serde_json::to_value(&ours).unwrap();
        newer["format"] = (FORMAT + 1).into();
        newer["parts"] = "of another shape".into();
        assert_eq!(Manifest::parse(newer.to_string().as_bytes()), Err(Unreadable::Newer(u64::from(FORMAT) + 1)));
        assert!(matches!(Manifest::parse(b"{}"), Err(Unreadable::Broken(_))));

        let newer = Manifest { schema: "m29990101_000001_later".to_owned(), ..ours.clone() };
        let refused = newer.fits(Engine::Sqlite).unwrap_err().to_string();
        assert!(refused.contains("m29990101_000001_later") && refused.contains(&ours.schema), "{refused}");
        let refused = ours.fits(Engine::Postgres).unwrap_err().to_string();
        assert!(refused.contains("of SQLite") && refused.contains("names Postgres"), "{refused}");
    }
}
