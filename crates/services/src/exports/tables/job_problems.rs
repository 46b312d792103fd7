//! The problems that a sync reported, those that a permission would mend first. Jobs of other kinds have none.

use std::cmp::Reverse;

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::ids::JobId;
use domain::sync::{SyncProblem, SyncReport};
use serde::Deserialize as _;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::jobs::fetch_job;
use crate::{Context, Page, PageRequest};

/// The problems of a sync.
#[derive(Debug, Clone)]
pub struct JobProblemTable {
    /// The job.
    pub job: JobId,
}

#[async_trait]
impl List for JobProblemTable {
    type Item = SyncProblem;
    const NAME: &'static str = "job-problems";
    const PERMISSION: Permission = Permission::JobRead;

    columns! { SyncProblem as problem =>
        Column::text("operation") => Cell::Text(problem.operation),
        Column::text("code") => Cell::Text(problem.code),
        Column::text("message") => Cell::Text(problem.message),
        Column::text("missing_permission") => Cell::maybe(problem.missing_permission),
        Column::number("count") => Cell::number(problem.count),
    }

    /// One's own jobs are seen without the permission: who may see this one is told when it is read.
    fn may(_: &Actor) -> Result<(), Forbidden> {
        Ok(())
    }

    fn said(&self) -> Entry {
        Entry::new("job-problem.export", Permission::JobRead).after(json!({ "job": self.job }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<SyncProblem>, ExportError> {
        let found = fetch_job(ctx, actor, self.job).await?.ok_or(ExportError::NotFound("job"))?;
        // Where there is no report of a sync (`sync::SyncDone`), it is another job's.
        let result = found.job.result.unwrap_or_default();
        let report = result.get("report").and_then(|report| SyncReport::deserialize(report).ok());
        let mut problems = report.map(|report| report.problems).unwrap_or_default();
        problems.sort_by_key(|problem| (problem.missing_permission.is_none(), Reverse(problem.count)));
        Ok(whole(problems))
    }
}
