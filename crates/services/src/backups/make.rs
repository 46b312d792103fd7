//! Making a backup: one moment of the database, the files that belong to it, the manifest last.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::jobs::LogLevel;
use serde::Serialize;
use store::repo::audit::audit_head;
use store::repo::backups::{Snapshot, schema_version, server_major, snapshot, table_counts};
use store::{Backend, Connection};

use super::archive::Writer;
use super::error::BackupError;
use super::files::{Draft, Folder};
use super::key::BackupKey;
use super::manifest::{FORMAT, Head, Manifest, Part};
use super::noted;
use super::postgres::{DUMP, Programs};
use super::retention::{Keep, superfluous};
use super::sources::{self, Source};
use super::sqlite::{self, Passing};
use super::watch::Watch;
use super::{BackupPolicy, restore};
use crate::audit::Evidence;
use crate::run::{JobError, RunHandle};
use crate::{Context, count};

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The newest step of the schema.
    pub schema: String,
    /// Tables in it.
    pub tables: u64,
    /// Rows of all of them.
    pub rows: u64,
    /// Files in it beside the database.
    pub files: u64,
    /// The bucket that the files of reports are in, which are not in it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports_in: Option<String>,
    /// The last entry of the audit log in it.
    pub audit_seq: i64,
    /// Whether it was read through again afterwards; not where the key only closes.
    pub read_back: bool,
    /// Older ones that were removed.
    pub removed: u64,
}

/// The database at one moment, for as long as it is read.
enum Moment {
    Postgres { snapshot: String, programs: Programs },
    Sqlite(Passing),
}

/// Makes a backup as configured, and removes those that need not be kept.
///
/// # Errors
/// [`JobError`] as [`BackupError`] says.
pub async fn backup_job(ctx: &Context, handle: &dyn RunHandle) -> Result<BackupReport, JobError> {
    let policy = ctx.policy.now();
    let config = &policy.backup.config;
    let folder = config.dir.clone().ok_or_else(|| missing("backup.dir", "name the folder that backups go into"))?;
    let key = config.key_file.as_deref().ok_or_else(|| missing("backup.key_file", "name the file with the key"))?;
    let key = BackupKey::read(key)?;
    let report = backup(ctx, handle, Arc::new(key), &folder, true).await?;
    let words = format!("{} holds {} rows of {} tables", report.file.display(), report.rows, report.tables);
    handle.log(LogLevel::Info, &words).await;
    if let Some(bucket) = &report.reports_in {
        handle.log(LogLevel::Info, &format!("the files of reports are not in it: they are in {bucket}")).await;
    }
    Ok(report)
}

fn missing(key: &'static str, what: &str) -> BackupError {
    BackupError::Setting { key, problem: format!("it is not set; {what}") }
}

/// Makes a backup in that folder; with `prune`, removes the older ones there that need not be kept.
///
/// # Errors
/// [`BackupError`]; then nothing was made, and nothing removed.
pub async fn backup(
    ctx: &Context,
    handle: &dyn RunHandle,
    key: Arc<BackupKey>,
    folder: &Path,
    prune: bool,
) -> Result<BackupReport, BackupError> {
    let policy = ctx.policy.now();
    let policy = &policy.backup;
    let folder = Folder::open(folder)?;
    let created_at = ctx.env.now().trunc_subsecs(0);
    let place = folder.place(created_at)?;
    let trusted = Evidence::own(ctx).await?.trusted;
    let checkpoints = sources::checkpoints(policy)?;
    let (moment, manifest, held) = hold(ctx, created_at).await?;
    let manifest = Manifest { audit_keys: trusted.iter().map(ToString::to_string).collect(), ..manifest };
    let mut files = sources::reports(policy)?;
    files.extend(checkpoints);

    let draft = folder.draft()?;
    let watch = Watch::new(policy.config.deadline_minutes);
    let input = Input { moment, manifest, files, key: Arc::clone(&key) };
    let written = watch.run(handle, "bytes", move |watch| write(draft, input, watch)).await;
    // Only read in it: however it ends, nothing is lost.
    drop(held);
    let (draft, manifest) = written?;
    let read_back = key.opens();
    if read_back {
        let path = draft.path().to_owned();
        let read =
            restore::read_through(&path, &key, policy.config.deadline_minutes, handle, "bytes read back").await?;
        if read.manifest != manifest {
            return Err(BackupError::damaged(&path, "what was read back is not what was written"));
        }
    }
    let bytes = draft.place(&place)?;
    let removed = if prune { remove(&folder, policy)? } else { 0 };
    let report = BackupReport {
        file: place,
        bytes,
        schema: manifest.schema.clone(),
        tables: count(manifest.tables.len()),
        rows: manifest.rows(),
        files: count(manifest.files().count()),
        reports_in: manifest.reports_in.clone(),
        audit_seq: manifest.audit_head.as_ref().map_or(0, |head| head.seq),
        read_back,
        removed,
    };
    noted::note(ctx, &report).await?;
    Ok(report)
}

