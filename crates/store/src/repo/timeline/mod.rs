//! What happened to one WorkSpace, out of the tables that know something of it, newest first. A page reads no more of each source
//! than it may need: one row more than the page, along that source's index.
//!
//! Each source is read within the scope of the permission it needs; a source that is not among the query's is not looked at.
//! To add a source: a variant of [`TimelineFact`], its statement in `query`, its arm in [`timeline_page`], a case in the plan test.

mod outcomes;
mod query;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::audit::Record;
use domain::ids::{JobId, TrailEventId};
use domain::timeline::{ConfigurationField, TimelineKind};
use domain::workspace::WorkspaceState;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

pub use outcomes::{JobOutcome, timeline_job_outcomes};
use query::{ACTIONS, CHANGES, EVENTS, STATES, Source, Start, is_before};
pub use query::{TimelineQuery, TimelineSource};

use crate::error::StoreError;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRecord {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub fact: TimelineFact,
}

/// What happened, with the id of its row.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineFact {
    /// It came into another state.
    State {
        /// The row; 0 for when it was first seen.
        id: i64,
        /// The state before; `None` when it was first seen.
        before: Option<WorkspaceState>,
        /// The state since.
        after: WorkspaceState,
    },
    /// It was set up otherwise.
    Configuration {
        /// The row.
        id: i64,
        /// What of it.
        field: ConfigurationField,
        /// The tag's key.
        name: Option<String>,
        /// How it was.
        before: Option<String>,
        /// How it is since.
        after: Option<String>,
    },
    /// Somebody asked for something here: an entry of the audit log.
    Action {
        /// The entry's place.
        seq: i64,
        /// What the entry says.
        record: Box<Record>,
        /// What whoever asked is called; `None` when that was erased.
        who: Option<String>,
    },
    /// A call of AWS.
    Aws {
        /// The event.
        id: TrailEventId,
        /// The call.
        name: String,
        /// Who; empty when CloudTrail does not say.
        actor: String,
        /// What AWS refused it with.
        error_code: Option<String>,
        /// Why AWS refused it.
        error_message: Option<String>,
    },
}

impl TimelineFact {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> TimelineKind {
        match self {
            Self::State { .. } => TimelineKind::State,
            Self::Configuration { .. } => TimelineKind::Configuration,
            Self::Action { .. } => TimelineKind::Action,
            Self::Aws { .. } => TimelineKind::Aws,
        }
    }

    /// The id of its row, unique within its kind.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::State { id, .. } | Self::Configuration { id, .. } | Self::Action { seq: id, .. } => id.to_string(),
            Self::Aws { id, .. } => id.to_string(),
        }
    }

    /// The job that does what was asked for.
    #[must_use]
    pub fn job_id(&self) -> Option<JobId> {
        let Self::Action { record, .. } = self else { return None };
        record.after.as_ref()?.get("job_id")?.as_str()?.parse().ok()
    }
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelinePage {
    /// What happened, newest first.
    pub rows: Vec<TimelineRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A page of what happened, newest first.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another WorkSpace, scope or filter.
pub async fn timeline_page(conn: &impl ConnectionTrait, query: &TimelineQuery) -> Result<TimelinePage, StoreError> {
    let start = query.start()?;
    let mut rows = Vec::new();
    for source in &query.sources {
        let found = match source.kind {
            TimelineKind::State => states(conn, query, source, start.as_ref()).await?,
            TimelineKind::Configuration => changes(conn, query, source, start.as_ref()).await?,
            TimelineKind::Action => actions(conn, query, source, start.as_ref()).await?,
            TimelineKind::Aws => events(conn, query, source, start.as_ref()).await?,
        };
        rows.extend(found);
    }
    // Each source is in order: rows of the same moment and source stay as they are.
    rows.sort_by_key(|row: &TimelineRecord| (std::cmp::Reverse(row.at), row.fact.kind()));
    let more = rows.len() > query.limit_rows();
    rows.truncate(query.limit_rows());
    let next = rows.last().filter(|_| more).map(|last| query.cursor_behind(last));
    Ok(TimelinePage { rows, next })
}

/// How much happened in all.
///
/// # Errors
/// [`StoreError`].
pub async fn timeline_count(conn: &impl ConnectionTrait, query: &TimelineQuery) -> Result<u64, StoreError> {
    let mut all = 0;
    for source in &query.sources {
        let table = match source.kind {
            TimelineKind::State => {
                all += u64::from(first_seen(conn, query, &source.scope).await?.is_some());
                &STATES
            }
            TimelineKind::Configuration => &CHANGES,
            TimelineKind::Action => &ACTIONS,
            TimelineKind::Aws => &EVENTS,
        };
        all += query::count(conn.get_database_backend(), query, source, table).count(conn).await?;
    }
    Ok(all)
}

/// The rows of a source behind the start, one more than the page.
async fn read<R: FromQueryResult>(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    source: &TimelineSource,
    table: &Source,
    start: Option<&Start>,
) -> Result<Vec<R>, StoreError> {
    query::page(conn.get_database_backend(), query, source, table, start)?.all_as(conn).await
}

async fn states(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    source: &TimelineSource,
    start: Option<&Start>,
) -> Result<Vec<TimelineRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        at: DateTime<Utc>,
        before: Option<String>,
        after: String,
    }
    let rows: Vec<Row> = read(conn, query, source, &STATES, start).await?;
    let state = |text: String| WorkspaceState::from(text);
    let row = |Row { id, at, before, after }| TimelineRecord {
        at,
        fact: TimelineFact::State { id, before: before.map(state), after: state(after) },
    };
    let mut rows: Vec<_> = rows.into_iter().map(row).collect();
    if rows.len() <= query.limit_rows()
        && let Some((at, after)) = first_seen(conn, query, &source.scope).await?
        && start.is_none_or(|start| is_before(start, at, TimelineKind::State, 0))
    {
        rows.push(TimelineRecord { at, fact: TimelineFact::State { id: 0, before: None, after } });
    }
    Ok(rows)
}

