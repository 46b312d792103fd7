//! Images and quotas. Nothing points at either, so that what AWS no longer shows is forgotten.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, ImageId, QuotaId, Region};
use domain::workspace::{ObservedImage, ObservedQuota};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::SyncContext;
use super::places::upsert;
use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows, time_text};

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRecord {
    /// Our id.
    pub id: ImageId,
    /// The account that sees it.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// What AWS says of it.
    pub image: ObservedImage,
    /// How many bundles are made of it, of those that WorkSpaces within the scope are made from.
    pub bundles: u64,
}

/// A quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRecord {
    /// Our id.
    pub id: QuotaId,
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// What AWS says of it.
    pub quota: ObservedQuota,
    /// Whether the inventory counts what is used of it.
    pub counted: bool,
}

/// A row of `image`, with its bundles counted.
#[derive(FromQueryResult)]
pub(crate) struct ImageRow {
    id: Uuid,
    account_id: Uuid,
    region: String,
    aws_id: String,
    name: String,
    description: Option<String>,
    operating_system: Option<String>,
    state: String,
    required_tenancy: Option<String>,
    owner_account_id: Option<String>,
    created_at: Option<DateTime<Utc>>,
    update_available: Option<bool>,
    error_code: Option<String>,
    error_message: Option<String>,
    bundles: i64,
}

/// A row of `quota`.
#[derive(FromQueryResult)]
pub(crate) struct QuotaRow {
    id: Uuid,
    account_id: Uuid,
    region: String,
    aws_id: String,
    name: String,
    value: Option<i64>,
    counts: Option<String>,
    adjustable: bool,
    is_global: bool,
}

/// Brings in images. Gives how many are new or changed.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn images_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedImage],
) -> Result<u64, StoreError> {
    let rows = observed.iter().map(|one| {
        json!({
            "id": image_id(ctx, one), "aws_id": one.aws_id, "name": one.name, "description": one.description,
            "operating_system": one.operating_system, "state": one.state, "required_tenancy": one.required_tenancy,
            "owner_account_id": one.owner_account_id, "created_at": one.created_at.map(time_text),
            "update_available": one.update_available, "error_code": one.error_code, "error_message": one.error_message,
        })
    });
    let columns = [
        ("id", Column::Uuid),
        ("aws_id", Column::Text),
        ("name", Column::Text),
        ("description", Column::Text),
        ("operating_system", Column::Text),
        ("state", Column::Text),
        ("required_tenancy", Column::Text),
        ("owner_account_id", Column::Text),
        ("created_at", Column::Time),
        ("update_available", Column::Bool),
        ("error_code", Column::Text),
        ("error_message", Column::Text),
    ];
    upsert(conn, ctx, "image", rows.collect(), &columns).await
}

/// Forgets the images of the account and region that AWS no longer shows, and gives how many. Only after every page was read.
///
/// # Errors
/// [`StoreError`].
pub async fn images_forget(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    shown: &[ObservedImage],
) -> Result<u64, StoreError> {
    forget(conn, ctx, "image", shown.iter().map(|one| image_id(ctx, one).0)).await
}

/// Brings in quotas. Gives how many are new or changed.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn quotas_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedQuota],
) -> Result<u64, StoreError> {
    let rows = observed.iter().map(|one| {
        json!({
            "id": quota_id(ctx, one), "aws_id": one.code, "name": one.name, "value": one.value, "counts": one.counts(),
            "adjustable": one.adjustable, "is_global": one.global,
        })
    });
    let columns = [
        ("id", Column::Uuid),
        ("aws_id", Column::Text),
        ("name", Column::Text),
        ("value", Column::Long),
        ("counts", Column::Text),
        ("adjustable", Column::Bool),
        ("is_global", Column::Bool),
    ];
    upsert(conn, ctx, "quota", rows.collect(), &columns).await
}

/// Forgets the quotas of the account and region that AWS no longer shows, and gives how many. Only after every page was read.
///
/// # Errors
/// [`StoreError`].
pub async fn quotas_forget(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    shown: &[ObservedQuota],
) -> Result<u64, StoreError> {
    forget(conn, ctx, "quota", shown.iter().map(|one| quota_id(ctx, one).0)).await
}

async fn forget(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    table: &str,
    shown: impl Iterator<Item = Uuid>,
) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text(&format!("DELETE FROM {table} WHERE account_id = "))
        .bind(ctx.account_id.0)
        .text(" AND region = ")
        .bind(ctx.region.as_str())
        .text(" AND id NOT IN (SELECT x.id FROM ")
        .rows(id_rows(shown), &[("id", Column::Uuid)])
        .text(")")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}

fn image_id(ctx: &SyncContext, image: &ObservedImage) -> ImageId {
    ImageId::derive(ctx.account_id, &ctx.region, &image.aws_id)
}

fn quota_id(ctx: &SyncContext, quota: &ObservedQuota) -> QuotaId {
    QuotaId::derive(ctx.account_id, &ctx.region, &quota.code)
}

/// A row of `image`.
pub(crate) fn image_record(row: ImageRow) -> Result<ImageRecord, StoreError> {
    Ok(ImageRecord {
        id: ImageId(row.id),
        account_id: AccountId(row.account_id),
        region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
        image: ObservedImage {
            aws_id: row.aws_id,
            name: row.name,
            description: row.description,
            operating_system: row.operating_system,
            state: row.state,
            required_tenancy: row.required_tenancy,
            owner_account_id: row.owner_account_id,
            created_at: row.created_at,
            update_available: row.update_available,
            error_code: row.error_code,
            error_message: row.error_message,
        },
        bundles: u64::try_from(row.bundles).unwrap_or(0),
    })
}

/// A row of `quota`.
pub(crate) fn quota_record(row: QuotaRow) -> Result<QuotaRecord, StoreError> {
    Ok(QuotaRecord {
        id: QuotaId(row.id),
        account_id: AccountId(row.account_id),
        region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
        counted: row.counts.is_some(),
        quota: ObservedQuota {
            code: row.aws_id,
            name: row.name,
            value: row.value,
            adjustable: row.adjustable,
            global: row.is_global,
        },
    })
}
