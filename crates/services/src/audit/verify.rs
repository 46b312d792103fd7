//! Verifying the whole chain against itself, its cut and everything that was signed.

use std::path::Path;

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::Serialize;
use serde_json::json;
use store::StoreError;
use store::repo::audit::{self, AuditVerificationRecord};

use super::cuts::{beginning, rows_after};
use super::error::AuditError;
use super::files::Files;
use super::seal::{Line, PublicKey, SealError};
use super::walk::{Fault, Finding, Walk};
use crate::Context;
use crate::run::{JobError, RunHandle};

/// Rows read at a time.
const PORTION: u64 = 1000;

/// What the chain is held against: signed lines, and the keys whose signatures count.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Lines, each with where it stands.
    pub lines: Vec<(String, String)>,
    /// Where lines were torn off while they were written, as by a full disk: they say nothing, and are not held against the log.
    pub torn: Vec<String>,
    /// Keys whose signatures count.
    pub trusted: Vec<PublicKey>,
}

impl Evidence {
    /// This installation's own files and key.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn own(ctx: &Context) -> Result<Self, SealError> {
        let own = |files: &Files| {
            let trusted = files.key()?.iter().map(super::seal::SigningKey::public).collect();
            let mut own = Self { trusted, ..Self::default() };
            own.add_folder(files.folder())?;
            Ok(own)
        };
        ctx.audit.files.with(own).await
    }

    /// Adds the lines of another folder.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), SealError> {
        for (place, line) in Files::lines_in(folder)? {
            if Line::is_torn(&line) {
                self.torn.push(place);
            } else {
                self.lines.push((place, line));
            }
        }
        Ok(())
    }
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything is as it should be.
    pub whole: bool,
    /// The first entry that is still there should have this place.
    pub first_seq: i64,
    /// The last entry's place; one less than `first_seq` when there is none.
    pub last_seq: i64,
    /// The last entry's hash.
    pub head: String,
    /// Entries that were looked at.
    pub entries: u64,
    /// Personal parts that were erased.
    pub erased_parts: u64,
    /// Signed lines that count.
    pub checkpoints: u64,
    /// The newest of them.
    pub last_checkpoint_at: Option<DateTime<Utc>>,
    /// What is wrong, by place; at most 100.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The first entry that is not as it should be.
    #[must_use]
    pub fn bad_seq(&self) -> Option<i64> {
        self.findings.iter().find_map(|finding| finding.seq)
    }

    fn record(&self, at: DateTime<Utc>) -> AuditVerificationRecord {
        AuditVerificationRecord {
            at,
            whole: self.whole,
            first_seq: self.first_seq,
            last_seq: self.last_seq,
            entries: i64::try_from(self.entries).unwrap_or(i64::MAX),
            bad_seq: self.bad_seq(),
            problem: self.findings.first().map(|finding| finding.words.clone()),
        }
    }
}

