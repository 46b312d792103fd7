//! The jobs, newest first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;
use store::repo::jobs::{self, JobQuery, JobRecord, JobScope};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::jobs::JobFilter;

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::text("kind"),
    Column::text("subject"),
    Column::text("state"),
    Column::number("attempts"),
    Column::number("max_attempts"),
    Column::number("done"),
    Column::number("total"),
    Column::text("note"),
    Column::text("account_id"),
    Column::text("region"),
    Column::text("created_by"),
    Column::time("created_at"),
    Column::time("run_at"),
    Column::time("started_at"),
    Column::time("finished_at"),
    Column::text("error"),
    Column::json("result"),
];

/// The jobs that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct JobTable {
    /// What it is narrowed to.
    pub filter: JobFilter,
}

#[async_trait]
impl Table for JobTable {
    fn name(&self) -> &'static str {
        "jobs"
    }

    fn permission(&self) -> Permission {
        Permission::JobRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        let said = json!({ "states": self.filter.states, "kinds": self.filter.kinds });
        Entry::new("job.export", Permission::JobRead).after(said)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let JobFilter { states, kinds } = self.filter.clone();
        let filter = jobs::JobFilter { states, kinds, account_ids: Vec::new() };
        let scope = JobScope { scope: actor.scope(Permission::JobRead), own: actor.user_id };
        let query = JobQuery { filter, cursor, limit: PORTION.into() };
        let page = jobs::job_list(&ctx.db, &scope, &query).await?;
        Ok(Rows { rows: page.rows.into_iter().map(cells).collect(), next: page.next })
    }
}

fn cells(row: JobRecord) -> Row {
    vec![
        Cell::text(row.id),
        Cell::Text(row.kind),
        Cell::Text(row.subject),
        Cell::text(row.state),
        Cell::number(row.claims),
        Cell::number(row.max_attempts),
        Cell::number(row.progress.done),
        Cell::maybe_number(row.progress.total),
        Cell::Text(row.progress.note),
        Cell::maybe(row.account_id),
        Cell::maybe(row.region),
        Cell::Text(row.created_by_name),
        Cell::Time(row.created_at),
        Cell::Time(row.run_at),
        Cell::maybe_time(row.started_at),
        Cell::maybe_time(row.finished_at),
        Cell::maybe(row.error),
        Cell::maybe_json(row.result),
    ]
}
