//! The WorkSpaces, as the list shows them, with what the detail knows and their tags.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::workspace::Tags;
use serde_json::json;
use store::repo::exports::workspace_tags_many;
use store::repo::workspaces::{self, WorkspaceQuery, WorkspaceRecord};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::workspaces::service::{reading_of, resolve};
use crate::workspaces::{SortDirection, WorkspaceFilter, WorkspaceSort};

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::text("aws_id"),
    Column::text("account_id"),
    Column::text("account_name"),
    Column::text("region"),
    Column::text("directory_id"),
    Column::text("directory_name"),
    Column::text("bundle_id"),
    Column::text("bundle_name"),
    Column::text("user_name"),
    Column::text("computer_name"),
    Column::text("ip_address"),
    Column::text("state"),
    Column::time("state_since"),
    Column::text("running_mode"),
    Column::number("auto_stop_timeout_minutes").in_unit("minutes"),
    Column::text("compute_type"),
    Column::number("root_volume_gib").in_unit("GiB"),
    Column::number("user_volume_gib").in_unit("GiB"),
    Column::text("protocol"),
    Column::text("operating_system"),
    Column::flag("root_volume_encrypted"),
    Column::flag("user_volume_encrypted"),
    Column::text("connection"),
    Column::time("last_connected_at"),
    Column::time("first_seen_at"),
    Column::time("changed_at"),
    Column::time("gone_at"),
    Column::text("error_code"),
    Column::json("tags"),
];

/// The WorkSpaces that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceTable {
    /// What it is narrowed to.
    pub filter: WorkspaceFilter,
    /// What it is sorted by.
    pub sort: WorkspaceSort,
    /// Which end comes first.
    pub direction: SortDirection,
}

#[async_trait]
impl Table for WorkspaceTable {
    fn name(&self) -> &'static str {
        "workspaces"
    }

    fn permission(&self) -> Permission {
        Permission::WorkspaceRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        reading_of("workspace.export", &self.filter)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let scope = actor.scope(Permission::WorkspaceRead);
        let query = WorkspaceQuery {
            filter: resolve(ctx, actor, &scope, &self.filter).await?,
            sort: self.sort,
            direction: self.direction,
            cursor,
            limit: PORTION,
        };
        let page = workspaces::workspace_list(&ctx.db, &scope, &query).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        let mut tags = workspace_tags_many(&ctx.db, &ids).await?;
        let rows = page.rows.into_iter().map(|row| cells(tags.remove(&row.id), row)).collect();
        Ok(Rows { rows, next: page.next })
    }

    async fn count(&self, ctx: &Context, actor: &Actor) -> Result<Option<u64>, ExportError> {
        let scope = actor.scope(Permission::WorkspaceRead);
        let filter = resolve(ctx, actor, &scope, &self.filter).await?;
        Ok(Some(workspaces::workspace_count(&ctx.db, &scope, &filter).await?))
    }
}

fn cells(tags: Option<Tags>, row: WorkspaceRecord) -> Row {
    vec![
        Cell::text(row.id),
        Cell::Text(row.aws_id),
        Cell::text(row.account_id),
        Cell::Text(row.account_name),
        Cell::text(row.region),
        Cell::Text(row.directory_aws_id),
        Cell::maybe(row.directory_name),
        Cell::Text(row.bundle_aws_id),
        Cell::maybe(row.bundle_name),
        Cell::Text(row.user_name),
        Cell::maybe(row.computer_name),
        Cell::maybe(row.ip_address),
        Cell::text(row.state),
        Cell::Time(row.state_since),
        Cell::maybe(row.running_mode),
        Cell::maybe_number(row.auto_stop_timeout_minutes),
        Cell::maybe(row.compute_type),
        Cell::maybe_number(row.root_volume_gib),
        Cell::maybe_number(row.user_volume_gib),
        Cell::maybe(row.protocol),
        Cell::maybe(row.operating_system),
        Cell::Flag(row.root_volume_encrypted),
        Cell::Flag(row.user_volume_encrypted),
        Cell::maybe(row.connection_state),
        Cell::maybe_time(row.last_connected_at),
        Cell::Time(row.first_seen_at),
        Cell::Time(row.changed_at),
        Cell::maybe_time(row.gone_at),
        Cell::maybe(row.error_code),
        tags.map_or(Cell::Empty, |tags| Cell::Json(json!(tags))),
    ]
}