/// When the WorkSpace was first seen, if the query reaches that far, and in which state.
async fn first_seen(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    scope: &Scope,
) -> Result<Option<(DateTime<Utc>, WorkspaceState)>, StoreError> {
    let found = query::first_seen(conn.get_database_backend(), query.workspace, scope).one(conn).await?;
    let Some(row) = found else { return Ok(None) };
    let (at, state): (DateTime<Utc>, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(query.reaches(at).then(|| (at, state.into())))
}

async fn changes(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    source: &TimelineSource,
    start: Option<&Start>,
) -> Result<Vec<TimelineRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        at: DateTime<Utc>,
        field: String,
        name: Option<String>,
        before: Option<String>,
        after: Option<String>,
    }
    let rows: Vec<Row> = read(conn, query, source, &CHANGES, start).await?;
    rows.into_iter()
        .map(|Row { id, at, field, name, before, after }| {
            let field = field.parse().map_err(|error| StoreError::corrupt("part of a configuration", error))?;
            Ok(TimelineRecord { at, fact: TimelineFact::Configuration { id, field, name, before, after } })
        })
        .collect()
}

async fn actions(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    source: &TimelineSource,
    start: Option<&Start>,
) -> Result<Vec<TimelineRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        at: DateTime<Utc>,
        body: String,
        person: Option<String>,
    }
    let rows: Vec<Row> = read(conn, query, source, &ACTIONS, start).await?;
    rows.into_iter()
        .map(|Row { id, at, body, person }| {
            let record = serde_json::from_str(&body).map_err(|error| StoreError::corrupt("audit entry", error))?;
            let person: Option<Value> = person.and_then(|text| serde_json::from_str(&text).ok());
            let who = person.and_then(|person| Some(person.get("name")?.as_str()?.to_owned()));
            Ok(TimelineRecord { at, fact: TimelineFact::Action { seq: id, record: Box::new(record), who } })
        })
        .collect()
}

async fn events(
    conn: &impl ConnectionTrait,
    query: &TimelineQuery,
    source: &TimelineSource,
    start: Option<&Start>,
) -> Result<Vec<TimelineRecord>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        at: DateTime<Utc>,
        name: String,
        actor: String,
        error_code: Option<String>,
        error_message: Option<String>,
    }
    let rows: Vec<Row> = read(conn, query, source, &EVENTS, start).await?;
    let row = |Row { id, at, name, actor, error_code, error_message }| {
        let id = TrailEventId(id);
        TimelineRecord { at, fact: TimelineFact::Aws { id, name, actor, error_code, error_message } }
    };
    Ok(rows.into_iter().map(row).collect())
}
