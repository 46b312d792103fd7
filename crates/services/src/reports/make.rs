//! Making the file of a run, as the report's owner.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::ids::ReportRunId;
use platform::artefacts::{ArtefactsError, Draft};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::queue::effect_once;
use store::repo::reports::{
    ReportRecord, RunFile, RunRecord, report_fetch_any, run_delete, run_fetch, run_finish, runs_beyond,
};
use store::repo::users::user_fetch;

use super::error::ReportError;
use super::{RunReportJob, files, pdf, sending, tables};
use crate::access::actor_of;
use crate::exports::{ExportError, Sink, Table, write_all};
use crate::run::{JobError, RunHandle};
use crate::{Context, audit};

/// What making a report gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Rows in the file.
    pub rows: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

impl From<RunFile> for RunReport {
    fn from(file: RunFile) -> Self {
        Self { rows: file.rows, bytes: file.bytes, sha256: file.sha256 }
    }
}

impl From<ReportError> for JobError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) | ReportError::Export(ExportError::Store(error)) => error.into(),
            ReportError::Artefacts(error) => Self::Retry { message: error.to_string(), source: Some(Box::new(error)) },
            ReportError::Export(ExportError::File(cause)) => {
                // The place where files are kept says itself what is wrong with it.
                let message = match cause.downcast_ref::<ArtefactsError>() {
                    Some(error) => error.to_string(),
                    None => "the file could not be made".to_owned(),
                };
                Self::Retry { message, source: Some(cause) }
            }
            other => Self::fail(other.to_string()),
        }
    }
}

/// Makes the file of a run. A run whose file is there is done already.
///
/// # Errors
/// [`JobError::Fail`] when the report, its owner or what they must be allowed is gone; [`JobError::Retry`] when the database or
/// the place for files fails; [`JobError::Cancelled`].
pub async fn run_report(ctx: &Context, handle: &dyn RunHandle, job: RunReportJob) -> Result<RunReport, JobError> {
    let run = run_fetch(&ctx.db, job.run_id).await?.ok_or_else(|| JobError::fail("the report was removed"))?;
    if let Some(file) = run.file {
        return Ok(file.into());
    }
    let report = report_fetch_any(&ctx.db, run.report_id).await?;
    let report = report.ok_or_else(|| JobError::fail("the report was removed"))?;
    let file = make(ctx, handle, &report, &run).await?;
    let (tx, now) = (ctx.db.begin().await?, ctx.env.now());
    if !run_finish(&tx, run.id, &file, now).await? {
        // Nobody waits for the database while the place for files is asked.
        drop(tx);
        files::remove(ctx, &[run.id]).await;
        return Err(JobError::fail("the report was removed"));
    }
    // Made twice, by a worker that was believed dead, it is sent once.
    if effect_once(&tx, handle.job_id(), "deliver", now).await? {
        sending::enqueue_all(ctx, &tx, &report, &run).await?;
    }
    tx.commit().await?;
    ctx.announce();
    if let Err(error) = forget_old(ctx, &report).await {
        // The file is there; the old ones go with the next run.
        tracing::warn!(error = &error as &dyn std::error::Error, report = %report.id, "old files of a report stay");
    }
    Ok(file.into())
}

/// Who a report is made and sent as: its owner, with what they hold now.
///
/// # Errors
/// [`JobError::Fail`] when they may not sign in any more.
pub(super) async fn as_owner(ctx: &Context, report: &ReportRecord) -> Result<Actor, JobError> {
    let owner = user_fetch(&ctx.db, report.owner_id).await?.filter(|owner| owner.enabled);
    let owner = owner.ok_or_else(|| JobError::fail("the report's owner may not sign in any more"))?;
    Ok(actor_of(&ctx.db, &owner).await?)
}

