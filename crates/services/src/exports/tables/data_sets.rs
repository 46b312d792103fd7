//! The data sets: how fresh and complete what was read from AWS is. Some dozens: one page.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::AccountId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{Row, Rows, Table};
use crate::Context;
use crate::data_sets::{DataSet, DataSetError, list_data_sets};

const COLUMNS: &[Column] = &[
    Column::text("account_id"),
    Column::text("account"),
    Column::text("region"),
    Column::text("kind"),
    Column::text("status"),
    Column::time("fresh_at"),
    Column::number("period_secs").in_unit("seconds"),
    Column::flag("paused"),
    Column::time("next_due_at"),
    Column::time("covered_from"),
    Column::time("covered_to"),
    Column::json("gaps"),
    Column::text("error"),
    Column::text("missing_permission"),
];

/// The data sets of an account, or of all.
#[derive(Debug, Clone, Default)]
pub struct DataSetTable {
    /// The account.
    pub account: Option<AccountId>,
}

#[async_trait]
impl Table for DataSetTable {
    fn name(&self) -> &'static str {
        "data-sets"
    }

    fn permission(&self) -> Permission {
        Permission::AccountRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        Entry::new("data-set.export", Permission::AccountRead).after(json!({ "account": self.account }))
    }

    async fn page(&self, ctx: &Context, actor: &Actor, _: Option<String>) -> Result<Rows, ExportError> {
        let found = list_data_sets(ctx, actor, self.account).await.map_err(failed)?;
        Ok(Rows { rows: found.items.into_iter().map(cells).collect(), next: None })
    }
}

fn failed(error: DataSetError) -> ExportError {
    match error {
        DataSetError::Forbidden(forbidden) => forbidden.into(),
        DataSetError::Store(error) => error.into(),
    }
}

fn cells(set: DataSet) -> Row {
    let record = set.record;
    vec![
        Cell::text(record.account_id),
        Cell::Text(set.account),
        Cell::text(record.region),
        Cell::text(record.kind),
        Cell::text(record.status),
        Cell::maybe_time(record.fresh_at),
        Cell::number(set.period.as_secs()),
        Cell::Flag(set.paused),
        Cell::maybe_time(set.next_due),
        Cell::maybe_time(record.covered_from),
        Cell::maybe_time(record.covered_to),
        Cell::Json(json!(record.gaps)),
        Cell::maybe(record.last_error),
        Cell::maybe(record.missing_permission),
    ]
}
