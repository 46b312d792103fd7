//! The second half of bringing a backup back: what is in the database now is held against what the manifest says, the schema is
//! brought up, the audit log is verified, and only then does everything take its place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde::Serialize;
use serde_json::json;
use store::repo::backups::{schema_version, table_counts};

use super::error::BackupError;
use super::manifest::{AUDIT, Engine, Manifest};
use super::restore::{Drafts, Placed, Unpacked};
use crate::Context;
use crate::audit::{self, Evidence, Finding, Line};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// The backup.
    pub file: PathBuf,
    /// The moment that it holds.
    pub created_at: DateTime<Utc>,
    /// The kind of database.
    pub engine: Engine,
    /// Its schema.
    pub schema: String,
    /// The schema that it was brought up to.
    pub schema_now: String,
    /// Tables, each with as many rows as were backed up.
    pub tables: u64,
    /// Rows of all of them.
    pub rows: u64,
    /// Files beside the database.
    pub files: u64,
    /// Whether the audit log is whole and ends where it ended.
    pub audit_whole: bool,
    /// Its entries.
    pub audit_entries: u64,
    /// Its last entry.
    pub audit_seq: i64,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// What is missing before everything works, in words.
    pub missing: Option<String>,
}

/// Looks at what was unpacked, through a context whose database is [`Unpacked::url`], and puts it into its place. That the audit
/// log is not whole is no error, but in the report: it may have been so when the backup was made. The context's database is
/// closed afterwards.
///
/// # Errors
/// [`BackupError::Different`] when rows are missing; [`BackupError::Store`], [`BackupError::File`], [`BackupError::Audit`].
pub async fn settle(ctx: &Context, unpacked: Unpacked) -> Result<RestoreReport, BackupError> {
    let Unpacked { file, manifest, drafts, database } = unpacked;
    let report = look(ctx, file, &manifest, &drafts).await;
    // SQLite writes everything into the one file when nobody has it open any more.
    ctx.db.close().await?;
    let report = report?;
    drafts.place()?;
    if let Placed::Beside(passing, to) = database {
        passing.keep(&to)?;
    }
    Ok(report)
}

async fn look(
    ctx: &Context,
    file: PathBuf,
    manifest: &Manifest,
    drafts: &Drafts,
) -> Result<RestoreReport, BackupError> {
    let found = table_counts(&ctx.db).await?;
    if let Some(difference) = difference(&manifest.tables, &found) {
        return Err(BackupError::Different(difference));
    }
    store::db::migrate(&ctx.db).await?;
    let schema_now = schema_version(&ctx.db).await?.unwrap_or_default();
    let evidence = evidence(manifest, drafts)?;
    let chain = audit::verify(ctx, &evidence, |_| true).await?.ok_or(BackupError::Cancelled)?;
    let same_end = match &manifest.audit_head {
        Some(head) => (head.seq, &head.hash) == (chain.last_seq, &chain.head),
        None => chain.entries == 0,
    };
    let missing = crate::vault::require_key_file(ctx).await.err().map(|error| error.to_string());
    let report = RestoreReport {
        created_at: manifest.created_at,
        engine: manifest.engine,
        schema: manifest.schema.clone(),
        schema_now,
        tables: u64::try_from(found.len()).unwrap_or(u64::MAX),
        rows: manifest.rows(),
        files: u64::try_from(manifest.files().count()).unwrap_or(u64::MAX),
        audit_whole: chain.whole && same_end,
        audit_entries: chain.entries,
        audit_seq: chain.last_seq,
        findings: chain.findings,
        missing,
        file,
    };
    note(ctx, &report).await?;
    Ok(report)
}

/// The first table whose rows are not those that were backed up.
fn difference(said: &BTreeMap<String, u64>, found: &BTreeMap<String, u64>) -> Option<String> {
    let differs = |table: &&String| said.get(*table) != found.get(*table);
    let table = said.keys().chain(found.keys()).find(differs)?;
    let rows =
        |counts: &BTreeMap<String, u64>| counts.get(table).map_or("no table".to_owned(), |rows| format!("{rows} rows"));
    Some(format!("{table} has {} and had {}", rows(found), rows(said)))
}

/// The lines and keys of the backup alone: what was signed after it was made tells of entries that it does not have.
fn evidence(manifest: &Manifest, drafts: &Drafts) -> Result<Evidence, BackupError> {
    let mut evidence = Evidence::default();
    for key in &manifest.audit_keys {
        evidence.trusted.push(key.parse()?);
    }
    for part in manifest.files().filter(|part| part.name.starts_with(AUDIT)) {
        let Some(path) = drafts.now_at(&part.name) else { continue };
        let text = std::fs::read_to_string(&path).map_err(BackupError::file("read", &path))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("{}:{}", part.name, number + 1);
            if Line::is_torn(line) {
                evidence.torn.push(place);
            } else {
                evidence.lines.push((place, line.to_owned()));
            }
        }
    }
    Ok(evidence)
}

/// From here on the log says where it came from.
async fn note(ctx: &Context, report: &RestoreReport) -> Result<(), BackupError> {
    let tx = ctx.db.begin().await?;
    let entry = Entry::new("backup.restore", Permission::AuditExport);
    let told =
        json!({ "made": report.created_at, "schema": report.schema, "rows": report.rows, "whole": report.audit_whole });
    audit::record(&tx, ctx, &Actor::system(), entry.after(told)).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_other_rows_is_named() {
        let counts = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect();
        let said = counts(&[("account", 2), ("job", 5)]);
        assert_eq!(difference(&said, &said), None);
        for (found, words) in [
            (counts(&[("account", 2), ("job", 4)]), "job has 4 rows and had 5 rows"),
            (counts(&[("account", 2)]), "job has no table and had 5 rows"),
            (counts(&[("account", 2), ("job", 5), ("more", 0)]), "more has 0 rows and had no table"),
        ] {
            assert_eq!(difference(&said, &found).as_deref(), Some(words));
        }
    }
}