async fn make(
    ctx: &Context,
    handle: &dyn RunHandle,
    report: &ReportRecord,
    run: &RunRecord,
) -> Result<RunFile, JobError> {
    let actor = as_owner(ctx, report).await?;
    // What they may do now, not what they could when they made it.
    let allowed = |permission: Permission| actor.require(permission).map_err(|error| JobError::fail(error.to_string()));
    allowed(Permission::ReportRead)?;
    let table = tables::table(report, run.created_at)?;
    table.allow(&actor).map_err(|error| JobError::fail(error.to_string()))?;
    tables::check(&ctx.db, &actor, report.template, &tables::filter(report)?).await?;
    let entry = table.entry().on("report-run", run.id).named(&report.name);
    audit::note_each(ctx, &actor, entry).await?;

    let made = write(ctx, handle, (&actor, table.as_ref()), (report, run)).await;
    made.map_err(|error| if handle.cancelled() { JobError::Cancelled } else { error.into() })
}

async fn write(
    ctx: &Context,
    handle: &dyn RunHandle,
    from: (&Actor, &dyn Table),
    (report, run): (&ReportRecord, &RunRecord),
) -> Result<RunFile, ReportError> {
    // What the file holds may be a little old; that it was made is no such thing.
    let reading = ctx.reading();
    let told = Told { handle, total: from.1.count(&reading, from.0).await? };
    told.rows(0, "rows counted").await?;
    let draft = ctx.artefacts.begin(&files::name(run.id, run.format)).await?;
    let mut sink = FileSink { draft, hash: Sha256::new(), told };
    let made = fill(&reading, &mut sink, from, (report, run)).await;
    let FileSink { draft, hash, .. } = sink;
    match made {
        Ok((rows, bytes)) => {
            draft.finish().await?;
            let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(RunFile { rows, bytes, sha256 })
        }
        Err(error) => {
            if let Err(stays) = draft.abort().await {
                tracing::warn!(error = &stays as &dyn std::error::Error, run = %run.id, "half a file of a report stays");
            }
            Err(error)
        }
    }
}

/// Writes all of it. Gives its rows and bytes.
async fn fill(
    reading: &Context,
    sink: &mut FileSink<'_>,
    (actor, table): (&Actor, &dyn Table),
    (report, run): (&ReportRecord, &RunRecord),
) -> Result<(u64, u64), ReportError> {
    match run.format.table() {
        Some(format) => {
            let count = write_all(reading, actor, table, format, None, sink).await?;
            Ok((count.rows, count.bytes))
        }
        None => {
            let (file, rows) = pdf::make(reading, sink.told, (actor, table), (report, run)).await?;
            let bytes = file.len() as u64;
            sink.part(file).await?;
            Ok((rows, bytes))
        }
    }
}

/// Forgets what is beyond the files that are kept.
async fn forget_old(ctx: &Context, report: &ReportRecord) -> Result<(), ReportError> {
    let keep = u64::try_from(report.keep_runs).unwrap_or(1);
    let old: Vec<ReportRunId> = runs_beyond(&ctx.db, report.id, keep).await?;
    if !old.is_empty() {
        run_delete(&ctx.db, &old).await?;
        files::remove(ctx, &old).await;
    }
    Ok(())
}

/// The job that is told how far its file is.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) handle: &'a dyn RunHandle,
    /// Rows that there were when it began; what came and went since is not counted.
    pub(super) total: Option<u64>,
}

impl Told<'_> {
    /// Tells it; an error where nobody wants the file any more.
    pub(super) async fn rows(self, rows: u64, note: &str) -> Result<(), ExportError> {
        self.handle.progress(rows, self.total, note).await;
        self.handle.check().map_err(|_| ExportError::GivenUp)
    }
}

/// To a file, telling the job how far it is.
struct FileSink<'a> {
    draft: Box<dyn Draft>,
    hash: Sha256,
    told: Told<'a>,
}

#[async_trait]
impl Sink for FileSink<'_> {
    async fn part(&mut self, part: Vec<u8>) -> Result<(), ExportError> {
        self.hash.update(&part);
        self.draft.part(part.into()).await.map_err(ExportError::file)
    }

    async fn progress(&mut self, rows: u64) -> Result<(), ExportError> {
        self.told.rows(rows, "rows written").await
    }
}
