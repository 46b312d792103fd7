//! What a request for events is, and the SQL it becomes: always along an index in order of time, or, for one WorkSpace,
//! along its links. Several calls or regions are several stretches of their index, of each of which the newest are read.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, Region, WorkspaceId};
use sea_orm::DbBackend;
use uuid::Uuid;

use crate::cursor::{Behind, Cursor, list_name};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_events};
use crate::sql::{Sql, like_anywhere, micros, search_words};

/// The largest page.
const MAX_LIMIT: u32 = 1000;

/// Calls or regions whose stretches of an index are read each by itself; with more of them the way along all moments is as short.
const MOST_STRETCHES: usize = 8;

/// What the list is narrowed to. Fields narrow each other; an empty field does not narrow, and of several values any matches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// Accounts.
    pub account_ids: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// The WorkSpace it is about.
    pub workspace_id: Option<WorkspaceId>,
    /// Calls, exactly: `StartWorkspaces`.
    pub names: Vec<String>,
    /// Who, exactly.
    pub actors: Vec<String>,
    /// Words that must all be somewhere in call, actor, address or error, without regard to case; a word `ws-…` is a
    /// WorkSpace it must be about.
    pub q: Option<String>,
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The end, not included.
    pub to: Option<DateTime<Utc>>,
    /// Only what AWS refused, or only what it did.
    pub refused: Option<bool>,
    /// Only what changed something: without what says of itself that it only read.
    pub writes_only: bool,
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailQuery {
    /// What it is narrowed to.
    pub filter: TrailFilter,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most, 1 to 1000; 0 means 50.
    pub limit: u32,
}

impl TrailQuery {
    pub(super) fn limit_rows(&self) -> usize {
        let limit = if self.limit == 0 { 50 } else { self.limit.min(MAX_LIMIT) };
        usize::try_from(limit).unwrap_or(50)
    }
}

/// The columns of a row of the list.
pub(super) const COLUMNS: &str = "t.id, t.account_id, t.region, t.event_id, t.at, t.name, t.source, t.read_only, t.actor, \
     t.actor_arn, t.source_ip, t.user_agent, t.error_code, t.error_message";

/// What a cursor is tied to.
pub(super) fn name(scope: &Scope, query: &TrailQuery) -> String {
    list_name(&format!("trail {scope:?} {:?}", query.filter))
}

/// The statement of a page, one row longer than the page to see whether there is another.
pub(crate) fn page(backend: DbBackend, scope: &Scope, query: &TrailQuery) -> Result<Sql, StoreError> {
    let from = match &query.cursor {
        None => Behind::Nothing,
        Some(cursor) => {
            let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name(scope, query))?;
            Behind::Row(cursor.moment()?, cursor.id)
        }
    };
    Ok(behind(backend, scope, &query.filter, &from, query.limit_rows() + 1))
}

