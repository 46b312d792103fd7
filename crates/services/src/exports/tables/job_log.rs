//! The end of the log of a job, as its page shows it, oldest first.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::JobId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::jobs::{JobLogRecord, fetch_job};
use crate::{Context, Page, PageRequest};

/// The log of a job.
#[derive(Debug, Clone)]
pub struct JobLogTable {
    /// The job.
    pub job: JobId,
}

#[async_trait]
impl List for JobLogTable {
    type Item = JobLogRecord;
    const NAME: &'static str = "job-log";
    const PERMISSION: Permission = Permission::JobRead;

    columns! { JobLogRecord as line =>
        Column::time("at") => Cell::Time(line.at),
        Column::text("level") => Cell::text(line.level),
        Column::text("message") => Cell::Text(line.message),
    }

    /// One's own jobs are seen without the permission: who may see this one is told when it is read.
    fn may(_: &Actor) -> Result<(), Forbidden> {
        Ok(())
    }

    fn said(&self) -> Entry {
        Entry::new("job-log.export", Permission::JobRead).after(json!({ "job": self.job }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<JobLogRecord>, ExportError> {
        let found = fetch_job(ctx, actor, self.job).await?.ok_or(ExportError::NotFound("job"))?;
        Ok(whole(found.log))
    }
}
