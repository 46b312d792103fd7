//! Directories and bundles: what WorkSpaces belong to and are made from. Rows are kept when AWS no longer shows them, since
//! WorkSpaces and their history go on pointing at them.

use domain::access::Scope;
use domain::ids::{AccountId, BundleId, DirectoryId, Region};
use domain::workspace::{ComputeType, ObservedBundle, ObservedDirectory};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::SyncContext;
use crate::entity::{bundle, directory};
use crate::error::StoreError;
use crate::repo::estimate_marks;
use crate::repo::scope::{scoped_bundles, scoped_directories};
use crate::sql::{Column, Sql, id_rows, micros, time_text};

/// The state of a directory that AWS no longer shows.
const DEREGISTERED: &str = "DEREGISTERED";

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRecord {
    /// Our id.
    pub id: DirectoryId,
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// `d-…`.
    pub aws_id: String,
    /// Its name, such as `corp.example.com`.
    pub name: String,
    /// The alias of its sign-in page.
    pub alias: Option<String>,
    /// SIMPLE_AD, AD_CONNECTOR, …
    pub kind: String,
    /// REGISTERED, …
    pub state: String,
    /// The code its users type into the client.
    pub registration_code: Option<String>,
    /// Directory Service's stage, when it is known.
    pub stage: Option<String>,
}

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRecord {
    /// Our id.
    pub id: BundleId,
    /// The account that sees it.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// `wsb-…`.
    pub aws_id: String,
    /// Its name.
    pub name: String,
    /// `AMAZON` or an account id.
    pub owner: String,
    /// Its description.
    pub description: Option<String>,
    /// The compute type.
    pub compute_type: Option<ComputeType>,
    /// The root volume, GiB.
    pub root_volume_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_volume_gib: Option<i32>,
    /// `wsi-…`.
    pub image_id: Option<String>,
}

/// Brings in directories. Gives how many are new or changed. A stage that is not known now does not undo a known one.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn directories_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedDirectory],
) -> Result<u64, StoreError> {
    let rows = observed.iter().map(|one| {
        json!({
            "id": DirectoryId::derive(ctx.account_id, &ctx.region, &one.aws_id), "aws_id": one.aws_id, "name": one.name,
            "alias": one.alias, "kind": one.kind, "state": one.state, "registration_code": one.registration_code,
            "stage": one.stage,
        })
    });
    let columns = [
        ("id", Column::Uuid),
        ("aws_id", Column::Text),
        ("name", Column::Text),
        ("alias", Column::Text),
        ("kind", Column::Text),
        ("state", Column::Text),
        ("registration_code", Column::Text),
        ("stage", Column::Text),
    ];
    let written = upsert(conn, ctx, "directory", rows.collect(), &columns).await?;
    named(conn, ctx, written).await
}

