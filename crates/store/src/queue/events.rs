//! The events of jobs: one for each row that a statement changed.

use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::ids::{AccountId, JobId, UserId};
use domain::jobs::{JobProgress, JobState};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::entity::job;
use crate::error::StoreError;
use crate::repo::events::events_append;

/// What a statement on jobs gives back of each row it changed.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Touched {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) claim_number: i32,
    pub(super) started_at: Option<DateTime<Utc>>,
    progress_done: i64,
    progress_total: Option<i64>,
    progress_note: String,
    created_by: Option<Uuid>,
    account_id: Option<Uuid>,
    region: Option<String>,
}

/// The RETURNING clause of a [`Touched`].
pub(super) const TOUCHED: &str = " RETURNING job.id AS id, job.kind AS kind, job.state AS state, \
    job.claim_number AS claim_number, job.started_at AS started_at, job.progress_done AS progress_done, \
    job.progress_total AS progress_total, job.progress_note AS progress_note, job.created_by AS created_by, \
    job.account_id AS account_id, job.region AS region";

impl Touched {
    pub(super) fn job_state(&self) -> Result<JobState, StoreError> {
        self.state.parse().map_err(|e| StoreError::corrupt("state of a job", e))
    }
}

impl From<&job::Model> for Touched {
    fn from(row: &job::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind.clone(),
            state: row.state.clone(),
            claim_number: row.claim_number,
            started_at: row.started_at,
            progress_done: row.progress_done,
            progress_total: row.progress_total,
            progress_note: row.progress_note.clone(),
            created_by: row.created_by,
            account_id: row.account_id,
            region: row.region.clone(),
        }
    }
}

/// Appends an event for each of the jobs.
pub(super) async fn announce(
    conn: &impl ConnectionTrait,
    at: DateTime<Utc>,
    touched: &[Touched],
) -> Result<(), StoreError> {
    let mut events = Vec::with_capacity(touched.len());
    for row in touched {
        events.push(Event::Job {
            id: JobId(row.id),
            kind: row.kind.clone(),
            state: row.job_state()?,
            progress: JobProgress {
                done: row.progress_done,
                total: row.progress_total,
                note: row.progress_note.clone(),
            },
            created_by: row.created_by.map(UserId),
            account_id: row.account_id.map(AccountId),
            region: row.region.as_deref().and_then(|region| region.parse().ok()),
        });
    }
    events_append(conn, at, &events).await
}