/// The statement of the newest events behind that, `limit` at most.
pub(crate) fn behind(
    backend: DbBackend,
    scope: &Scope,
    filter: &TrailFilter,
    from: &Behind<Uuid>,
    limit: usize,
) -> Sql {
    latest(Sql::of(backend), COLUMNS, scope, filter, from, i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Adds the statement of the newest events behind that, the latest first. The moment and the id are among the columns.
fn latest(sql: Sql, columns: &str, scope: &Scope, filter: &TrailFilter, from: &Behind<Uuid>, limit: i64) -> Sql {
    let parts = stretches(filter);
    if let [whole] = parts.as_slice() {
        return stretch(sql, columns, scope, whole, from, limit);
    }
    let mut sql = sql.text("SELECT s.* FROM (");
    for (number, part) in parts.iter().enumerate() {
        let begin = if number == 0 { "SELECT p.* FROM (" } else { ") p UNION ALL SELECT p.* FROM (" };
        sql = stretch(sql.text(begin), columns, scope, part, from, limit);
    }
    sql.text(") p) s ORDER BY s.at DESC, s.id DESC LIMIT ").bind(limit)
}

/// The filters that leave together what this one leaves, no event twice, each along one stretch of an index.
fn stretches(filter: &TrailFilter) -> Vec<TrailFilter> {
    let names: BTreeSet<_> = filter.names.iter().collect();
    let regions: BTreeSet<_> = filter.regions.iter().collect();
    let few = 2..=MOST_STRETCHES;
    if filter.workspace_id.is_some() {
        vec![filter.clone()]
    } else if few.contains(&names.len()) {
        names.into_iter().map(|name| TrailFilter { names: vec![name.clone()], ..filter.clone() }).collect()
    } else if names.is_empty() && few.contains(&regions.len()) {
        regions.into_iter().map(|region| TrailFilter { regions: vec![region.clone()], ..filter.clone() }).collect()
    } else {
        vec![filter.clone()]
    }
}

/// Adds the statement of the newest of one stretch.
fn stretch(sql: Sql, columns: &str, scope: &Scope, filter: &TrailFilter, from: &Behind<Uuid>, limit: i64) -> Sql {
    let sql = conditions(sql.text("SELECT ").text(columns), Purpose::Page, scope, filter);
    let (at, id) = order(filter);
    from.clone().narrow(sql, at, id).text(&format!(" ORDER BY {at} DESC, {id} DESC LIMIT ")).bind(limit)
}

/// The statement that counts the values of the newest events that the filter leaves: kind, value, how many.
pub(crate) fn facets(backend: DbBackend, scope: &Scope, filter: &TrailFilter, newest: u32) -> Sql {
    let columns = "t.id, t.at, t.name, t.actor, t.account_id, t.region, t.error_code";
    let sql = Sql::of(backend).text("WITH seen AS MATERIALIZED (");
    let mut sql = latest(sql, columns, scope, filter, &Behind::Nothing, i64::from(newest)).text(")");
    let account = if sql.is_postgres() { "CAST(account_id AS text)" } else { "lower(hex(account_id))" };
    let outcome = "CASE WHEN error_code IS NULL THEN 'done' ELSE 'refused' END";
    let kinds =
        [("name", "name"), ("actor", "actor"), ("account", account), ("region", "region"), ("outcome", outcome)];
    for (number, (kind, value)) in kinds.into_iter().enumerate() {
        let joined = if number == 0 { " " } else { " UNION ALL " };
        sql = sql.text(&format!(
            "{joined}SELECT '{kind}' AS kind, {value} AS value, count(*) AS n FROM seen GROUP BY {value}"
        ));
    }
    sql
}

/// The columns that events are in order by.
fn order(filter: &TrailFilter) -> (&'static str, &'static str) {
    if filter.workspace_id.is_some() { ("l.at", "l.event_id") } else { ("t.at", "t.id") }
}

/// The statement that counts what the filter leaves.
pub(super) fn count(backend: DbBackend, scope: &Scope, filter: &TrailFilter) -> Sql {
    conditions(Sql::of(backend).text("SELECT count(*)"), Purpose::All, scope, filter)
}

/// Adds FROM and WHERE with scope and filter.
fn conditions(sql: Sql, purpose: Purpose, scope: &Scope, filter: &TrailFilter) -> Sql {
    let mut sql = match filter.workspace_id {
        Some(workspace) => sql
            .text(
                " FROM trail_event_workspace l CROSS JOIN trail_event t WHERE t.id = l.event_id AND l.workspace_id = ",
            )
            .bind(workspace.0),
        None => sql.text(" FROM trail_event t WHERE 1 = 1"),
    };
    sql = scoped_events(sql, scope, purpose);
    let (at, _) = order(filter);
    // An account leads to very many rows, in order of time only together with its region, and several values of anything to
    // several stretches. SQLite takes any index that fits, unless the + hides the column from it; and a call's own index before
    // that of a place.
    let page = purpose == Purpose::Page && !sql.is_postgres();
    let place = filter.account_ids.len() == 1 && filter.regions.len() == 1 && filter.names.is_empty();
    let account = if page && !place { "+t.account_id" } else { "t.account_id" };
    let region = if page && filter.regions.len() > 1 { "+t.region" } else { "t.region" };
    let name = if page && filter.names.len() > 1 { "+t.name" } else { "t.name" };
    sql = sql
        .any_of(account, filter.account_ids.iter().map(|id| id.0))
        .any_of(region, filter.regions.iter().map(Region::as_str))
        .any_of(name, filter.names.iter().map(String::as_str))
        .any_of("t.actor", filter.actors.iter().map(String::as_str));
    if let Some(from) = filter.from {
        sql = sql.text(&format!(" AND {at} >= ")).bind(micros(from));
    }
    if let Some(to) = filter.to {
        sql = sql.text(&format!(" AND {at} < ")).bind(micros(to));
    }
    match filter.refused {
        Some(true) => sql = sql.text(" AND t.error_code IS NOT NULL"),
        Some(false) => sql = sql.text(" AND t.error_code IS NULL"),
        None => {}
    }
    if filter.writes_only {
        sql = sql.text(" AND (t.read_only IS NULL OR t.read_only = ").either("FALSE", "0").text(")");
    }
    for word in search_words(filter.q.as_deref()) {
        if word.starts_with("ws-") {
            sql = sql
                .text(
                    " AND t.id IN (SELECT n.event_id FROM workspace v JOIN trail_event_workspace n ON n.workspace_id = v.id \
                     WHERE v.aws_id = ",
                )
                .bind(word)
                .text(")");
            continue;
        }
        sql = sql
            .text(
                " AND lower(t.name || ' ' || t.actor || ' ' || COALESCE(t.source_ip, '') || ' ' || \
                 COALESCE(t.error_code, '') || ' ' || COALESCE(t.error_message, '')) LIKE ",
            )
            .bind(like_anywhere(&word))
            .either("", " ESCAPE '\\'");
    }
    sql
}