/// Marks the directories of the account and region that AWS no longer shows as deregistered, which is what AWS calls one that
/// is there no more for WorkSpaces. Only after every page was read. Gives their AWS ids; one that was marked before is not
/// told again, and one that is shown again has AWS's state again.
///
/// # Errors
/// [`StoreError`].
pub async fn directories_mark_gone(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    shown: &[ObservedDirectory],
) -> Result<Vec<String>, StoreError> {
    let shown = shown.iter().map(|one| DirectoryId::derive(ctx.account_id, &ctx.region, &one.aws_id).0);
    let gone = Sql::new(conn)
        .text("UPDATE directory SET state = ")
        .bind(DEREGISTERED)
        .text(", changed_at = ")
        .bind(micros(ctx.at))
        .text(" WHERE account_id = ")
        .bind(ctx.account_id.0)
        .text(" AND region = ")
        .bind(ctx.region.as_str())
        .text(" AND state <> ")
        .bind(DEREGISTERED)
        .text(" AND id NOT IN (SELECT x.id FROM ")
        .rows(id_rows(shown), &[("id", Column::Uuid)])
        .text(") RETURNING aws_id")
        .all(conn)
        .await?;
    gone.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Brings in bundles. Gives how many are new or changed.
///
/// # Errors
/// [`StoreError::Missing`] when the account is not there any more.
pub async fn bundles_apply(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    observed: &[ObservedBundle],
) -> Result<u64, StoreError> {
    let rows = observed.iter().map(|one| {
        json!({
            "id": BundleId::derive(ctx.account_id, &ctx.region, &one.aws_id), "aws_id": one.aws_id, "name": one.name,
            "owner": one.owner, "description": one.description,
            "compute_type": one.compute_type.as_ref().map(|v| v.as_str()), "root_volume_gib": one.root_volume_gib,
            "user_volume_gib": one.user_volume_gib, "image_id": one.image_id,
        })
    });
    let columns = [
        ("id", Column::Uuid),
        ("aws_id", Column::Text),
        ("name", Column::Text),
        ("owner", Column::Text),
        ("description", Column::Text),
        ("compute_type", Column::Text),
        ("root_volume_gib", Column::Int),
        ("user_volume_gib", Column::Int),
        ("image_id", Column::Text),
    ];
    let written = upsert(conn, ctx, "bundle", rows.collect(), &columns).await?;
    named(conn, ctx, written).await
}

/// Estimates are told apart by the names of directories and bundles.
async fn named(conn: &impl ConnectionTrait, ctx: &SyncContext, written: u64) -> Result<u64, StoreError> {
    if written > 0 {
        estimate_marks::mark(conn, ctx.account_id).await?;
    }
    Ok(written)
}

/// Writes the rows that are new or differ, by id, and gives how many.
pub(super) async fn upsert(
    conn: &impl ConnectionTrait,
    ctx: &SyncContext,
    table: &str,
    mut rows: Vec<serde_json::Value>,
    columns: &[(&str, Column)],
) -> Result<u64, StoreError> {
    // One that came on two pages holds as it came last, and in order of id two writers don't cross.
    rows.reverse();
    rows.sort_by(|a, b| a["id"].as_str().cmp(&b["id"].as_str()));
    rows.dedup_by(|a, b| a["id"] == b["id"]);
    if rows.is_empty() {
        return Ok(0);
    }
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let kept: Vec<&str> = names.iter().copied().filter(|name| !["id", "aws_id"].contains(name)).collect();
    let value = |name: &str| match name {
        "stage" => format!("COALESCE(excluded.stage, {table}.stage)"),
        name => format!("excluded.{name}"),
    };
    let set: Vec<_> = kept.iter().map(|name| format!("{name} = {}", value(name))).collect();
    let differs: Vec<_> = kept.iter().map(|name| format!("{table}.{name} IS DISTINCT FROM {}", value(name))).collect();
    let at = time_text(ctx.at);
    let written = Sql::new(conn)
        .text(&format!("INSERT INTO {table} ({}", names.join(", ")))
        .text(", account_id, region, first_seen_at, changed_at) SELECT x.")
        .text(&names.join(", x."))
        .text(", ")
        .bind(ctx.account_id.0)
        .text(", ")
        .bind(ctx.region.as_str())
        .text(", ")
        .bind(at.as_str())
        .either("::timestamptz", "")
        .text(", ")
        .bind(at.as_str())
        .either("::timestamptz", "")
        .text(" FROM ")
        .rows(serde_json::Value::Array(rows).to_string(), columns)
        .text(" WHERE true ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, ")
        .text(&set.join(", "))
        .text(" WHERE ")
        .text(&differs.join(" OR "))
        .execute(conn)
        .await?;
    Ok(written.rows_affected())
}

/// The bundles that WorkSpaces of the account and region are made from: those worth describing.
///
/// # Errors
/// [`StoreError`].
pub async fn bundle_aws_ids_in_use(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<Vec<String>, StoreError> {
    let rows = Sql::new(conn)
        .text("SELECT DISTINCT bundle_aws_id FROM workspace WHERE gone_at IS NULL AND account_id = ")
        .bind(account.0)
        .text(" AND region = ")
        .bind(region.as_str())
        .text(" ORDER BY bundle_aws_id")
        .all(conn)
        .await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// The directories within the scope, by name; of one account or all.
///
/// # Errors
/// [`StoreError`].
pub async fn directory_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
) -> Result<Vec<DirectoryRecord>, StoreError> {
    let mut sql = Sql::new(conn).text("SELECT d.* FROM directory d WHERE 1 = 1");
    if let Some(account) = account {
        sql = sql.text(" AND d.account_id = ").bind(account.0);
    }
    let directories = scoped_directories(sql, scope).text(" ORDER BY d.name");
    let rows: Vec<directory::Model> = directories.all_as(conn).await?;
    rows.into_iter().map(directory_record).collect()
}

/// The bundles within the scope, by name; of one account or all.
///
/// # Errors
/// [`StoreError`].
pub async fn bundle_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
) -> Result<Vec<BundleRecord>, StoreError> {
    let mut sql = Sql::new(conn).text("SELECT b.* FROM bundle b WHERE 1 = 1");
    if let Some(account) = account {
        sql = sql.text(" AND b.account_id = ").bind(account.0);
    }
    let bundles = scoped_bundles(sql, scope).text(" ORDER BY b.name");
    let rows: Vec<bundle::Model> = bundles.all_as(conn).await?;
    rows.into_iter().map(bundle_record).collect()
}

/// A row of `directory`.
pub(crate) fn directory_record(row: directory::Model) -> Result<DirectoryRecord, StoreError> {
    Ok(DirectoryRecord {
        id: DirectoryId(row.id),
        account_id: AccountId(row.account_id),
        region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
        aws_id: row.aws_id,
        name: row.name,
        alias: row.alias,
        kind: row.kind,
        state: row.state,
        registration_code: row.registration_code,
        stage: row.stage,
    })
}

/// A row of `bundle`.
pub(crate) fn bundle_record(row: bundle::Model) -> Result<BundleRecord, StoreError> {
    Ok(BundleRecord {
        id: BundleId(row.id),
        account_id: AccountId(row.account_id),
        region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
        aws_id: row.aws_id,
        name: row.name,
        owner: row.owner,
        description: row.description,
        compute_type: row.compute_type.map(ComputeType::from),
        root_volume_gib: row.root_volume_gib,
        user_volume_gib: row.user_volume_gib,
        image_id: row.image_id,
    })
}
