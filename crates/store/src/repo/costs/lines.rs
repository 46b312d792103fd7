//! The bill of one account as a reconciliation wants it: by region and usage type, with quantities; and what CloudTrail knows of
//! the WorkSpaces that changes their bill.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{AccountId, WorkspaceId};
use domain::money::Money;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// What was billed of one usage type in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLine {
    /// The region, as AWS bills it; empty for none.
    pub region: String,
    /// The usage type.
    pub usage_type: String,
    /// How much.
    pub amount: Money,
    /// How much was used, 1e-10.
    pub quantity_e10: i64,
    /// On how many days.
    pub days: u32,
}

/// What one account was billed from one day to another, which is not included.
///
/// # Errors
/// [`StoreError`].
pub async fn cost_lines(
    conn: &impl ConnectionTrait,
    account: AccountId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CostLine>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        region: String,
        usage_type: String,
        currency: String,
        amount_e10: i64,
        quantity_e10: i64,
        days: i64,
    }
    let rows: Vec<Row> = lines_sql(conn.get_database_backend(), account, from, to).all_as(conn).await?;
    let read = |row: Row| {
        let currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
        Ok(CostLine {
            region: row.region,
            usage_type: row.usage_type,
            amount: Money::from_e10(row.amount_e10, currency),
            quantity_e10: row.quantity_e10,
            days: u32::try_from(row.days).unwrap_or(u32::MAX),
        })
    };
    rows.into_iter().map(read).collect()
}

/// The statement of [`cost_lines`].
pub(crate) fn lines_sql(backend: DbBackend, account: AccountId, from: NaiveDate, to: NaiveDate) -> Sql {
    Sql::of(backend)
        .text(
            "SELECT c.region, c.usage_type, c.currency, CAST(sum(c.amount_e10) AS BIGINT) AS amount_e10, \
             CAST(sum(c.quantity_e10) AS BIGINT) AS quantity_e10, count(DISTINCT c.day) AS days FROM cost_day c \
             WHERE c.account_id = ",
        )
        .bind(account.0)
        .text(" AND c.day >= ")
        .bind(from)
        .text(" AND c.day < ")
        .bind(to)
        .text(" GROUP BY c.region, c.usage_type, c.currency ORDER BY c.region, c.usage_type, c.currency")
}

/// What changed the bill of a WorkSpace, as CloudTrail tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct BillingEvent {
    /// The WorkSpace.
    pub workspace_id: WorkspaceId,
    /// When.
    pub at: DateTime<Utc>,
    /// `CreateWorkspaces`, `ModifyWorkspaceProperties` or `TerminateWorkspaces`.
    pub name: String,
    /// The whole record.
    pub detail: Value,
}

/// What changed the bills of WorkSpaces from one moment on, by WorkSpace and time. For reckoning: it has no scope.
///
/// # Errors
/// [`StoreError`].
pub async fn billing_events(
    conn: &impl ConnectionTrait,
    workspaces: &[WorkspaceId],
    from: DateTime<Utc>,
) -> Result<Vec<BillingEvent>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: Uuid,
        at: DateTime<Utc>,
        name: String,
        detail: Value,
    }
    let mut found = Vec::new();
    for some in workspaces.chunks(1000) {
        let rows: Vec<Row> = events_sql(conn.get_database_backend(), some, from).all_as(conn).await?;
        found.extend(rows.into_iter().map(|row| BillingEvent {
            workspace_id: WorkspaceId(row.workspace_id),
            at: row.at,
            name: row.name,
            detail: row.detail,
        }));
    }
    Ok(found)
}

/// The calls that change the bill of a WorkSpace.
pub(crate) const BILLING_EVENTS: [&str; 3] = ["CreateWorkspaces", "ModifyWorkspaceProperties", "TerminateWorkspaces"];

/// The statement of [`billing_events`].
pub(crate) fn events_sql(backend: DbBackend, workspaces: &[WorkspaceId], from: DateTime<Utc>) -> Sql {
    Sql::of(backend)
        .text(
            "SELECT l.workspace_id, e.at, e.name, e.detail FROM trail_event_workspace l \
             JOIN trail_event e ON e.id = l.event_id WHERE l.at >= ",
        )
        .bind(micros(from))
        .text(" AND ")
        .bind_in("l.workspace_id", workspaces.iter().map(|id| id.0))
        .text(" AND e.error_code IS NULL AND ")
        .bind_in("e.name", BILLING_EVENTS)
        .text(" ORDER BY l.workspace_id, e.at, e.id")
}

/// Which compute type each usage type is of, as the Price List of these accounts says.
///
/// # Errors
/// [`StoreError`].
pub async fn compute_types_of_usage(
    conn: &impl ConnectionTrait,
    accounts: &[AccountId],
) -> Result<Vec<(String, String)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        usage_type: String,
        compute_type: String,
    }
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT DISTINCT p.usage_type, p.compute_type FROM price p WHERE ")
        .bind_in("p.account_id", accounts.iter().map(|id| id.0))
        .text(" AND p.usage_type IS NOT NULL AND p.compute_type IS NOT NULL ORDER BY p.usage_type, p.compute_type")
        .all_as(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.usage_type, row.compute_type)).collect())
}

/// Those of the WorkSpaces whose usage is known from one moment to another. For reckoning: it has no scope.
///
/// # Errors
/// [`StoreError`].
pub async fn usage_known_of(
    conn: &impl ConnectionTrait,
    workspaces: &[WorkspaceId],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<WorkspaceId>, StoreError> {
    let mut known = Vec::new();
    for some in workspaces.chunks(1000) {
        for row in known_sql(conn.get_database_backend(), some, from, to).all(conn).await? {
            known.push(WorkspaceId(row.try_get_by_index(0)?));
        }
    }
    Ok(known)
}

/// The statement of [`usage_known_of`].
pub(crate) fn known_sql(backend: DbBackend, workspaces: &[WorkspaceId], from: DateTime<Utc>, to: DateTime<Utc>) -> Sql {
    Sql::of(backend)
        .text("SELECT c.workspace_id FROM usage_coverage c WHERE ")
        .bind_in("c.workspace_id", workspaces.iter().map(|id| id.0))
        .text(" AND c.covered_from <= ")
        .bind(micros(from))
        .text(" AND c.covered_to >= ")
        .bind(micros(to))
}
