//! What people with desktops ask for, newest first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::requests::{RequestFilter, RequestRecord, list_requests};
use crate::{Context, Page, PageRequest};

/// The requests that a filter leaves.
#[derive(Debug, Clone)]
pub struct RequestTable {
    /// What it is narrowed to.
    pub filter: RequestFilter,
}

#[async_trait]
impl List for RequestTable {
    type Item = RequestRecord;
    const NAME: &'static str = "requests";
    const PERMISSION: Permission = Permission::RequestRead;

    columns! { RequestRecord as request =>
        Column::text("id") => Cell::text(request.id),
        Column::text("user_id") => Cell::text(request.user_id),
        Column::text("email") => Cell::Text(request.email),
        Column::text("kind") => Cell::text(request.kind),
        Column::text("status") => Cell::text(request.status),
        Column::text("workspace_id") => Cell::maybe(request.desktop.as_ref().map(|desktop| desktop.id)),
        Column::text("aws_id") => Cell::maybe(request.desktop.as_ref().and_then(|desktop| desktop.aws_id.clone())),
        Column::text("computer_name") => Cell::maybe(request.desktop.and_then(|desktop| desktop.computer_name)),
        Column::text("bundle") => Cell::maybe(request.bundle),
        Column::text("note") => Cell::Text(request.note),
        Column::time("created_at") => Cell::Time(request.created_at),
        Column::time("updated_at") => Cell::Time(request.updated_at),
    }

    fn said(&self) -> Entry {
        let RequestFilter { statuses, kinds, user_id } = &self.filter;
        let said = json!({ "statuses": statuses, "kinds": kinds, "own": user_id.is_some() });
        Entry::new("request.export", Permission::RequestRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<RequestRecord>, ExportError> {
        Ok(list_requests(ctx, actor, &self.filter, page).await?)
    }
}
