//! What a list request is, and the SQL it becomes. An absent value sorts as the smallest on both databases: the sort
//! expressions here are, letter for letter, those of the indexes in the migration.

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, BundleId, DirectoryId, Region, TeamId};
use domain::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};
use sea_orm::DbBackend;
use uuid::Uuid;

use super::record::{COLUMNS, WorkspaceRow};
use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_workspaces};
use crate::repo::teams::user_key;
use crate::sql::{Sql, like_anywhere, search_words};

/// The largest page.
const MAX_LIMIT: u32 = 1000;

/// Whether WorkSpaces that are no longer in AWS are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GoneFilter {
    /// Only those that are there.
    #[default]
    Present,
    /// Only those that went.
    Gone,
    /// Both.
    Any,
}

/// What the list is narrowed to. Within a field any value fits, fields narrow each other, an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceFilter {
    /// Accounts.
    pub account_ids: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Directories.
    pub directory_ids: Vec<DirectoryId>,
    /// Bundles.
    pub bundle_ids: Vec<BundleId>,
    /// States.
    pub states: Vec<WorkspaceState>,
    /// Running modes.
    pub running_modes: Vec<RunningMode>,
    /// Compute types.
    pub compute_types: Vec<ComputeType>,
    /// Connection states.
    pub connections: Vec<ConnectionState>,
    /// Tags: a key, and the value it must have, if that matters. Every one must fit.
    pub tags: Vec<(String, Option<String>)>,
    /// Teams: the desktops of the people in them.
    pub team_ids: Vec<TeamId>,
    /// Whether those that went are shown.
    pub gone: GoneFilter,
    /// Words that must all be somewhere in user name, computer name, WorkSpace id, address or tags, without regard to case,
    /// or begin the id of its directory or bundle.
    pub q: Option<String>,
}

/// What the list is sorted by; the id breaks ties.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum WorkspaceSort {
    /// The user name, without regard to case.
    #[default]
    UserName,
    /// The state.
    State,
    /// The running mode.
    RunningMode,
    /// The compute type.
    ComputeType,
    /// The region.
    Region,
    /// When somebody was last connected.
    LastConnectedAt,
    /// Since when it is in its state.
    StateSince,
    /// When it last changed.
    ChangedAt,
    /// `ws-…`.
    AwsId,
}

impl WorkspaceSort {
    /// Every sort.
    pub const ALL: &'static [Self] = &[
        Self::UserName,
        Self::State,
        Self::RunningMode,
        Self::ComputeType,
        Self::Region,
        Self::LastConnectedAt,
        Self::StateSince,
        Self::ChangedAt,
        Self::AwsId,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserName => "user_name",
            Self::State => "state",
            Self::RunningMode => "running_mode",
            Self::ComputeType => "compute_type",
            Self::Region => "region",
            Self::LastConnectedAt => "last_connected_at",
            Self::StateSince => "state_since",
            Self::ChangedAt => "changed_at",
            Self::AwsId => "aws_id",
        }
    }

    /// The sort of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sort| sort.as_str() == name)
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SortDirection {
    /// The smallest first, those without a value before them.
    #[default]
    Ascending,
    /// The largest first, those without a value at the end.
    Descending,
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceQuery {
    /// What it is narrowed to.
    pub filter: WorkspaceFilter,
    /// What it is sorted by.
    pub sort: WorkspaceSort,
    /// Which end comes first.
    pub direction: SortDirection,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most, 1 to 1000; 0 means 50.
    pub limit: u32,
}

impl WorkspaceQuery {
    pub(super) fn limit_rows(&self) -> usize {
        let limit = if self.limit == 0 { 50 } else { self.limit.min(MAX_LIMIT) };
        usize::try_from(limit).unwrap_or(50)
    }
}

/// The expression the rows are sorted by, as it stands in the index.
fn sort_key(sort: WorkspaceSort, postgres: bool) -> &'static str {
    match sort {
        WorkspaceSort::UserName => "w.user_key",
        WorkspaceSort::State => "w.state",
        WorkspaceSort::RunningMode => "COALESCE(w.running_mode, '')",
        WorkspaceSort::ComputeType => "COALESCE(w.compute_type, '')",
        WorkspaceSort::Region => "w.region",
        WorkspaceSort::LastConnectedAt if postgres => {
            "COALESCE(w.last_connected_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')"
        }
        WorkspaceSort::LastConnectedAt => "COALESCE(w.last_connected_at, '')",
        WorkspaceSort::StateSince => "w.state_since",
        WorkspaceSort::ChangedAt => "w.changed_at",
        WorkspaceSort::AwsId => "w.aws_id",
    }
}

