//! Reports and the files that were made of them. Who may see which is decided by `services::reports`, which says it as
//! [`ReportScope`]; what is in them is `services::exports`.

mod deliveries;
mod recipients;
mod runs;

use chrono::{DateTime, Utc};
use domain::ids::{ReportId, UserId};
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

pub use deliveries::{
    DeliveryRecord, NewDelivery, deliveries_of, delivery_end, delivery_fetch, delivery_insert, delivery_job,
    delivery_try, delivery_wanted, link_insert,
};
pub use recipients::{RecipientRecord, recipients_of, recipients_set};
pub use runs::{
    NewRun, RunFile, RunRecord, run_by_link, run_delete, run_fetch, run_finish, run_insert, run_link, run_list,
    run_unlink, runs_beyond, runs_known, runs_of,
};

use crate::cursor::{Cursor, list_name};
use crate::entity::report;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRecord {
    /// The id; in order of creation.
    pub id: ReportId,
    /// Whose it is: it is made with what they may see.
    pub owner_id: UserId,
    /// Their e-mail address.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub template: ReportTemplate,
    /// What it is narrowed to.
    pub filter: Value,
    /// Which days it covers.
    pub span: ReportSpan,
    /// The format of its file.
    pub format: ReportFormat,
    /// How often it is made.
    pub frequency: ReportFrequency,
    /// The time zone, such as `Europe/Berlin`.
    pub zone: String,
    /// The hour of that zone's clock, 0 to 23.
    pub hour: i32,
    /// The day of the week (1 to 7, Monday first) or of the month (1 to 28).
    pub day: i32,
    /// So many of its files are kept.
    pub keep_runs: i32,
    /// Whether it is made by itself.
    pub enabled: bool,
    /// Whom its files are sent to; written by [`recipients_set`] alone.
    pub recipients: Vec<RecipientRecord>,
    /// Where its files are announced to.
    pub webhook_url: Option<String>,
    /// What these announcements are signed with, sealed.
    pub webhook_secret: Option<String>,
    /// When next; `None` while it is not.
    pub next_run_at: Option<DateTime<Utc>>,
    /// Rises with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Whose reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportScope {
    /// One's own.
    pub own: Option<UserId>,
    /// And everybody's about these.
    pub templates: Vec<ReportTemplate>,
}

/// A page of reports.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportPage {
    /// The reports, the newest first.
    pub rows: Vec<ReportRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    owner_id: Uuid,
    owner: String,
    name: String,
    template: String,
    filter: Value,
    span: String,
    format: String,
    frequency: String,
    zone: String,
    hour: i32,
    day: i32,
    keep_runs: i32,
    enabled: bool,
    webhook_url: Option<String>,
    webhook_secret: Option<String>,
    next_run_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for ReportRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            owner_id: row.owner_id.into(),
            owner: row.owner,
            name: row.name,
            template: row.template.parse().map_err(|e| StoreError::corrupt("template", e))?,
            filter: row.filter,
            span: row.span.parse().map_err(|e| StoreError::corrupt("span", e))?,
            format: row.format.parse().map_err(|e| StoreError::corrupt("format", e))?,
            frequency: row.frequency.parse().map_err(|e| StoreError::corrupt("frequency", e))?,
            zone: row.zone,
            hour: row.hour,
            day: row.day,
            keep_runs: row.keep_runs,
            enabled: row.enabled,
            recipients: Vec::new(),
            webhook_url: row.webhook_url,
            webhook_secret: row.webhook_secret,
            next_run_at: row.next_run_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const SELECT: &str = "SELECT r.id, r.owner_id, u.email AS owner, r.name, r.template, r.filter, r.span, r.format, r.frequency, \
     r.zone, r.hour, r.day, r.keep_runs, r.enabled, r.webhook_url, r.webhook_secret, r.next_run_at, r.version, r.created_at, r.updated_at \
     FROM report r JOIN app_user u ON u.id = r.owner_id WHERE ";

fn scoped(sql: Sql, scope: &ReportScope) -> Sql {
    let sql = sql.text("(");
    let sql = match scope.own {
        Some(own) => sql.text("r.owner_id = ").bind(own.0),
        None => sql.text("1 = 0"),
    };
    let sql = if scope.templates.is_empty() {
        sql
    } else {
        sql.text(" OR ").bind_in("r.template", scope.templates.iter().map(|template| template.as_str()))
    };
    sql.text(")")
}

/// The reports of these rows, with their recipients.
async fn whole(conn: &impl ConnectionTrait, rows: Vec<Row>) -> Result<Vec<ReportRecord>, StoreError> {
    let mut recipients = recipients_of(conn, rows.iter().map(|row| row.id.into())).await?;
    let with = |row: Row| {
        let report = ReportRecord::try_from(row)?;
        Ok(ReportRecord { recipients: recipients.remove(&report.id).unwrap_or_default(), ..report })
    };
    rows.into_iter().map(with).collect()
}

async fn one(conn: &impl ConnectionTrait, sql: Sql) -> Result<Option<ReportRecord>, StoreError> {
    let row: Option<Row> = sql.one_as(conn).await?;
    Ok(whole(conn, row.into_iter().collect()).await?.pop())
}

