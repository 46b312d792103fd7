//! `wheelhouse backup`, `wheelhouse verify` and `wheelhouse restore`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use domain::env::Env;
use domain::ids::JobId;
use platform::config::Config;
use platform::shutdown::Shutdown;
use services::backups::{self, BackupKey, BackupPolicy, RestoreReport, VerifyReport};

use super::handle::Handle;
use crate::cli::{Backup, Restore, VerifyBackup};
use crate::compose::{self, Load};
use crate::output;

/// Makes a backup.
pub async fn make(load: &Load, options: &Backup, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let key = key(&config, options.key_file.as_deref())?;
    let folder = options.into.clone().or_else(|| config.backup.dir.clone());
    let folder = folder.context("say --into FOLDER, or set backup.dir")?;
    let context = compose::context(&config).await?;
    let handle = handle(&context.env, "backup")?;
    let made = Box::pin(backups::backup(&context, &handle, key, &folder, options.prune)).await;
    context.db.close().await?;
    let made = made?;
    if json {
        output::json(&made)?;
    } else {
        output::line(made.file.display());
        output::line(format_args!(
            "{} bytes: {} rows of {} tables, {} files, the audit log up to entry {}, schema {}",
            made.bytes, made.rows, made.tables, made.files, made.audit_seq, made.schema
        ));
        match made.read_back {
            true => output::line("it was read back and is whole"),
            false => output::note("it was not read back: the key file only closes backups"),
        }
        left_out(made.reports_in.as_deref());
        if made.removed > 0 {
            output::line(format_args!("{} older backups were removed", made.removed));
        }
        output::note(
            "keep apart from it: the backup's key, the vault's key file, the audit log's signing key (docs/backups.md)",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads one through.
pub async fn verify(load: &Load, options: &VerifyBackup, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let key = key(&config, options.key_file.as_deref())?;
    let handle = handle(&compose::env(), "verify")?;
    let report = backups::verify(&BackupPolicy::from(&config), &handle, &key, &options.file).await?;
    if json {
        output::json(&report)?;
    } else {
        let VerifyReport { file, bytes, manifest } = &report;
        output::line(format_args!("{} is whole: {bytes} bytes", file.display()));
        output::line(format_args!(
            "made {} by Wheelhouse {} of {}: {} rows of {} tables, {} files, schema {}",
            manifest.created_at,
            manifest.version,
            manifest.engine,
            manifest.rows(),
            manifest.tables.len(),
            manifest.files().count(),
            manifest.schema
        ));
        left_out(manifest.reports_in.as_deref());
        if let Some(head) = &manifest.audit_head {
            output::line(format_args!("the audit log ends with entry {}, {}", head.seq, head.hash));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings one back. The exit status says whether the audit log in it is whole too.
pub async fn restore(load: &Load, options: &Restore, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let key = key(&config, options.key_file.as_deref())?;
    let handle = handle(&compose::env(), "restore")?;
    let unpacked = backups::unpack(&BackupPolicy::from(&config), &handle, &key, &options.file).await?;
    let mut there = config.clone();
    there.database.url = unpacked.url().into();
    let context = compose::context(&there).await?;
    let report = Box::pin(backups::settle(&context, unpacked)).await?;
    if json {
        output::json(&report)?;
    } else {
        say(&report);
    }
    Ok(if report.audit_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(report: &RestoreReport) {
    output::line(format_args!(
        "{} of {} is back: {} rows of {} tables, as many as were backed up, and {} files",
        report.file.display(),
        report.created_at,
        report.rows,
        report.tables,
        report.files
    ));
    if report.schema != report.schema_now {
        output::line(format_args!("the schema was brought up from {} to {}", report.schema, report.schema_now));
    }
    for finding in &report.findings {
        let place = finding.seq.map_or_else(|| "checkpoint".to_owned(), |seq| format!("entry {seq}"));
        output::line(format_args!("WRONG  {place}: {}", finding.words));
    }
    if report.audit_whole {
        output::line(format_args!(
            "the audit log is whole: {} entries up to {}",
            report.audit_entries, report.audit_seq
        ));
    } else {
        output::line("the audit log is NOT whole, or does not end where it ended when the backup was made");
    }
    if let Some(missing) = &report.missing {
        output::note(missing);
    }
}

/// Says that the files of reports are in a bucket, not in the backup.
fn left_out(reports_in: Option<&str>) {
    if let Some(bucket) = reports_in {
        output::note(format_args!(
            "the files of reports are not in it: they are in {bucket}, whose versions are their backup (docs/backups.md)"
        ));
    }
}

fn key(config: &Config, named: Option<&Path>) -> anyhow::Result<Arc<BackupKey>> {
    let path = named.map(PathBuf::from).or_else(|| config.backup.key_file.clone());
    let path = path.context("say --key-file FILE, or set backup.key_file")?;
    Ok(Arc::new(BackupKey::read(&path)?))
}

/// Ctrl-C stops it, and then nothing half is left.
fn handle(env: &Env, what: &str) -> anyhow::Result<Handle> {
    let shutdown = Shutdown::install()?;
    Ok(Handle::new(JobId(env.new_id()), shutdown.token(), what.to_owned()))
}
