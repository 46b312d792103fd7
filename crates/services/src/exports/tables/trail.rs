//! CloudTrail's events, newest first.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;
use store::repo::trail::{TrailEventRecord, TrailFilter, TrailQuery, trail_list};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;

const COLUMNS: &[Column] = &[
    Column::text("id"),
    Column::time("at"),
    Column::text("name"),
    Column::text("source"),
    Column::text("actor"),
    Column::text("actor_arn"),
    Column::text("source_ip"),
    Column::text("user_agent"),
    Column::flag("read_only"),
    Column::text("error_code"),
    Column::text("error_message"),
    Column::text("account_id"),
    Column::text("region"),
    Column::text("event_id"),
    Column::json("workspaces"),
];

/// The events that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct TrailTable {
    /// What it is narrowed to.
    pub filter: TrailFilter,
}

#[async_trait]
impl Table for TrailTable {
    fn name(&self) -> &'static str {
        "trail"
    }

    fn permission(&self) -> Permission {
        Permission::AuditRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        let filter = &self.filter;
        let said = json!({
            "account": filter.account_ids, "region": filter.regions, "from": filter.from, "to": filter.to, "name": filter.names,
        });
        let entry = Entry::new("trail.export", Permission::AuditRead).after(said);
        match (&filter.q, filter.actors.as_slice()) {
            (None, []) => entry,
            // What somebody looks for may be a person's name.
            (q, actors) => entry.personal(json!({ "q": q, "actor": actors })),
        }
    }

    async fn page(&self, ctx: &Context, actor: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let query = TrailQuery { filter: self.filter.clone(), cursor, limit: PORTION };
        let page = trail_list(&ctx.db, &actor.scope(Permission::AuditRead), &query).await?;
        Ok(Rows { rows: page.rows.into_iter().map(cells).collect(), next: page.next })
    }
}

fn cells(row: TrailEventRecord) -> Row {
    vec![
        Cell::text(row.id),
        Cell::Time(row.at),
        Cell::Text(row.name),
        Cell::Text(row.source),
        Cell::Text(row.actor),
        Cell::maybe(row.actor_arn),
        Cell::maybe(row.source_ip),
        Cell::maybe(row.user_agent),
        row.read_only.map_or(Cell::Empty, Cell::Flag),
        Cell::maybe(row.error_code),
        Cell::maybe(row.error_message),
        Cell::text(row.account_id),
        Cell::text(row.region),
        Cell::Text(row.event_id),
        Cell::Json(json!(row.workspaces)),
    ]
}
