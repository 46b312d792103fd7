//! The runs of reports: start, list, take the file along, give a link to it, take the links back, send it again, remove.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{JobId, ReportId, ReportRunId};
use platform::artefacts::Artefact;
use serde_json::json;
use store::queue::{NewJob, enqueue};
use store::repo::reports::{self, NewRun, ReportRecord, RunFile, RunRecord, report_fetch_any, run_fetch};
use store::{StoreError, Tx};

use super::error::ReportError;
use super::schedule::next_run;
use super::service::{find, visible};
use super::{RunReportJob, files, sending, tables};
use crate::{Context, Page, PageRequest, audit, token};

/// A link to a file is good for so many hours.
pub const LINK_HOURS: i64 = 24;
/// Due reports that are taken on in one look.
const PORTION: u32 = 50;

/// A file to give.
#[derive(Debug)]
pub struct Download {
    /// It, and its length.
    pub file: Artefact,
    /// What to call it.
    pub file_name: String,
    /// What it is.
    pub media_type: &'static str,
}

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What whoever holds it may fetch the file with.
    pub token: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Starts what is due, in every process that looks; each of them once. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn start_due(ctx: &Context) -> Result<u64, StoreError> {
    let now = ctx.env.now();
    let mut started = 0;
    for report in reports::report_due(&ctx.db, now, PORTION).await? {
        let when = (u32::try_from(report.hour).unwrap_or(0), u32::try_from(report.day).unwrap_or(1));
        let zone = tables::zone(&report.zone).unwrap_or(chrono_tz::Tz::UTC);
        let tx = ctx.db.begin().await?;
        if reports::report_advance(&tx, &report, next_run(report.frequency, zone, when, now)).await? {
            start(ctx, &tx, &report, None).await?;
            tx.commit().await?;
            started += 1;
        }
    }
    if started > 0 {
        ctx.announce();
    }
    Ok(started)
}

/// Puts a run and its job in.
async fn start(ctx: &Context, tx: &Tx, report: &ReportRecord, by: Option<&Actor>) -> Result<ReportRunId, StoreError> {
    let run_id = ReportRunId(ctx.env.new_id());
    let payload = json!(RunReportJob { run_id });
    let mut job = NewJob::new(RunReportJob::NAME, format!("Report: {}", report.name), payload);
    job.created_by_name.clone_from(&report.owner);
    if let Some(by) = by {
        job.asked_by(by);
    }
    // Whose report it is may see the job, however it was started.
    job.created_by = Some(report.owner_id);
    let job_id: JobId = enqueue(tx, &ctx.env, job).await?.id();
    let (at, by_hand) = (ctx.env.now(), by.is_some());
    let new = NewRun { id: run_id, report_id: report.id, job_id, format: report.format, by_hand, at };
    reports::run_insert(tx, &new).await?;
    Ok(run_id)
}

/// Makes a report now.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn run_now(ctx: &Context, actor: &Actor, id: ReportId) -> Result<RunRecord, ReportError> {
    let scope = visible(actor, Permission::ReportManage)?;
    let tx = ctx.db.begin().await?;
    let report = find(&tx, &scope, id).await?;
    let run = start(ctx, &tx, &report, Some(actor)).await?;
    let entry = Entry::new("report.run", Permission::ReportManage).on("report", id).named(&report.name);
    audit::record(&tx, ctx, actor, entry.after(json!({ "run_id": run }))).await?;
    tx.commit().await?;
    ctx.announce();
    run_fetch(&ctx.db, run).await?.ok_or(ReportError::NotFound("run"))
}

/// A page of the runs of a report, the newest first.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`] (with `BadCursor`).
pub async fn list_runs(
    ctx: &Context,
    actor: &Actor,
    id: ReportId,
    page: PageRequest,
) -> Result<Page<RunRecord>, ReportError> {
    let report = find(&ctx.db, &visible(actor, Permission::ReportRead)?, id).await?;
    let total = reports::runs_of(&ctx.db, report.id).await?;
    let (items, next_cursor) = reports::run_list(&ctx.db, report.id, page.cursor.as_deref(), page.limit).await?;
    Ok(Page { items, next_cursor, total })
}

/// A run with its report, as far as the actor may see it.
async fn of_run(
    ctx: &Context,
    actor: &Actor,
    wanted: Permission,
    id: ReportRunId,
) -> Result<(RunRecord, ReportRecord), ReportError> {
    let scope = visible(actor, wanted)?;
    let run = run_fetch(&ctx.db, id).await?.ok_or(ReportError::NotFound("run"))?;
    let report = reports::report_fetch(&ctx.db, &scope, run.report_id).await?.ok_or(ReportError::NotFound("run"))?;
    // What was allowed when it was made may not be any more.
    actor.require(tables::permission(report.template))?;
    Ok((run, report))
}

/// A run with its report whose file the actor may have.
async fn of_file(
    ctx: &Context,
    actor: &Actor,
    wanted: Permission,
    id: ReportRunId,
) -> Result<(RunRecord, ReportRecord), ReportError> {
    let (run, report) = of_run(ctx, actor, wanted, id).await?;
    tables::may_have(actor, &report)?;
    Ok((run, report))
}

/// What was made; not there before it is.
fn made(run: &RunRecord) -> Result<&RunFile, ReportError> {
    run.file.as_ref().ok_or(ReportError::NotFound("file"))
}

