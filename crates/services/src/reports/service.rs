//! The use cases of reports: list, make, look at, change, remove, try out.
//!
//! People see their own. Who manages reports over everything sees also those of others that are about what they may read over
//! everything: a file holds what its owner could see.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{ReportId, UserId};
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use serde_json::json;
use store::Tx;
use store::repo::reports::{self, ReportRecord, ReportScope, report_fetch};

use super::error::ReportError;
use super::schedule::next_run;
use super::sending;
use super::tables::{self, ReportFilter, permission, zone};
use super::unchanged::{only_pauses, same_people, same_rows};
use crate::exports::{Cell, Table};
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest, audit};

/// Most reports of one person.
const MOST: u64 = 100;
/// Rows of a preview.
const PREVIEW: usize = 20;

/// A report to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub template: ReportTemplate,
    /// What it is narrowed to.
    pub filter: ReportFilter,
    /// Which days it covers.
    pub span: ReportSpan,
    /// The format of its file.
    pub format: ReportFormat,
    /// How often it is made.
    pub frequency: ReportFrequency,
    /// The time zone of its days and hours.
    pub zone: String,
    /// The hour at which it is made.
    pub hour: u32,
    /// The day of the week or of the month.
    pub day: u32,
    /// So many of its files are kept.
    pub keep_runs: u32,
    /// Whether it is made by itself.
    pub enabled: bool,
    /// The e-mail addresses of those whom its files are sent to.
    pub recipients: Vec<String>,
    /// Where its files are announced to.
    pub webhook_url: Option<String>,
}

/// A report as it was made or changed.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedReport {
    /// The report.
    pub report: ReportRecord,
    /// The secret of its webhook, where it has a new one. It is not told again.
    pub webhook_secret: Option<String>,
}

/// What to change about a report: all of it.
pub type ReportChange = NewReport;

/// A report to look at that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is about.
    pub template: ReportTemplate,
    /// What it is narrowed to.
    pub filter: ReportFilter,
    /// Which days it covers.
    pub span: ReportSpan,
    /// The time zone of its days.
    pub zone: String,
}

/// The first rows of what a report would be now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its first rows.
    pub rows: Vec<Vec<String>>,
    /// Whether there are more.
    pub more: bool,
}

/// Which reports the actor may do that with.
pub(super) fn visible(actor: &Actor, wanted: Permission) -> Result<ReportScope, ReportError> {
    actor.require(wanted)?;
    let all = actor.require_everywhere(Permission::ReportManage).is_ok();
    let readable = |template: &ReportTemplate| actor.require_everywhere(permission(*template)).is_ok();
    let templates = ReportTemplate::ALL.iter().copied().filter(|template| all && readable(template)).collect();
    Ok(ReportScope { own: actor.user_id, templates })
}

pub(super) async fn find(
    conn: &impl store::Connection,
    scope: &ReportScope,
    id: ReportId,
) -> Result<ReportRecord, ReportError> {
    report_fetch(conn, scope, id).await?.ok_or(ReportError::NotFound("report"))
}

/// A page of reports, the newest first.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_reports(ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<ReportRecord>, ReportError> {
    let scope = visible(actor, Permission::ReportRead)?;
    let total = reports::report_count(&ctx.db, &scope).await?;
    let found = reports::report_list(&ctx.db, &scope, page.cursor.as_deref(), page.limit).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// One report.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Store`].
pub async fn fetch_report(ctx: &Context, actor: &Actor, id: ReportId) -> Result<ReportRecord, ReportError> {
    find(&ctx.db, &visible(actor, Permission::ReportRead)?, id).await
}

/// Checks what a report would be, but for its recipients, and that the actor may have it. With the secret of a new webhook.
fn checked(
    ctx: &Context,
    actor: &Actor,
    new: &NewReport,
    before: ReportRecord,
) -> Result<(ReportRecord, Option<String>), ReportError> {
    actor.require(permission(new.template))?;
    let name = new.name.trim().to_owned();
    if name.is_empty() {
        return Err(ReportError::field("name", "required", "must not be blank"));
    }
    let zone = zone(&new.zone)?;
    if new.frequency == ReportFrequency::Weekly && new.day > 7 {
        return Err(ReportError::field("day", "out_of_range", "must be 1 (Monday) to 7 where it is weekly"));
    }
    let n = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let next = next_run(new.frequency, zone, (new.hour, new.day), ctx.env.now());
    let report = ReportRecord {
        name,
        template: new.template,
        filter: json!(new.filter),
        span: new.span,
        format: new.format,
        frequency: new.frequency,
        zone: new.zone.clone(),
        hour: n(new.hour),
        day: n(new.day),
        keep_runs: n(new.keep_runs),
        enabled: new.enabled,
        next_run_at: next.filter(|_| new.enabled),
        updated_at: ctx.env.now(),
        ..before
    };
    sending::with_webhook(ctx, new.webhook_url.as_deref(), report)
}