fn is_time(sort: WorkspaceSort) -> bool {
    matches!(sort, WorkspaceSort::LastConnectedAt | WorkspaceSort::StateSince | WorkspaceSort::ChangedAt)
}

/// The sort value of a row for its cursor; empty for none.
pub(super) fn cursor_key(sort: WorkspaceSort, row: &WorkspaceRow) -> String {
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
    match sort {
        WorkspaceSort::UserName => Some(row.user_key.clone()),
        WorkspaceSort::State => Some(row.state.clone()),
        WorkspaceSort::RunningMode => row.running_mode.clone(),
        WorkspaceSort::ComputeType => row.compute_type.clone(),
        WorkspaceSort::Region => Some(row.region.clone()),
        WorkspaceSort::LastConnectedAt => time(row.last_connected_at),
        WorkspaceSort::StateSince => time(Some(row.state_since)),
        WorkspaceSort::ChangedAt => time(Some(row.changed_at)),
        WorkspaceSort::AwsId => Some(row.aws_id.clone()),
    }
    .unwrap_or_default()
}

/// What a cursor is tied to.
pub(super) fn name(scope: &Scope, query: &WorkspaceQuery) -> String {
    list_name(&format!("workspaces {scope:?} {:?} {:?} {:?}", query.filter, query.sort, query.direction))
}

/// `SELECT … FROM workspace` with the names of what it belongs to.
pub(super) fn select(sql: Sql) -> Sql {
    // LEFT JOIN to the account too, which is always there: SQLite's planner may not begin with it then.
    sql.text("SELECT ").text(COLUMNS).text(
        " FROM workspace w LEFT JOIN account a ON a.id = w.account_id LEFT JOIN directory d ON d.id = w.directory_id \
         LEFT JOIN bundle b ON b.id = w.bundle_id",
    )
}

/// The statement of a page, one row longer than the page to see whether there is another.
pub(super) fn page(backend: DbBackend, scope: &Scope, query: &WorkspaceQuery) -> Result<Sql, StoreError> {
    let sql = conditions(select(Sql::of(backend)), Purpose::Page, scope, &query.filter);
    let key = sort_key(query.sort, sql.is_postgres());
    let (order, beyond) = (order(query.direction), if query.direction == SortDirection::Ascending { ">" } else { "<" });
    let sql = match &query.cursor {
        None => sql,
        Some(cursor) => {
            let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name(scope, query))?;
            // SQLite finds its way into an index of an expression by a plain comparison only.
            let sql = if sql.is_postgres() || !key.contains('(') {
                sql
            } else {
                bind_key(sql.text(&format!(" AND {key} {beyond}= ")), query.sort, cursor.key.clone())?
            };
            let sql = sql.text(&format!(" AND ({key}, w.id) {beyond} ("));
            bind_key(sql, query.sort, cursor.key)?.text(", ").bind(cursor.id).text(")")
        }
    };
    let limit = i64::try_from(query.limit_rows() + 1).unwrap_or(i64::MAX);
    Ok(sql.text(&format!(" ORDER BY {key} {order}, w.id {order} LIMIT ")).bind(limit))
}

/// The statement that finds the row after so many others. It reads no more than sort and filter need.
pub(super) fn nth_id(backend: DbBackend, scope: &Scope, query: &WorkspaceQuery, skipped: u32) -> Sql {
    let sql = Sql::of(backend).text("SELECT w.id FROM workspace w");
    let sql = conditions(sql, Purpose::Page, scope, &query.filter);
    let key = sort_key(query.sort, sql.is_postgres());
    let order = order(query.direction);
    sql.text(&format!(" ORDER BY {key} {order}, w.id {order} LIMIT 1 OFFSET ")).bind(i64::from(skipped))
}