/// Verifies the whole chain. `progress` hears how many entries were looked at and says whether to go on. What was found is
/// kept, for people to see.
///
/// # Errors
/// [`StoreError`]. That the chain is broken is no error, but in the report; a stop is `None`.
pub async fn verify(
    ctx: &Context,
    evidence: &Evidence,
    mut progress: impl FnMut(u64) -> bool,
) -> Result<Option<Report>, StoreError> {
    // What was signed is read before the rows: a checkpoint made meanwhile signs what is not yet looked for.
    let copies = audit::audit_checkpoint_list(&ctx.db).await?;
    let cuts = audit::audit_cut_list(&ctx.db).await?;
    let copied = copies.into_iter().map(|copy| ("a copy in the database".to_owned(), copy.line));
    let cut_lines = cuts.iter().map(|cut| (format!("the cut behind entry {}", cut.seq), cut.line.clone()));
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    for (place, text) in evidence.lines.iter().cloned().chain(copied).chain(cut_lines) {
        match Line::checked(&text, &evidence.trusted) {
            Ok(line) => lines.push(line),
            Err(why) => {
                let words = format!("{place} counts for nothing: {why}");
                findings.push(Finding { fault: Fault::Forged, seq: None, words });
            }
        }
    }
    // Lines of cuts are only marks here, as checkpoints are: what begins the chain is what was removed.
    let start = beginning(ctx, &evidence.trusted).await?;
    let mut walk = Walk::new(start, lines.iter().map(|line| (line.seq, line.hash.clone())));
    loop {
        let (rows, parts) = rows_after(ctx, &evidence.trusted, &mut walk, PORTION).await?;
        if rows.is_empty() {
            break;
        }
        walk.rows(&rows, &parts);
        if !progress(walk.entries) {
            return Ok(None);
        }
    }
    walk.end();
    findings.append(&mut walk.findings);
    findings.sort_by_key(|finding| finding.seq.unwrap_or(i64::MAX));
    findings.truncate(100);
    let report = Report {
        whole: findings.is_empty(),
        first_seq: walk.first,
        last_seq: walk.at.seq,
        head: walk.at.hash,
        entries: walk.entries,
        erased_parts: walk.erased,
        checkpoints: u64::try_from(lines.len()).unwrap_or(u64::MAX),
        last_checkpoint_at: lines.iter().filter_map(Line::signed_at).max(),
        findings,
    };
    // A look at nothing, before there was anything, would be shown as a whole log from then on.
    let nothing = report.whole && report.last_seq == 0;
    if !nothing || audit::audit_verification_latest(&ctx.db).await?.is_some() {
        keep(ctx, &report).await?;
    }
    Ok(Some(report))
}

/// Keeps what was found; a database that can't be written to (a copy, for an auditor) is read all the same.
async fn keep(ctx: &Context, report: &Report) -> Result<(), StoreError> {
    let record = report.record(ctx.env.now().trunc_subsecs(6));
    match audit::audit_verification_insert(&ctx.db, ctx.env.new_id(), &record).await {
        Err(StoreError::Other { source }) => {
            tracing::warn!(error = &source as &dyn std::error::Error, "what was found could not be kept");
            Ok(())
        }
        kept => kept,
    }
}

/// Notes what was found on a checkpoint's way.
pub(super) async fn keep_walk(ctx: &Context, walk: &Walk) -> Result<(), StoreError> {
    let report = Report {
        whole: walk.findings.is_empty(),
        first_seq: walk.first,
        last_seq: walk.at.seq,
        head: walk.at.hash.clone(),
        entries: walk.entries,
        erased_parts: walk.erased,
        checkpoints: 0,
        last_checkpoint_at: None,
        findings: walk.findings.clone(),
    };
    keep(ctx, &report).await
}

/// What the job says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Entries that were looked at.
    pub entries: u64,
    /// Signed lines that they were held against.
    pub checkpoints: u64,
    /// Personal parts that were erased.
    pub erased_parts: u64,
    /// The last entry's place.
    pub last_seq: i64,
}

/// Verifies the whole chain as a job: a broken one ends it as failed.
///
/// # Errors
/// [`JobError::Fail`] with the first finding; [`JobError`] as the database and the files say.
pub async fn verify_job(ctx: &Context, run: &dyn RunHandle) -> Result<VerifyReport, JobError> {
    let evidence = Evidence::own(ctx).await.map_err(AuditError::from)?;
    let report = verify(ctx, &evidence, |_| !run.cancelled()).await?.ok_or(JobError::Cancelled)?;
    run.progress(report.entries, Some(report.entries), "entries").await;
    if let Some(first) = report.findings.first() {
        tracing::error!(finding = %json!(first), "the audit log is not as it should be");
        return Err(JobError::fail(broken(first)));
    }
    let Report { entries, checkpoints, erased_parts, last_seq, .. } = report;
    Ok(VerifyReport { entries, checkpoints, erased_parts, last_seq })
}

/// The finding as a sentence.
pub(super) fn broken(finding: &Finding) -> String {
    match finding.seq {
        Some(seq) => format!("entry {seq}: {}", finding.words),
        None => finding.words.clone(),
    }
}
