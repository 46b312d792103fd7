//! What a request for a timeline is, and the SQL that each source becomes: from the WorkSpace within the scope along the source's
//! index of it, in order of time.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::WorkspaceId;
use domain::timeline::TimelineKind;
use sea_orm::DbBackend;
use uuid::Uuid;

use super::TimelineRecord;
use crate::cursor::{Merged, list_name};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_workspaces};
use crate::sql::{Sql, micros};

/// The largest page.
const MAX_LIMIT: u32 = 1000;

/// A source to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineSource {
    /// What it knows of.
    pub kind: TimelineKind,
    /// Where whoever asks may see that.
    pub scope: Scope,
}

/// A page to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineQuery {
    /// The WorkSpace.
    pub workspace: WorkspaceId,
    /// The sources to look at, each once.
    pub sources: Vec<TimelineSource>,
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The end, not included.
    pub to: Option<DateTime<Utc>>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most, 1 to 1000.
    pub limit: u32,
}

/// The last row of the page before.
pub(super) type Start = Merged<TimelineKind>;

/// Whether a row with a number for its id comes behind that.
pub(super) fn is_before(start: &Start, at: DateTime<Utc>, kind: TimelineKind, id: i64) -> bool {
    match (at.cmp(&start.at), kind.cmp(&start.source)) {
        (Ordering::Less, _) | (Ordering::Equal, Ordering::Greater) => true,
        (Ordering::Equal, Ordering::Equal) => start.id.parse::<i64>().is_ok_and(|last| id < last),
        _ => false,
    }
}

impl TimelineQuery {
    pub(super) fn limit_rows(&self) -> usize {
        usize::try_from(self.limit.clamp(1, MAX_LIMIT)).unwrap_or(1)
    }

    /// What a cursor is tied to.
    fn name(&self) -> String {
        list_name(&format!("timeline {} {:?} {:?} {:?}", self.workspace, self.sources, self.from, self.to))
    }

    pub(super) fn start(&self) -> Result<Option<Start>, StoreError> {
        Merged::decode(self.cursor.as_deref(), &self.name())
    }

    pub(super) fn cursor_behind(&self, last: &TimelineRecord) -> String {
        Merged::encode(&self.name(), last.at, &last.fact.kind(), last.fact.id())
    }

    /// Whether the moment lies between `from` and `to`.
    pub(super) fn reaches(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| micros(from) <= at) && self.to.is_none_or(|to| at < micros(to))
    }
}

/// A table that knows something of WorkSpaces, as `h`.
pub(super) struct Source {
    /// What is counted.
    table: &'static str,
    /// What a page needs besides.
    with: &'static str,
    columns: &'static str,
    /// The column that names the WorkSpace.
    of: &'static str,
    /// The column that tells rows of the same moment apart.
    id: &'static str,
    /// What holds of the rows in any case.
    and: &'static str,
    /// What holds of the rows of a page besides.
    and_with: &'static str,
}

pub(super) const STATES: Source = Source {
    table: "workspace_state_history h",
    with: "",
    columns: "h.id, h.at, h.\"before\", h.\"after\"",
    of: "h.workspace_id",
    id: "h.id",
    and: "",
    and_with: "",
};

pub(super) const CHANGES: Source = Source {
    table: "workspace_change h",
    with: "",
    columns: "h.id, h.at, h.field, h.name, h.\"before\", h.\"after\"",
    of: "h.workspace_id",
    id: "h.id",
    and: "",
    and_with: "",
};

/// The condition is that of the index, word for word.
pub(super) const ACTIONS: Source = Source {
    table: "audit_entry h",
    with: " LEFT JOIN audit_personal p ON p.seq = h.seq AND p.subject = 'actor'",
    columns: "h.seq AS id, h.at, h.body, p.body AS person",
    of: "h.object_id",
    id: "h.seq",
    and: " AND h.object_kind = 'workspace' AND h.action <> 'workspace.read'",
    and_with: "",
};

pub(super) const EVENTS: Source = Source {
    table: "trail_event_workspace h",
    with: " CROSS JOIN trail_event t",
    columns: "h.event_id AS id, h.at, t.name, t.actor, t.error_code, t.error_message",
    of: "h.workspace_id",
    id: "h.event_id",
    and: "",
    and_with: " AND t.id = h.event_id",
};

/// Adds FROM and WHERE with scope and moments.
fn of_workspace(mut sql: Sql, query: &TimelineQuery, source: &TimelineSource, table: &Source, with: &str) -> Sql {
    sql =
        sql.text(&format!(" FROM workspace w CROSS JOIN {}{with} WHERE w.id = ", table.table)).bind(query.workspace.0);
    sql = sql.text(&format!(" AND {} = ", table.of));
    // The audit log names objects of any kind, as text.
    sql = if source.kind == TimelineKind::Action {
        sql.bind(query.workspace.to_string())
    } else {
        sql.bind(query.workspace.0)
    };
    sql = scoped_workspaces(sql.text(table.and), &source.scope, Purpose::All);
    if let Some(from) = query.from {
        sql = sql.text(" AND h.at >= ").bind(micros(from));
    }
    if let Some(to) = query.to {
        sql = sql.text(" AND h.at < ").bind(micros(to));
    }
    sql
}

/// The statement of a source's rows behind the start, one more than the page.
pub(super) fn page(
    backend: DbBackend,
    query: &TimelineQuery,
    source: &TimelineSource,
    table: &Source,
    start: Option<&Start>,
) -> Result<Sql, StoreError> {
    let sql = Sql::of(backend).text("SELECT ").text(table.columns);
    let sql = of_workspace(sql, query, source, table, table.with).text(table.and_with);
    let sql = if source.kind == TimelineKind::Aws {
        Merged::behind::<Uuid>(start, &source.kind)?.narrow(sql, "h.at", table.id)
    } else {
        Merged::behind::<i64>(start, &source.kind)?.narrow(sql, "h.at", table.id)
    };
    let limit = i64::try_from(query.limit_rows() + 1).unwrap_or(i64::MAX);
    Ok(sql.text(&format!(" ORDER BY h.at DESC, {} DESC LIMIT ", table.id)).bind(limit))
}

/// The statement that counts a source's rows.
pub(super) fn count(backend: DbBackend, query: &TimelineQuery, source: &TimelineSource, table: &Source) -> Sql {
    of_workspace(Sql::of(backend).text("SELECT count(*)"), query, source, table, "")
}

/// The statement of when the WorkSpace was first seen, and in which state.
pub(super) fn first_seen(backend: DbBackend, workspace: WorkspaceId, scope: &Scope) -> Sql {
    let sql = Sql::of(backend).text(
        "SELECT w.first_seen_at, COALESCE((SELECT h.\"before\" FROM workspace_state_history h WHERE h.workspace_id = w.id \
         ORDER BY h.at, h.id LIMIT 1), w.state) FROM workspace w WHERE w.id = ",
    );
    scoped_workspaces(sql.bind(workspace.0), scope, Purpose::All)
}
