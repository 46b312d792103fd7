//! The attempts of a job, newest first.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::JobId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::jobs::{JobAttemptRecord, fetch_job};
use crate::{Context, Page, PageRequest};

/// The attempts of a job.
#[derive(Debug, Clone)]
pub struct JobAttemptTable {
    /// The job.
    pub job: JobId,
}

#[async_trait]
impl List for JobAttemptTable {
    type Item = JobAttemptRecord;
    const NAME: &'static str = "job-attempts";
    const PERMISSION: Permission = Permission::JobRead;

    columns! { JobAttemptRecord as attempt =>
        Column::number("number") => Cell::number(attempt.number),
        Column::text("worker") => Cell::Text(attempt.worker),
        Column::time("started_at") => Cell::Time(attempt.started_at),
        Column::time("finished_at") => Cell::maybe_time(attempt.finished_at),
        Column::text("outcome") => Cell::maybe(attempt.outcome),
        Column::text("error") => Cell::maybe(attempt.error),
    }

    /// One's own jobs are seen without the permission: who may see this one is told when it is read.
    fn may(_: &Actor) -> Result<(), Forbidden> {
        Ok(())
    }

    fn said(&self) -> Entry {
        Entry::new("job-attempt.export", Permission::JobRead).after(json!({ "job": self.job }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<JobAttemptRecord>, ExportError> {
        let found = fetch_job(ctx, actor, self.job).await?.ok_or(ExportError::NotFound("job"))?;
        Ok(whole(found.attempts))
    }
}