fn active(record: &ReportRecord) -> report::ActiveModel {
    report::ActiveModel {
        id: Set(record.id.0),
        owner_id: Set(record.owner_id.0),
        name: Set(record.name.clone()),
        template: Set(record.template.as_str().to_owned()),
        filter: Set(record.filter.clone()),
        span: Set(record.span.as_str().to_owned()),
        format: Set(record.format.as_str().to_owned()),
        frequency: Set(record.frequency.as_str().to_owned()),
        zone: Set(record.zone.clone()),
        hour: Set(record.hour),
        day: Set(record.day),
        keep_runs: Set(record.keep_runs),
        enabled: Set(record.enabled),
        webhook_url: Set(record.webhook_url.clone()),
        webhook_secret: Set(record.webhook_secret.clone()),
        next_run_at: Set(record.next_run_at.map(micros)),
        version: Set(record.version),
        created_at: Set(micros(record.created_at)),
        updated_at: Set(micros(record.updated_at)),
    }
}

/// Adds a report, without its recipients.
///
/// # Errors
/// [`StoreError`].
pub async fn report_insert(conn: &impl ConnectionTrait, record: &ReportRecord) -> Result<(), StoreError> {
    report::Entity::insert(active(record)).exec_without_returning(conn).await?;
    Ok(())
}

/// Writes a report that nobody changed since it was read, with the next version, without its
/// recipients. Gives whether it was so.
///
/// # Errors
/// [`StoreError`].
pub async fn report_update(conn: &impl ConnectionTrait, record: &ReportRecord) -> Result<bool, StoreError> {
    let changed = report::ActiveModel { version: Set(record.version + 1), ..active(record) };
    let done = report::Entity::update_many()
        .set(changed)
        .filter(report::Column::Id.eq(record.id.0))
        .filter(report::Column::Version.eq(record.version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Removes a report with its runs. Gives whether it was there.
///
/// # Errors
/// [`StoreError`].
pub async fn report_delete(conn: &impl ConnectionTrait, id: ReportId) -> Result<bool, StoreError> {
    Ok(report::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected > 0)
}

/// A report within the scope.
///
/// # Errors
/// [`StoreError`].
pub async fn report_fetch(
    conn: &impl ConnectionTrait,
    scope: &ReportScope,
    id: ReportId,
) -> Result<Option<ReportRecord>, StoreError> {
    one(conn, scoped(Sql::new(conn).text(SELECT), scope).text(" AND r.id = ").bind(id.0)).await
}

/// A report, whosever it is: for the job that makes it.
///
/// # Errors
/// [`StoreError`].
pub async fn report_fetch_any(conn: &impl ConnectionTrait, id: ReportId) -> Result<Option<ReportRecord>, StoreError> {
    one(conn, Sql::new(conn).text(SELECT).text("r.id = ").bind(id.0)).await
}

/// A page of reports, the newest first.
///
/// # Errors
/// [`StoreError`], with `BadCursor` for a cursor of another list.
pub async fn report_list(
    conn: &impl ConnectionTrait,
    scope: &ReportScope,
    cursor: Option<&str>,
    limit: u32,
) -> Result<ReportPage, StoreError> {
    let name = list_name(&format!("reports {scope:?}"));
    let before = cursor.map(|cursor| Cursor::<Uuid>::decode(cursor, &name)).transpose()?.map(|cursor| cursor.id);
    let mut sql = scoped(Sql::new(conn).text(SELECT), scope);
    if let Some(before) = before {
        sql = sql.text(" AND r.id < ").bind(before);
    }
    let sql = sql.text(" ORDER BY r.id DESC LIMIT ").bind(i64::from(limit) + 1);
    let mut rows: Vec<Row> = sql.all_as(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| Cursor::new(&name, String::new(), row.id).encode());
    Ok(ReportPage { rows: whole(conn, rows).await?, next })
}

/// How many reports there are within the scope.
///
/// # Errors
/// [`StoreError`].
pub async fn report_count(conn: &impl ConnectionTrait, scope: &ReportScope) -> Result<u64, StoreError> {
    scoped(Sql::new(conn).text("SELECT count(*) FROM report r WHERE "), scope).count(conn).await
}

/// The reports that are due, the longest first.
///
/// # Errors
/// [`StoreError`].
pub async fn report_due(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<ReportRecord>, StoreError> {
    let sql = Sql::new(conn).text(SELECT).text("r.next_run_at <= ").bind(micros(now));
    let rows: Vec<Row> = sql.text(" ORDER BY r.next_run_at LIMIT ").bind(i64::from(limit)).all_as(conn).await?;
    whole(conn, rows).await
}

/// Moves a due report on to its next time, unless another worker did. Gives whether it was this one.
///
/// # Errors
/// [`StoreError`].
pub async fn report_advance(
    conn: &impl ConnectionTrait,
    report: &ReportRecord,
    next: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    let Some(due) = report.next_run_at else { return Ok(false) };
    let done = report::Entity::update_many()
        .set(report::ActiveModel { next_run_at: Set(next.map(micros)), ..Default::default() })
        .filter(report::Column::Id.eq(report.id.0))
        .filter(report::Column::NextRunAt.eq(micros(due)))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}
