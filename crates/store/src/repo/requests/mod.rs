//! Requests of people with desktops, and how each came to stand as it does: listed from the actor's scope, newest first.
//! What may be asked for is `domain::requests`; who may see it is decided by [`crate::repo::scope`].
//!
//! To add a filter: a field in [`RequestFilter`], a line in `query::conditions`, a case in the plan test.

mod query;
mod write;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, DirectoryId, Region, RequestId, UserId, WorkspaceId};
use domain::requests::{RequestKind, RequestStatus};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

pub use query::{RequestFilter, RequestQuery, RequestScope};
pub use write::{NewRequest, RequestPlace, request_insert, request_withdraw};

use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::sql::Sql;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// The id.
    pub id: RequestId,
    /// Who asks.
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// What for.
    pub kind: RequestKind,
    /// How it stands.
    pub status: RequestStatus,
    /// The desktop it is about.
    pub desktop: Option<RequestDesktop>,
    /// The bundle asked for, in their words.
    pub bundle: Option<String>,
    /// What they say about it; empty for nothing.
    pub note: String,
    /// Rises with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it came to stand as it does.
    pub updated_at: DateTime<Utc>,
}

/// The desktop that a request is about, as far as it is known still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDesktop {
    /// Its id.
    pub id: WorkspaceId,
    /// AWS's id, `ws-…`; `None` when it is no longer known.
    pub aws_id: Option<String>,
    /// The computer's name.
    pub computer_name: Option<String>,
    /// The account.
    pub account_id: Option<AccountId>,
    /// The region.
    pub region: Option<Region>,
    /// The directory.
    pub directory_id: Option<DirectoryId>,
}

/// A change of how a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestStep {
    /// When.
    pub at: DateTime<Utc>,
    /// How it stands since.
    pub status: RequestStatus,
    /// Who did it.
    pub user_id: UserId,
    /// Their e-mail address; `None` when they are no longer here.
    pub email: Option<String>,
}

/// A page of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPage {
    /// The requests, newest first.
    pub rows: Vec<RequestRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    kind: String,
    status: String,
    workspace_id: Option<Uuid>,
    aws_id: Option<String>,
    computer_name: Option<String>,
    account_id: Option<Uuid>,
    region: Option<String>,
    directory_id: Option<Uuid>,
    bundle: Option<String>,
    note: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn record(self) -> Result<RequestRecord, StoreError> {
        let region = self.region.map(|region| region.parse()).transpose();
        let region = region.map_err(|e| StoreError::corrupt("region", e))?;
        let desktop = self.workspace_id.map(|id| RequestDesktop {
            id: WorkspaceId(id),
            aws_id: self.aws_id,
            computer_name: self.computer_name,
            account_id: self.account_id.map(AccountId),
            region,
            directory_id: self.directory_id.map(DirectoryId),
        });
        Ok(RequestRecord {
            id: RequestId(self.id),
            user_id: UserId(self.user_id),
            email: self.email,
            kind: self.kind.parse().map_err(|e| StoreError::corrupt("kind of a request", e))?,
            status: self.status.parse().map_err(|e| StoreError::corrupt("status of a request", e))?,
            desktop,
            bundle: self.bundle,
            note: self.note,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// A page of requests, newest first.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another scope or filter.
pub async fn request_list(
    conn: &impl ConnectionTrait,
    scope: &RequestScope,
    query: &RequestQuery,
) -> Result<RequestPage, StoreError> {
    let mut rows: Vec<Row> = query::page(conn.get_database_backend(), scope, query)?.all_as(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more);
    let next = next.map(|last| Cursor::new(&query::name(scope, query), String::new(), last.id).encode());
    Ok(RequestPage { rows: rows.into_iter().map(Row::record).collect::<Result<_, _>>()?, next })
}

/// How many requests the filter leaves.
///
/// # Errors
/// [`StoreError`].
pub async fn request_count(
    conn: &impl ConnectionTrait,
    scope: &RequestScope,
    filter: &RequestFilter,
) -> Result<u64, StoreError> {
    query::count(conn.get_database_backend(), scope, filter).count(conn).await
}

/// How many open requests somebody has.
///
/// # Errors
/// [`StoreError`].
pub async fn request_count_open(conn: &impl ConnectionTrait, user: UserId) -> Result<u64, StoreError> {
    let own = RequestScope { scope: Scope::nothing(), own: Some(user) };
    let filter = RequestFilter { statuses: vec![RequestStatus::Open], user_id: Some(user), ..RequestFilter::default() };
    request_count(conn, &own, &filter).await
}

/// One request within the scope.
///
/// # Errors
/// [`StoreError`].
pub async fn request_fetch(
    conn: &impl ConnectionTrait,
    scope: &RequestScope,
    id: RequestId,
) -> Result<Option<RequestRecord>, StoreError> {
    let found: Option<Row> = query::one(conn.get_database_backend(), scope, id).one_as(conn).await?;
    found.map(Row::record).transpose()
}

/// How a request came to stand as it does, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn request_steps(conn: &impl ConnectionTrait, id: RequestId) -> Result<Vec<RequestStep>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        at: DateTime<Utc>,
        status: String,
        user_id: Uuid,
        email: Option<String>,
    }
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT s.at, s.status, s.user_id, u.email FROM desktop_request_step s LEFT JOIN app_user u ON u.id = s.user_id WHERE s.request_id = ")
        .bind(id.0)
        .text(" ORDER BY s.id")
        .all_as(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let status = row.status.parse().map_err(|e| StoreError::corrupt("status of a request", e))?;
            Ok(RequestStep { at: row.at, status, user_id: UserId(row.user_id), email: row.email })
        })
        .collect()
}