fn order(direction: SortDirection) -> &'static str {
    match direction {
        SortDirection::Ascending => "ASC",
        SortDirection::Descending => "DESC",
    }
}

fn bind_key(sql: Sql, sort: WorkspaceSort, key: String) -> Result<Sql, StoreError> {
    // SQLite keeps times as text that sorts in order of time, and no time as ''.
    if !is_time(sort) || !sql.is_postgres() {
        return Ok(sql.bind(key));
    }
    let at = if key.is_empty() { DateTime::UNIX_EPOCH } else { key.parse().map_err(|_| StoreError::BadCursor)? };
    // Further than any of ours, and nearer than Postgres' ends of time.
    if !(1970..=9999).contains(&at.year()) {
        return Err(StoreError::BadCursor);
    }
    Ok(sql.bind(at))
}

/// The statement that counts what the filter leaves.
pub(super) fn count(backend: DbBackend, scope: &Scope, filter: &WorkspaceFilter) -> Sql {
    conditions(Sql::of(backend).text("SELECT count(*) FROM workspace w"), Purpose::All, scope, filter)
}

/// Adds WHERE with scope and filter.
pub(crate) fn conditions(sql: Sql, purpose: Purpose, scope: &Scope, filter: &WorkspaceFilter) -> Sql {
    let sql = sql.text(match filter.gone {
        GoneFilter::Present => " WHERE w.gone_at IS NULL",
        GoneFilter::Gone => " WHERE w.gone_at IS NOT NULL",
        GoneFilter::Any => " WHERE 1 = 1",
    });
    let sql = scoped_workspaces(sql, scope, purpose);
    // An account or region leads to very many rows: a page goes along its sort's index instead (see `Purpose`).
    let (account, region) = if purpose == Purpose::Page && !sql.is_postgres() {
        ("+w.account_id", "+w.region")
    } else {
        ("w.account_id", "w.region")
    };
    let mut sql = sql
        .any_of(account, filter.account_ids.iter().map(|id| id.0))
        .any_of(region, filter.regions.iter().map(Region::as_str))
        .any_of("w.directory_id", filter.directory_ids.iter().map(|id| id.0))
        .any_of("w.bundle_id", filter.bundle_ids.iter().map(|id| id.0))
        .any_of("w.state", filter.states.iter().map(WorkspaceState::as_str))
        .any_of("COALESCE(w.running_mode, '')", filter.running_modes.iter().map(RunningMode::as_str))
        .any_of("COALESCE(w.compute_type, '')", filter.compute_types.iter().map(ComputeType::as_str))
        .any_of("COALESCE(w.connection_state, '')", filter.connections.iter().map(ConnectionState::as_str));
    for (key, value) in &filter.tags {
        sql = sql.text(" AND w.id IN (SELECT t.workspace_id FROM workspace_tag t WHERE t.key = ").bind(key.as_str());
        if let Some(value) = value {
            sql = sql.text(" AND t.value = ").bind(value.as_str());
        }
        sql = sql.text(")");
    }
    if !filter.team_ids.is_empty() {
        sql = user_key(sql.text(" AND w.user_key IN (SELECT "))
            .text(" FROM team_member m JOIN app_user u ON u.id = m.user_id WHERE ")
            .bind_in("m.team_id", filter.team_ids.iter().map(|id| id.0))
            .text(")");
    }
    for word in search_words(filter.q.as_deref()) {
        let pattern = like_anywhere(&word);
        sql = sql.text(" AND (w.search LIKE ").bind(pattern.as_str()).either("", " ESCAPE '\\'");
        // Ids of directories and bundles are not in the search text; they show what they are.
        let place =
            [("d-", "w.directory_aws_id"), ("wsb-", "w.bundle_aws_id")].into_iter().find(|p| word.starts_with(p.0));
        if let Some((_, column)) = place {
            sql = sql.text(" OR ").text(column).text(" LIKE ").bind(&pattern[1..]).either("", " ESCAPE '\\'");
        }
        sql = sql.text(")");
    }
    sql
}