/// Holds a moment of the database still, and says what is in it. On Postgres it holds for as long as the snapshot does.
async fn hold(ctx: &Context, created_at: DateTime<Utc>) -> Result<(Moment, Manifest, Option<Snapshot>), BackupError> {
    let policy = ctx.policy.now();
    let policy = &policy.backup;
    let manifest = Manifest {
        format: FORMAT,
        created_at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: ctx.db.backend().into(),
        server: server_major(&ctx.db).await?,
        program: None,
        schema: String::new(),
        tables: std::collections::BTreeMap::new(),
        audit_head: None,
        audit_keys: Vec::new(),
        reports_in: policy.reports_in.clone(),
        parts: Vec::new(),
    };
    match ctx.db.backend() {
        Backend::Postgres => {
            let programs = Programs::new(&policy.config, &policy.database)?;
            let program = programs.version(DUMP, "the server", manifest.server.unwrap_or(0)).await?;
            let snapshot = snapshot(&ctx.db).await?;
            let manifest = Manifest { program: Some(program), ..look(&snapshot.tx, manifest).await? };
            Ok((Moment::Postgres { snapshot: snapshot.name.clone(), programs }, manifest, Some(snapshot)))
        }
        Backend::Sqlite => {
            let copy = sqlite::copy(&ctx.db, policy.database.url.expose()).await?;
            let db = sqlite::open(&copy).await?;
            let manifest = look(&db, manifest).await;
            db.close().await?;
            Ok((Moment::Sqlite(copy), manifest?, None))
        }
    }
}

async fn look(conn: &impl Connection, manifest: Manifest) -> Result<Manifest, BackupError> {
    let schema = schema_version(conn).await?.ok_or_else(|| BackupError::Setting {
        key: "database.url",
        problem: "there is nothing of ours in this database; wheelhouse migrate makes the schema".to_owned(),
    })?;
    let head = audit_head(conn).await?.map(|tip| Head { seq: tip.seq, hash: tip.hash });
    Ok(Manifest { schema, tables: table_counts(conn).await?, audit_head: head, ..manifest })
}

/// What is written.
struct Input {
    moment: Moment,
    manifest: Manifest,
    files: Vec<Source>,
    key: Arc<BackupKey>,
}

fn write(draft: Draft, input: Input, watch: &Watch) -> Result<(Draft, Manifest), BackupError> {
    let Input { moment, manifest, files, key } = input;
    let path = draft.path().to_owned();
    let out = std::io::BufWriter::with_capacity(256 * 1024, &draft);
    let mut writer = Writer::begin(out, &path, &key, manifest.created_at)?;
    let mut parts = vec![database(&mut writer, &moment, watch)?];
    for source in &files {
        if let Some((file, bytes)) = source.open()? {
            parts.push(writer.file(&source.name, &source.path, file, bytes, watch)?);
        }
    }
    let manifest = Manifest { parts, ..manifest };
    drop(writer.finish(&manifest)?);
    Ok((draft, manifest))
}

fn database<W: std::io::Write>(writer: &mut Writer<W>, moment: &Moment, watch: &Watch) -> Result<Part, BackupError> {
    match moment {
        Moment::Sqlite(copy) => {
            let file = std::fs::File::open(&copy.path).map_err(BackupError::file("read", &copy.path))?;
            writer.database(file, watch, |error| BackupError::file("read", &copy.path)(error))
        }
        Moment::Postgres { snapshot, programs } => {
            let (out, running) = programs.dump(snapshot, watch)?;
            let words = |error: std::io::Error| BackupError::Program { program: DUMP, words: error.to_string() };
            let part = writer.database(out, watch, words);
            if part.is_err() {
                watch.kill();
                return part;
            }
            running.end(watch)?;
            part
        }
    }
}

/// Removes what need not be kept.
fn remove(folder: &Folder, policy: &BackupPolicy) -> Result<u64, BackupError> {
    let made = folder.list()?;
    let moments: Vec<_> = made.iter().map(|(at, _)| *at).collect();
    let keep = Keep { daily: policy.config.keep_daily, weekly: policy.config.keep_weekly };
    let gone = superfluous(&moments, keep);
    for (_, path) in made.iter().filter(|(at, _)| gone.contains(at)) {
        std::fs::remove_file(path).map_err(BackupError::file("remove the old backup", path))?;
    }
    Ok(count(gone.len()))
}
