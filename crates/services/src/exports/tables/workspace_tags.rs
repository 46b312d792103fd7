//! The tags of one WorkSpace, as last read.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row, whole};
use crate::workspaces::fetch_workspace_detail;
use crate::{Context, Page, PageRequest};

/// The tags of a WorkSpace.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceTagTable {
    /// The WorkSpace.
    pub workspace: WorkspaceId,
}

#[async_trait]
impl List for WorkspaceTagTable {
    /// Key and value.
    type Item = (String, String);
    const NAME: &'static str = "workspace-tags";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { (String, String) as (key, value) =>
        Column::text("key") => Cell::Text(key),
        Column::text("value") => Cell::Text(value),
    }

    fn said(&self) -> Entry {
        Entry::new("workspace-tag.export", Permission::WorkspaceRead).after(json!({ "workspace": self.workspace }))
    }

    async fn items(&self, ctx: &Context, actor: &Actor, _: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = fetch_workspace_detail(ctx, actor, self.workspace).await?;
        Ok(whole(found.ok_or(ExportError::NotFound("WorkSpace"))?.tags.into_iter().collect()))
    }
}