/// What the log tells of a report.
fn told(report: &ReportRecord) -> serde_json::Value {
    json!({
        "template": report.template, "filter": report.filter, "span": report.span, "format": report.format,
        "frequency": report.frequency, "zone": report.zone, "hour": report.hour, "day": report.day,
        "keep_runs": report.keep_runs, "enabled": report.enabled, "sent_to": sending::told(report).0,
    })
}

fn entry(action: &str, report: &ReportRecord) -> Entry {
    let entry = Entry::new(action, Permission::ReportManage).on("report", report.id).named(&report.name);
    if report.recipients.is_empty() { entry } else { entry.personal(sending::told(report).1) }
}

async fn commit(ctx: &Context, tx: Tx, actor: &Actor, entry: Entry) -> Result<(), ReportError> {
    audit::record(&tx, ctx, actor, entry).await?;
    Ok(tx.commit().await?)
}

/// A report of the actor's with nothing in it yet.
fn blank(ctx: &Context, actor: &Actor, owner_id: UserId) -> ReportRecord {
    let now = ctx.env.now();
    ReportRecord {
        id: ReportId(ctx.env.new_id()),
        owner_id,
        owner: actor.name.clone(),
        name: String::new(),
        template: ReportTemplate::Inventory,
        filter: json!({}),
        span: ReportSpan::Yesterday,
        format: ReportFormat::Csv,
        frequency: ReportFrequency::Never,
        zone: String::new(),
        hour: 0,
        day: 1,
        keep_runs: 1,
        enabled: false,
        recipients: Vec::new(),
        webhook_url: None,
        webhook_secret: None,
        next_run_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Makes a report, whose answer is kept.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::Field`], [`ReportError::Conflict`] when somebody has very many,
/// [`ReportError::Vault`], [`ReportError::Store`].
pub async fn create_report_once(
    ctx: &Context,
    actor: &Actor,
    new: NewReport,
    keep: Keep<'_, SavedReport>,
) -> Result<SavedReport, ReportError> {
    actor.require(Permission::ReportManage)?;
    let owner_id = actor.user_id.ok_or(ReportError::NotFound("owner"))?;
    let (report, webhook_secret) = checked(ctx, actor, &new, blank(ctx, actor, owner_id))?;
    let tx = ctx.db.begin().await?;
    tables::check(&tx, actor, new.template, &new.filter).await?;
    let own = ReportScope { own: Some(owner_id), templates: Vec::new() };
    if reports::report_count(&tx, &own).await? >= MOST {
        return Err(ReportError::Conflict(format!("you have {MOST} reports, which is as many as there can be")));
    }
    let people = sending::recipients(ctx, &tx, &new.recipients).await?;
    reports::report_insert(&tx, &report).await?;
    reports::recipients_set(&tx, report.id, &people).await?;
    let saved = SavedReport { report: find(&tx, &own, report.id).await?, webhook_secret };
    let report = &saved.report;
    audit::record(&tx, ctx, actor, entry("report.create", report).after(told(report))).await?;
    keep.answer(&tx, &saved).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Checks what a change makes of the rows. Another's report is changed by who may have its files: those that are there, and those to come.
async fn check_change(
    tx: &Tx,
    actor: &Actor,
    change: &ReportChange,
    (before, after): (&ReportRecord, &ReportRecord),
) -> Result<(), ReportError> {
    if actor.user_id != Some(before.owner_id) {
        tables::may_have(actor, before)?;
        tables::may_have(actor, after)?;
    }
    // Teams that are gone by now stand in the way of what is to go on, and of no other change.
    let goes_on = after.enabled && !before.enabled;
    if same_rows(change, before) && !goes_on {
        return tables::fits(actor, change.template, &change.filter);
    }
    tables::check(tx, actor, change.template, &change.filter).await
}

/// Changes a report. It stays its owner's, and is made with what they may see. What does nothing but pause it is always taken.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Changed`] when it has another version than `expected`,
/// [`ReportError::Field`], [`ReportError::Vault`], [`ReportError::Store`].
pub async fn update_report(
    ctx: &Context,
    actor: &Actor,
    id: ReportId,
    expected: Option<i64>,
    change: ReportChange,
) -> Result<SavedReport, ReportError> {
    let scope = visible(actor, Permission::ReportManage)?;
    let tx = ctx.db.begin().await?;
    let before = find(&tx, &scope, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(ReportError::Changed);
    }
    let (after, webhook_secret) = if only_pauses(&change, &before) {
        // Whatever may be gone by now: it is to stop.
        let updated_at = ctx.env.now();
        (ReportRecord { enabled: false, next_run_at: None, updated_at, ..before.clone() }, None)
    } else {
        let (after, webhook_secret) = checked(ctx, actor, &change, before.clone())?;
        check_change(&tx, actor, &change, (&before, &after)).await?;
        (after, webhook_secret)
    };
    let people: Vec<UserId> = if same_people(&change, &before) {
        before.recipients.iter().map(|person| person.user_id).collect()
    } else {
        sending::recipients(ctx, &tx, &change.recipients).await?
    };
    if !reports::report_update(&tx, &after).await? {
        return Err(ReportError::Changed);
    }
    reports::recipients_set(&tx, id, &people).await?;
    let after = find(&tx, &scope, id).await?;
    commit(ctx, tx, actor, entry("report.change", &after).before(told(&before)).after(told(&after))).await?;
    Ok(SavedReport { report: after, webhook_secret })
}

/// Removes a report with its runs and their files.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Changed`], [`ReportError::Store`].
pub async fn delete_report(
    ctx: &Context,
    actor: &Actor,
    id: ReportId,
    expected: Option<i64>,
) -> Result<(), ReportError> {
    let scope = visible(actor, Permission::ReportManage)?;
    let tx = ctx.db.begin().await?;
    let report = find(&tx, &scope, id).await?;
    if expected.is_some_and(|expected| expected != report.version) {
        return Err(ReportError::Changed);
    }
    let runs = reports::runs_beyond(&tx, id, 0).await?;
    let deliveries = reports::deliveries_of(&tx, &runs).await?;
    reports::report_delete(&tx, id).await?;
    audit::record(&tx, ctx, actor, entry("report.delete", &report).before(told(&report))).await?;
    sending::cancel_open(ctx, &tx, &deliveries).await?;
    tx.commit().await?;
    ctx.announce();
    super::files::remove(ctx, &runs).await;
    Ok(())
}

/// The first rows of what a report would be now, as whoever asks may see it.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::NotFound`], [`ReportError::Conflict`] when a team that it is narrowed to is gone,
/// [`ReportError::Export`], [`ReportError::Store`].
pub async fn preview_report(ctx: &Context, actor: &Actor, id: ReportId) -> Result<Preview, ReportError> {
    let report = fetch_report(ctx, actor, id).await?;
    let table = tables::table(&report, ctx.env.now())?;
    table.allow(actor)?;
    let fits = tables::check(&ctx.db, actor, report.template, &tables::filter(&report)?).await;
    fits.map_err(|error| match error {
        // It is the report that has it, not what was asked.
        ReportError::Field { message, .. } => ReportError::Conflict(message),
        other => other,
    })?;
    audit::note_read(ctx, actor, table.entry().on("report-preview", id)).await?;
    first_rows(ctx, actor, table.as_ref()).await
}

/// The first rows of what a report would be that is not kept.
///
/// # Errors
/// [`ReportError::Forbidden`], [`ReportError::Field`], [`ReportError::Export`], [`ReportError::Store`].
pub async fn preview_draft(ctx: &Context, actor: &Actor, draft: Draft) -> Result<Preview, ReportError> {
    actor.require(Permission::ReportManage)?;
    actor.require(permission(draft.template))?;
    let owner_id = actor.user_id.ok_or(ReportError::NotFound("owner"))?;
    tables::check(&ctx.db, actor, draft.template, &draft.filter).await?;
    let report = ReportRecord {
        template: draft.template,
        filter: json!(draft.filter),
        span: draft.span,
        zone: draft.zone,
        ..blank(ctx, actor, owner_id)
    };
    let table = tables::table(&report, ctx.env.now())?;
    table.allow(actor)?;
    audit::note_read(ctx, actor, table.entry().on("report-preview", "draft")).await?;
    first_rows(ctx, actor, table.as_ref()).await
}

async fn first_rows(ctx: &Context, actor: &Actor, table: &dyn Table) -> Result<Preview, ReportError> {
    let page = table.page(ctx, actor, None).await?;
    let more = page.rows.len() > PREVIEW || page.next.is_some();
    Ok(Preview {
        columns: table.columns().iter().map(|column| column.name.to_owned()).collect(),
        rows: page.rows.iter().take(PREVIEW).map(|row| row.iter().map(Cell::shown).collect()).collect(),
        more,
    })
}
