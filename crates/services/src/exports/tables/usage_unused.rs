//! The WorkSpaces that are there and that nobody was connected to over some days, as far as that is known.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::usage::reading;
use crate::usage::{UsageQuestion, unused_workspaces};
use crate::workspaces::WorkspaceRecord;
use crate::{Context, Page, PageRequest};

/// The unused WorkSpaces of some days.
#[derive(Debug, Clone)]
pub struct UsageUnusedTable {
    /// Of which WorkSpaces, over which days.
    pub asked: UsageQuestion,
}

#[async_trait]
impl List for UsageUnusedTable {
    type Item = WorkspaceRecord;
    const NAME: &'static str = "usage-unused";
    const PERMISSION: Permission = Permission::UsageRead;

    columns! { WorkspaceRecord as workspace =>
        Column::text("id") => Cell::text(workspace.id),
        Column::text("aws_id") => Cell::Text(workspace.aws_id),
        Column::text("user_name") => Cell::Text(workspace.user_name),
        Column::text("account_name") => Cell::Text(workspace.account_name),
        Column::text("region") => Cell::text(workspace.region),
        Column::text("bundle") => Cell::Text(workspace.bundle_name.unwrap_or(workspace.bundle_aws_id)),
        Column::text("running_mode") => Cell::maybe(workspace.running_mode),
        Column::time("last_connected_at") => Cell::maybe_time(workspace.last_connected_at),
    }

    fn said(&self) -> Entry {
        reading("usage-unused.export", &self.asked)
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<WorkspaceRecord>, ExportError> {
        Ok(unused_workspaces(ctx, actor, &self.asked, &page).await?)
    }
}
