//! The runs of the syncs, newest first, with what each found.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::AccountId;
use serde_json::json;
use store::repo::sync_runs::{SyncRunRecord, sync_run_list};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::text("kind"),
    Column::text("account_id"),
    Column::text("region"),
    Column::text("job_id"),
    Column::text("outcome"),
    Column::time("started_at"),
    Column::time("finished_at"),
    Column::number("seen"),
    Column::number("added"),
    Column::number("changed"),
    Column::number("unchanged"),
    Column::number("gone"),
    Column::number("items_read"),
    Column::number("items_written"),
    Column::number("skipped"),
    Column::number("aws_calls"),
    Column::text("error"),
    Column::json("problems"),
];

/// The runs of an account, or of all.
#[derive(Debug, Clone, Default)]
pub struct SyncRunTable {
    /// The account.
    pub account: Option<AccountId>,
}

#[async_trait]
impl Table for SyncRunTable {
    fn name(&self) -> &'static str {
        "sync-runs"
    }

    fn permission(&self) -> Permission {
        Permission::AccountRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        Entry::new("sync-run.export", Permission::AccountRead).after(json!({ "account": self.account }))
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let scope = actor.scope(Permission::AccountRead);
        let page = sync_run_list(&ctx.db, &scope, self.account, PORTION.into(), cursor.as_deref()).await?;
        Ok(Rows { rows: page.rows.into_iter().map(cells).collect(), next: page.next })
    }
}

fn cells(row: SyncRunRecord) -> Row {
    vec![
        Cell::text(row.id),
        Cell::text(row.kind),
        Cell::text(row.account_id),
        Cell::text(row.region),
        Cell::maybe(row.job_id),
        Cell::text(row.outcome),
        Cell::Time(row.started_at),
        Cell::maybe_time(row.finished_at),
        Cell::number(row.report.seen),
        Cell::number(row.report.added),
        Cell::number(row.report.changed),
        Cell::number(row.report.unchanged),
        Cell::number(row.report.gone),
        Cell::number(row.report.items_read),
        Cell::number(row.report.items_written),
        Cell::number(row.report.skipped),
        Cell::number(row.report.aws_calls),
        Cell::maybe(row.error),
        Cell::Json(json!(row.report.problems)),
    ]
}
