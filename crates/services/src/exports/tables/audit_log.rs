//! Our own audit log, newest first, with the chained text and its hashes, so that a copy can be verified elsewhere.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::Value;
use store::repo::audit::{AuditQuery, audit_count, audit_list};

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{PORTION, Row, Rows, Table};
use crate::Context;
use crate::audit::{AuditFilter, AuditRecord, reading};

const COLUMNS: &[Column] = &[
    Column::number("seq"),
    Column::time("at"),
    Column::text("actor_kind"),
    Column::text("actor_id"),
    Column::text("actor_name"),
    Column::text("address"),
    Column::text("session_id"),
    Column::text("key_id"),
    Column::text("permission"),
    Column::text("action"),
    Column::text("object_kind"),
    Column::text("object_id"),
    Column::text("object_name"),
    Column::text("outcome"),
    Column::text("reason"),
    Column::text("request_id"),
    Column::json("before"),
    Column::json("after"),
    Column::json("personal"),
    Column::flag("erased"),
    Column::text("body"),
    Column::text("prev_hash"),
    Column::text("hash"),
];

/// The entries that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct AuditTable {
    /// What it is narrowed to.
    pub filter: AuditFilter,
}

#[async_trait]
impl Table for AuditTable {
    fn name(&self) -> &'static str {
        "audit-log"
    }

    fn permission(&self) -> Permission {
        Permission::AuditExport
    }

    fn everywhere(&self) -> bool {
        true
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        reading("audit.export", Permission::AuditExport, &self.filter)
    }

    async fn page(&self, ctx: &Context, _: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let page = audit_list(&ctx.db, &self.query(cursor)).await?;
        Ok(Rows { rows: page.rows.into_iter().map(cells).collect(), next: page.next })
    }

    async fn count(&self, ctx: &Context, _: &Actor) -> Result<Option<u64>, ExportError> {
        // A search by words counts the places of a page alone.
        match self.filter.q {
            Some(_) => Ok(None),
            None => Ok(Some(audit_count(&ctx.db, &self.query(None)).await?)),
        }
    }
}

impl AuditTable {
    fn query(&self, cursor: Option<String>) -> AuditQuery {
        AuditQuery { filter: self.filter.clone(), limit: PORTION.into(), cursor }
    }
}

/// A text of a personal part.
fn text(part: Option<&Value>, name: &str) -> Cell {
    Cell::maybe(part.and_then(|part| part.get(name)).and_then(Value::as_str))
}

fn cells(found: AuditRecord) -> Row {
    let AuditRecord { seq, at, record, body, prev_hash, hash, actor, object } = found;
    let erased =
        (record.personal.actor.is_some() && actor.is_none()) || (record.personal.object.is_some() && object.is_none());
    let personal = object.as_ref().and_then(|part| part.get("data")).filter(|data| !data.is_null()).cloned();
    let (object_kind, object_id) = record.object.map_or((None, None), |object| (Some(object.kind), Some(object.id)));
    vec![
        Cell::number(seq),
        Cell::Time(at),
        Cell::text(record.actor.kind.as_str()),
        Cell::maybe(record.actor.user_id),
        text(actor.as_ref(), "name"),
        text(actor.as_ref(), "address"),
        Cell::maybe(record.actor.session_id),
        Cell::maybe(record.actor.key_id),
        Cell::maybe(record.permission),
        Cell::Text(record.action),
        Cell::maybe(object_kind),
        Cell::maybe(object_id),
        text(object.as_ref(), "label"),
        Cell::Text(record.outcome),
        Cell::maybe(record.reason),
        Cell::maybe(record.request_id),
        Cell::maybe_json(record.before),
        Cell::maybe_json(record.after),
        Cell::maybe_json(personal),
        Cell::Flag(erased),
        Cell::Text(body),
        Cell::Text(prev_hash),
        Cell::Text(hash),
    ]
}
