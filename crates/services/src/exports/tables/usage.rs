//! The usage of each WorkSpace over some days: by user name, those without any with zeros.

use async_trait::async_trait;
use domain::access::{Actor, Permission, Scope};
use domain::audit::Entry;
use serde_json::json;
use store::repo::exports::{UsageOfWorkspace, usage_of_many};
use store::repo::workspaces::{self, GoneFilter, WorkspaceQuery, WorkspaceRecord};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::usage::{self, UsageQuestion};
use crate::workspaces::WorkspaceFilter;
use crate::workspaces::service::resolve;

const COLUMNS: &[Column] = &[
    Column::text("workspace_id"),
    Column::text("aws_id"),
    Column::text("account_name"),
    Column::text("region"),
    Column::text("directory_name"),
    Column::text("bundle_name"),
    Column::text("user_name"),
    Column::text("running_mode"),
    Column::day("from"),
    Column::day("to"),
    Column::number("connected_minutes").in_unit("minutes"),
    Column::number("hours").in_unit("hours"),
    Column::number("sessions"),
    Column::number("days").in_unit("days"),
    Column::day("first_day"),
    Column::day("last_day"),
    Column::time("gone_at"),
];

/// The usage of the WorkSpaces that a filter leaves, over some days.
#[derive(Debug, Clone)]
pub struct UsageTable {
    /// Which WorkSpaces, and from which day to which; the last is not in it.
    pub asked: UsageQuestion,
}

#[async_trait]
impl Table for UsageTable {
    fn name(&self) -> &'static str {
        "usage"
    }

    fn permission(&self) -> Permission {
        Permission::UsageRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        reading("usage.export", &self.asked)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let scope = actor.scope(Permission::UsageRead);
        let filter = self.whose(ctx, actor, &scope).await?;
        let query = WorkspaceQuery { filter, cursor, limit: PORTION, ..WorkspaceQuery::default() };
        let page = workspaces::workspace_list(&ctx.db, &scope, &query).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        let usage = usage_of_many(&ctx.db, &ids, (self.asked.from, self.asked.to)).await?;
        let rows = page.rows.into_iter().map(|row| self.cells(usage.get(&row.id).copied().unwrap_or_default(), row));
        Ok(Rows { rows: rows.collect(), next: page.next })
    }

    async fn count(&self, ctx: &Context, actor: &Actor) -> Result<Option<u64>, ExportError> {
        let scope = actor.scope(Permission::UsageRead);
        let filter = self.whose(ctx, actor, &scope).await?;
        Ok(Some(workspaces::workspace_count(&ctx.db, &scope, &filter).await?))
    }
}

/// What the audit log says of a table of usage.
pub(super) fn reading(action: &str, asked: &UsageQuestion) -> Entry {
    looked_for(usage::reading(action, asked), &asked.filter)
}

/// What somebody looks for may be a person's name: it stands where it can be erased.
pub(super) fn looked_for(entry: Entry, filter: &WorkspaceFilter) -> Entry {
    match (&filter.q, &filter.tag) {
        (None, None) => entry,
        (q, tag) => entry.personal(json!({ "q": q, "tag": tag })),
    }
}

impl UsageTable {
    /// The WorkSpaces that have a row; those that are gone, too.
    async fn whose(
        &self,
        ctx: &Context,
        actor: &Actor,
        scope: &Scope,
    ) -> Result<workspaces::WorkspaceFilter, ExportError> {
        let filter = resolve(ctx, actor, scope, &self.asked.filter).await?;
        Ok(workspaces::WorkspaceFilter { gone: GoneFilter::Any, ..filter })
    }

    fn cells(&self, usage: UsageOfWorkspace, row: WorkspaceRecord) -> Row {
        vec![
            Cell::text(row.id),
            Cell::Text(row.aws_id),
            Cell::Text(row.account_name),
            Cell::text(row.region),
            Cell::maybe(row.directory_name),
            Cell::maybe(row.bundle_name),
            Cell::Text(row.user_name),
            Cell::maybe(row.running_mode),
            Cell::Day(self.asked.from),
            Cell::Day(self.asked.to),
            Cell::number(usage.minutes),
            Cell::number(usage.hours),
            Cell::number(usage.sessions),
            Cell::number(usage.days),
            usage.first.map_or(Cell::Empty, Cell::Day),
            usage.last.map_or(Cell::Empty, Cell::Day),
            Cell::maybe_time(row.gone_at),
        ]
    }
}
