//! What happened out of both records, newest first: AWS's events as whoever asks may see them, our own log for those who may take that
//! along.

use async_trait::async_trait;
use domain::access::{Actor, Forbidden, Permission};
use domain::activity::ActivitySource;
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::activity::{ActivityFilter, ActivityItem, take_activity};
use crate::{Context, PageRequest};

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::time("at"),
    Column::text("source"),
    Column::text("what"),
    Column::text("who"),
    Column::text("actor_kind"),
    Column::text("actor_id"),
    Column::text("object_kind"),
    Column::text("object_id"),
    Column::text("object_name"),
    Column::number("others"),
    Column::text("outcome"),
    Column::text("reason"),
    Column::number("audit_seq"),
    Column::text("trail_event_id"),
];

/// What happened that a filter leaves.
#[derive(Debug, Clone)]
pub struct ActivityTable {
    filter: ActivityFilter,
    /// Whether our own log is in it.
    log: bool,
}

impl ActivityTable {
    /// For that actor: our own log is in it where they may take that along.
    #[must_use]
    pub fn of(actor: &Actor, filter: ActivityFilter) -> Self {
        let log = filter.takes(ActivitySource::Wheelhouse) && actor.require_everywhere(Permission::AuditExport).is_ok();
        Self { filter, log }
    }
}

#[async_trait]
impl Table for ActivityTable {
    fn name(&self) -> &'static str {
        "activity"
    }

    fn permission(&self) -> Permission {
        Permission::AuditRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    /// Of our own log alone, who may not take that along gets no empty file.
    fn allow(&self, actor: &Actor) -> Result<(), Forbidden> {
        if !self.log && !self.filter.takes(ActivitySource::Aws) {
            return actor.require_everywhere(Permission::AuditExport);
        }
        actor.require(Permission::AuditRead)
    }

    fn entry(&self) -> Entry {
        let ActivityFilter { source, workspace, outcome, changes_only, from, to } = &self.filter;
        let said = json!({
            "source": source, "workspace": workspace, "outcome": outcome, "changes": changes_only, "from": from, "to": to,
            "log": self.log,
        });
        let by = if self.log { Permission::AuditExport } else { Permission::AuditRead };
        Entry::new("activity.export", by).after(said)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let page = PageRequest { limit: PORTION, cursor };
        let (items, next) = take_activity(ctx, actor, &self.filter, self.log, page).await?;
        Ok(Rows { rows: items.into_iter().map(cells).collect(), next })
    }
}

fn cells(item: ActivityItem) -> Row {
    vec![
        Cell::Text(item.id),
        Cell::Time(item.at),
        Cell::text(item.source),
        Cell::Text(item.what),
        Cell::maybe(item.who),
        Cell::maybe(item.actor_kind),
        Cell::maybe(item.actor_id),
        Cell::maybe(item.object_kind),
        Cell::maybe(item.object_id),
        Cell::maybe(item.object_name),
        Cell::number(item.others),
        Cell::Text(item.outcome),
        Cell::maybe(item.reason),
        Cell::maybe_number(item.audit_seq),
        Cell::maybe(item.trail_event_id),
    ]
}
