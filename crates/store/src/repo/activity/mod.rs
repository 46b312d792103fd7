//! What happened out of both records, our own log and AWS's events, newest first. A page reads no more of each than it may need: one
//! row more than the page, along that record's index. What is read, and how it is narrowed, are the records' own (`audit`, `trail`).
//!
//! A record that the query leaves out is not looked at. To add a record: a variant of [`ActivityRecord`], its arm in
//! [`activity_page`], a case in the plan test.

mod query;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::activity::ActivitySource;
use sea_orm::ConnectionTrait;

pub use query::{ActivityFilter, ActivityQuery};

use super::audit::{AuditQuery, AuditRecord, audit_behind, audit_count};
use super::trail::{TrailEventRecord, trail_behind, trail_count};
use crate::cursor::Merged;
use crate::error::StoreError;

/// Something that happened, as its record tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum ActivityRecord {
    /// An entry of our own log.
    Entry(Box<AuditRecord>),
    /// An event of AWS's.
    Event(Box<TrailEventRecord>),
}

impl ActivityRecord {
    /// The record that tells it.
    #[must_use]
    pub fn source(&self) -> ActivitySource {
        match self {
            Self::Entry(_) => ActivitySource::Wheelhouse,
            Self::Event(_) => ActivitySource::Aws,
        }
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Entry(entry) => entry.at,
            Self::Event(event) => event.at,
        }
    }

    /// The id of its row, unique within its record.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Entry(entry) => entry.seq.to_string(),
            Self::Event(event) => event.id.to_string(),
        }
    }
}

/// A page of what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityPage {
    /// What happened, newest first.
    pub rows: Vec<ActivityRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A page of what happened, newest first.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of other records, another scope or filter.
pub async fn activity_page(conn: &impl ConnectionTrait, query: &ActivityQuery) -> Result<ActivityPage, StoreError> {
    let start = query.start()?;
    let (start, limit) = (start.as_ref(), query.limit_rows());
    let mut rows = Vec::new();
    if let Some(filter) = query.of_log() {
        let from = Merged::behind(start, &ActivitySource::Wheelhouse)?;
        let found = audit_behind(conn, &filter, from, limit + 1).await?;
        rows.extend(found.into_iter().map(|entry| ActivityRecord::Entry(Box::new(entry))));
    }
    if let Some((scope, filter)) = query.of_aws() {
        let from = Merged::behind(start, &ActivitySource::Aws)?;
        let found = trail_behind(conn, scope, &filter, &from, limit + 1).await?;
        rows.extend(found.into_iter().map(|event| ActivityRecord::Event(Box::new(event))));
    }
    // Each record is in order: rows of the same moment and record stay as they are.
    rows.sort_by_key(|row| (Reverse(row.at()), row.source()));
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| query.cursor_behind(last));
    Ok(ActivityPage { rows, next })
}

/// How much happened in all.
///
/// # Errors
/// [`StoreError`].
pub async fn activity_count(conn: &impl ConnectionTrait, query: &ActivityQuery) -> Result<u64, StoreError> {
    let mut all = 0;
    if let Some(filter) = query.of_log() {
        let log = AuditQuery { filter, ..AuditQuery::default() };
        all += audit_count(conn, &log).await?;
    }
    if let Some((scope, filter)) = query.of_aws() {
        all += trail_count(conn, scope, &filter).await?;
    }
    Ok(all)
}
