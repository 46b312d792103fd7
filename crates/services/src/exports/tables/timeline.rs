//! What happened to one WorkSpace, newest first, as far as whoever asks is shown it.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use crate::timeline::{TimelineFilter, TimelineItem, Told, fetch_timeline};
use crate::{Context, Page, PageRequest};

/// The timeline of a WorkSpace.
#[derive(Debug, Clone)]
pub struct TimelineTable {
    /// The WorkSpace.
    pub workspace: WorkspaceId,
    /// What it is narrowed to.
    pub filter: TimelineFilter,
}

#[async_trait]
impl List for TimelineTable {
    /// With its words.
    type Item = (TimelineItem, Told);
    const NAME: &'static str = "timeline";
    const PERMISSION: Permission = Permission::WorkspaceRead;

    columns! { (TimelineItem, Told) as (item, told) =>
        Column::text("id") => Cell::Text(told.id),
        Column::time("at") => Cell::Time(item.at),
        Column::text("kind") => Cell::text(told.kind),
        Column::text("what") => Cell::Text(told.what),
        Column::text("name") => Cell::maybe(told.name),
        Column::text("before") => Cell::maybe(told.before),
        Column::text("after") => Cell::maybe(told.after),
        Column::text("who") => Cell::maybe(told.who),
        Column::text("outcome") => Cell::maybe(item.outcome),
        Column::text("reason") => Cell::maybe(item.reason),
        Column::text("job_id") => Cell::maybe(item.job_id),
        Column::number("audit_seq") => Cell::maybe_number(item.audit_seq),
        Column::text("trail_event_id") => Cell::maybe(told.trail_event_id),
    }

    fn said(&self) -> Entry {
        let TimelineFilter { kinds, from, to } = &self.filter;
        let said = json!({ "workspace": self.workspace, "kinds": kinds, "from": from, "to": to });
        Entry::new("timeline.export", Permission::WorkspaceRead).after(said)
    }

    async fn items(&self, ctx: &Context, actor: &Actor, page: PageRequest) -> Result<Page<Self::Item>, ExportError> {
        let found = fetch_timeline(ctx, actor, self.workspace, &self.filter, page).await?;
        let items = found.items.into_iter().map(|item| {
            let told = Told::of(&item.fact);
            (item, told)
        });
        Ok(Page { items: items.collect(), next_cursor: found.next_cursor, total: found.total })
    }
}
