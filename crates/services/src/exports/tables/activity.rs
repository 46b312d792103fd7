//! What happened out of both records, newest first: AWS's events as whoever asks may see them, our own log for those who may take that
//! along.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::activity::{ActivityFilter, ActivityItem, take_activity};
use crate::{Context, Page, PageRequest};

/// What happened that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct ActivityTable {
    /// What it is narrowed to.
    pub filter: ActivityFilter,
}

#[async_trait]
impl List for ActivityTable {
    type Item = ActivityItem;
    const NAME: &'static str = "activity";
    const PERMISSION: Permission = Permission::AuditRead;

    columns! { ActivityItem as item =>
        Column::text("id") => Cell::Text(item.id),
        Column::time("at") => Cell::Time(item.at),
        Column::text("source") => Cell::text(item.source),
        Column::text("what") => Cell::Text(item.what),
        Column::text("who") => Cell::maybe(item.who),
        Column::text("actor_kind") => Cell::maybe(item.actor_kind),
        Column::text("actor_id") => Cell::maybe(item.actor_id),
        Column::text("object_kind") => Cell::maybe(item.object_kind),
        Column::text("object_id") => Cell::maybe(item.object_id),
        Column::text("object_name") => Cell::maybe(item.object_name),
        Column::number("others") => Cell::number(item.others),
        Column::text("outcome") => Cell::Text(item.outcome),
        Column::text("reason") => Cell::maybe(item.reason),
        Column::number("audit_seq") => Cell::maybe_number(item.audit_seq),
        Column::text("trail_event_id") => Cell::maybe(item.trail_event_id),
    }

    fn said(&self) -> Entry {
        let ActivityFilter { workspace, from, to } = &self.filter;
        let said = json!({ "workspace": workspace, "from": from, "to": to });
        Entry::new("activity.export", Permission::AuditRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = take_activity(ctx, actor, &self.filter, page).await?;
        Ok(Page { items: found.items, next_cursor: found.next_cursor, total: found.total })
    }
}