async fn download(ctx: &Context, run: &RunRecord, report: &ReportRecord) -> Result<Download, ReportError> {
    made(run)?;
    let file = ctx.artefacts.open(&files::name(run.id, run.format)).await?;
    let day = run.created_at.format("%Y-%m-%d");
    Ok(Download {
        file: file.ok_or(ReportError::NotFound("file"))?,
        file_name: format!("{}-{day}.{}", report.template, run.format),
        media_type: run.format.media_type(),
    })
}

/// The file of a run. It is in the log each time.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Artefacts`], [`ReportError::Store`].
pub async fn download_run(ctx: &Context, actor: &Actor, id: ReportRunId) -> Result<Download, ReportError> {
    let (run, report) = of_file(ctx, actor, Permission::ReportRead, id).await?;
    let file = download(ctx, &run, &report).await?;
    let entry = Entry::new("report.download", Permission::ReportRead).on("report-run", id).named(&report.name);
    audit::note_each(ctx, actor, entry).await?;
    Ok(file)
}

/// A link to the file of a run, instead of the one it had. Who has it needs not sign in.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn link_run(ctx: &Context, actor: &Actor, id: ReportRunId) -> Result<Link, ReportError> {
    let (run, report) = of_file(ctx, actor, Permission::ReportManage, id).await?;
    made(&run)?;
    let (token, expires_at) = (token::new(ctx), ctx.env.now() + TimeDelta::hours(LINK_HOURS));
    let tx = ctx.db.begin().await?;
    reports::run_link(&tx, id, &token::digest(&token), expires_at).await?;
    let entry = Entry::new("report.link", Permission::ReportManage).on("report-run", id).named(&report.name);
    audit::record(&tx, ctx, actor, entry.after(json!({ "expires_at": expires_at }))).await?;
    tx.commit().await?;
    Ok(Link { token, expires_at })
}

/// Takes back the links to the file of a run: that one, and those that were sent. What is still to be sent is not. Who may remove
/// the run may do that, also where they may not have the file.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn unlink_run(ctx: &Context, actor: &Actor, id: ReportRunId) -> Result<(), ReportError> {
    let (_, report) = of_run(ctx, actor, Permission::ReportManage, id).await?;
    let tx = ctx.db.begin().await?;
    // What is on its way comes first, so that no link is made behind those that are taken back.
    let deliveries = reports::deliveries_of(&tx, &[id]).await?;
    let cancelled = sending::cancel_open(ctx, &tx, &deliveries).await?;
    let links = reports::run_unlink(&tx, id).await?;
    if links > 0 || !cancelled.is_empty() {
        let entry = Entry::new("report.unlink", Permission::ReportManage).on("report-run", id).named(&report.name);
        let entry = entry.after(json!({ "links": links, "cancelled": cancelled }));
        audit::record(&tx, ctx, actor, entry).await?;
    }
    tx.commit().await?;
    ctx.announce();
    Ok(())
}

/// The file of a link, while it is good and its owner may sign in. It is in the log each time.
///
/// # Errors
/// [`ReportError::NotFound`], [`ReportError::Artefacts`], [`ReportError::Store`].
pub async fn download_by_link(ctx: &Context, actor: &Actor, token: &str) -> Result<Download, ReportError> {
    let run = reports::run_by_link(&ctx.db, &token::digest(token), ctx.env.now()).await?;
    let run = run.ok_or(ReportError::NotFound("link"))?;
    let report = report_fetch_any(&ctx.db, run.report_id).await?.ok_or(ReportError::NotFound("link"))?;
    let owner = store::repo::users::user_fetch(&ctx.db, report.owner_id).await?.filter(|owner| owner.enabled);
    owner.ok_or(ReportError::NotFound("link"))?;
    let file = download(ctx, &run, &report).await?;
    let entry = Entry::open("report.fetch-by-link").on("report-run", run.id).named(&report.name);
    audit::note_each(ctx, actor, entry).await?;
    Ok(file)
}

/// Sends the file of a run again to those whom it was given up for. Who has it gets no other, nor does whom it is on its way
/// to: asked for twice, it is done once.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn deliver_again(ctx: &Context, actor: &Actor, id: ReportRunId) -> Result<RunRecord, ReportError> {
    let (_, report) = of_file(ctx, actor, Permission::ReportManage, id).await?;
    let tx = ctx.db.begin().await?;
    let deliveries = reports::deliveries_of(&tx, &[id]).await?;
    let again = sending::send_again(ctx, &tx, &report, &deliveries).await?;
    if !again.is_empty() {
        let entry = Entry::new("report.deliver-again", Permission::ReportManage).on("report-run", id);
        let entry = entry.named(&report.name).after(json!({ "deliveries": again }));
        audit::record(&tx, ctx, actor, entry).await?;
    }
    tx.commit().await?;
    ctx.announce();
    run_fetch(&ctx.db, id).await?.ok_or(ReportError::NotFound("run"))
}

/// Removes a run with its file and the links to it. One that is being made is given up, and so is what is still to be sent.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn delete_run(ctx: &Context, actor: &Actor, id: ReportRunId) -> Result<(), ReportError> {
    let (run, report) = of_run(ctx, actor, Permission::ReportManage, id).await?;
    let tx = ctx.db.begin().await?;
    reports::run_delete(&tx, &[run.id]).await?;
    let entry = Entry::new("report.delete-run", Permission::ReportManage).on("report-run", id).named(&report.name);
    audit::record(&tx, ctx, actor, entry).await?;
    sending::cancel_open(ctx, &tx, &run.deliveries).await?;
    tx.commit().await?;
    ctx.announce();
    files::remove(ctx, &[id]).await;
    Ok(())
}
