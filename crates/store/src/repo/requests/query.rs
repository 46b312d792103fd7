//! What a request for requests is, and the SQL it becomes: always in order of id, which is the order of time.

use domain::access::Scope;
use domain::ids::{RequestId, UserId};
use domain::requests::{RequestKind, RequestStatus};
use sea_orm::DbBackend;
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_requests};
use crate::sql::Sql;

/// Whose requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestScope {
    /// Those about desktops, and of people, within it.
    pub scope: Scope,
    /// Those that this person made, wherever.
    pub own: Option<UserId>,
}

/// What the list is narrowed to. Fields narrow each other; an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// How they stand: any of these.
    pub statuses: Vec<RequestStatus>,
    /// What for: any of these.
    pub kinds: Vec<RequestKind>,
    /// Who asks.
    pub user_id: Option<UserId>,
}

/// A page to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// What it is narrowed to.
    pub filter: RequestFilter,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: u32,
}

const SELECT: &str = "SELECT r.id, r.user_id, u.email, r.kind, r.status, r.workspace_id, w.aws_id, w.computer_name, \
     r.account_id, r.region, r.directory_id, r.bundle, r.note, r.version, r.created_at, r.updated_at \
     FROM desktop_request r JOIN app_user u ON u.id = r.user_id LEFT JOIN workspace w ON w.id = r.workspace_id WHERE 1 = 1";

/// What a cursor is tied to.
pub(super) fn name(scope: &RequestScope, query: &RequestQuery) -> String {
    list_name(&format!("requests {scope:?} {:?}", query.filter))
}

/// The statement of a page, one row longer than the page to see whether there is another.
pub(crate) fn page(backend: DbBackend, scope: &RequestScope, query: &RequestQuery) -> Result<Sql, StoreError> {
    let mut sql = conditions(Sql::of(backend).text(SELECT), scope, &query.filter, Purpose::Page);
    if let Some(cursor) = &query.cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name(scope, query))?;
        sql = sql.text(" AND r.id < ").bind(cursor.id);
    }
    Ok(sql.text(" ORDER BY r.id DESC LIMIT ").bind(i64::from(query.limit) + 1))
}

/// The statement that counts what the filter leaves.
pub(super) fn count(backend: DbBackend, scope: &RequestScope, filter: &RequestFilter) -> Sql {
    let sql = Sql::of(backend).text("SELECT count(*) FROM desktop_request r WHERE 1 = 1");
    conditions(sql, scope, filter, Purpose::All)
}

/// The statement of one.
pub(super) fn one(backend: DbBackend, scope: &RequestScope, id: RequestId) -> Sql {
    let sql = Sql::of(backend).text(SELECT).text(" AND r.id = ").bind(id.0);
    scoped_requests(sql, &scope.scope, scope.own, Purpose::All)
}

fn conditions(sql: Sql, scope: &RequestScope, filter: &RequestFilter, purpose: Purpose) -> Sql {
    let mut sql = scoped_requests(sql, &scope.scope, scope.own, purpose)
        .any_of("r.status", filter.statuses.iter().map(|status| status.as_str()))
        .any_of("r.kind", filter.kinds.iter().map(|kind| kind.as_str()));
    if let Some(user) = filter.user_id {
        sql = sql.text(" AND r.user_id = ").bind(user.0);
    }
    sql
}
