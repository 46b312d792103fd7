//! Connected AWS accounts, the regions looked at in each, and how the last test of a connection went. Not how AWS is called.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::account::{Access, CredentialKind};
use domain::ids::{AccountId, Region};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::entity::{account, account_region};
use crate::error::StoreError;
use crate::repo::scope::{scoped_accounts, scoped_areas};
use crate::sql::{Sql, micros};

/// A connected account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountRecord {
    /// Our id.
    pub id: AccountId,
    /// Its name in the portal; unique without regard to case (`uq_account_name`).
    pub name: String,
    /// AWS's 12 digits, known after the first successful test.
    pub aws_account_id: Option<String>,
    /// Where credentials come from, its external id as it is kept: sealed.
    pub access: Access,
    /// Another endpoint for every service.
    pub endpoint_url: Option<String>,
    /// Whether schedules sync it.
    pub enabled: bool,
    /// When the connection was last tested.
    pub tested_at: Option<DateTime<Utc>>,
    /// What that test found, as the tester wrote it.
    pub test_result: Option<Value>,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When its settings last changed.
    pub updated_at: DateTime<Utc>,
    /// The regions looked at, by name.
    pub regions: Vec<AccountRegionRecord>,
}

/// How a region of an account does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRegionRecord {
    /// The region.
    pub region: Region,
    /// `new`, `ok`, or what the last sync ended as (`partial`, `failed`).
    pub status: String,
    /// What went wrong last, while it does.
    pub last_error: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
    /// When a sync last ended.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When everything was last read.
    pub last_whole_at: Option<DateTime<Utc>>,
}

/// An account to connect.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Where credentials come from.
    pub access: Access,
    /// Another endpoint for every service.
    pub endpoint_url: Option<String>,
    /// The regions to look at.
    pub regions: Vec<Region>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// How a sync of a region ended, for [`account_region_set`].
#[derive(Debug, Clone)]
pub struct RegionStatus {
    /// `ok`, `partial`, `failed`.
    pub status: String,
    /// What went wrong, in words.
    pub last_error: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
    /// Now.
    pub at: DateTime<Utc>,
    /// Whether everything was read.
    pub whole: bool,
}

/// Connects an account.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_account_name` for a name that is taken.
pub async fn account_insert(conn: &impl ConnectionTrait, new: &NewAccount) -> Result<(), StoreError> {
    let (role_arn, external_id) = match &new.access {
        Access::Role { role_arn, external_id } => (Some(role_arn.clone()), external_id.clone()),
        Access::Chain | Access::Simulated => (None, None),
    };
    let row = account::ActiveModel {
        id: Set(new.id.0),
        name: Set(new.name.clone()),
        aws_account_id: Set(None),
        credential_kind: Set(new.access.kind().as_str().to_owned()),
        role_arn: Set(role_arn),
        external_id: Set(external_id),
        endpoint_url: Set(new.endpoint_url.clone()),
        enabled: Set(true),
        tested_at: Set(None),
        test_result: Set(None),
        created_at: Set(micros(new.at)),
        updated_at: Set(micros(new.at)),
    };
    account::Entity::insert(row).exec_without_returning(conn).await?;
    for region in &new.regions {
        account_region_insert(conn, new.id, region).await?;
    }
    Ok(())
}

/// Adds a region to an account; nothing happens when it has it already.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn account_region_insert(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO account_region (account_id, region, status) VALUES (")
        .bind(account.0)
        .text(", ")
        .bind(region.as_str())
        .text(", 'new') ON CONFLICT (account_id, region) DO NOTHING")
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes how a sync of a region ended.
///
/// # Errors
/// [`StoreError`].
pub async fn account_region_set(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    status: &RegionStatus,
) -> Result<(), StoreError> {
    let at = micros(status.at);
    let mut row = account_region::ActiveModel {
        account_id: Set(account.0),
        region: Set(region.as_str().to_owned()),
        status: Set(status.status.clone()),
        last_error: Set(status.last_error.clone()),
        missing_permission: Set(status.missing_permission.clone()),
        last_run_at: Set(Some(at)),
        ..Default::default()
    };
    if status.whole {
        row.last_whole_at = Set(Some(at));
    }
    account_region::Entity::update_many()
        .set(row)
        .filter(account_region::Column::AccountId.eq(account.0))
        .filter(account_region::Column::Region.eq(region.as_str()))
        .exec(conn)
        .await?;
    Ok(())
}

/// Notes what a test of the connection found.
///
/// # Errors
/// [`StoreError`].
pub async fn account_tested(
    conn: &impl ConnectionTrait,
    id: AccountId,
    aws_account_id: Option<&str>,
    result: &Value,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut row = account::ActiveModel {
        tested_at: Set(Some(micros(at))),
        test_result: Set(Some(result.clone())),
        ..Default::default()
    };
    if let Some(number) = aws_account_id {
        row.aws_account_id = Set(Some(number.to_owned()));
    }
    account::Entity::update_many().set(row).filter(account::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Changes the endpoint of an account.
///
/// # Errors
/// [`StoreError`].
pub async fn account_endpoint_set(
    conn: &impl ConnectionTrait,
    id: AccountId,
    endpoint_url: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = account::ActiveModel {
        endpoint_url: Set(Some(endpoint_url.to_owned())),
        updated_at: Set(micros(at)),
        ..Default::default()
    };
    account::Entity::update_many().set(row).filter(account::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// Says whether schedules sync an account.
///
/// # Errors
/// [`StoreError`].
pub async fn account_enabled_set(
    conn: &impl ConnectionTrait,
    id: AccountId,
    enabled: bool,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = account::ActiveModel { enabled: Set(enabled), updated_at: Set(micros(at)), ..Default::default() };
    account::Entity::update_many().set(row).filter(account::Column::Id.eq(id.0)).exec(conn).await?;
    Ok(())
}

/// The accounts of which something lies within the scope, by name, with those regions of each that do.
///
/// # Errors
/// [`StoreError`].
pub async fn account_list(conn: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<AccountRecord>, StoreError> {
    read(conn, scope, None).await
}

/// One account of which something lies within the scope, with those of its regions that do.
///
/// # Errors
/// [`StoreError`].
pub async fn account_fetch(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: AccountId,
) -> Result<Option<AccountRecord>, StoreError> {
    Ok(read(conn, scope, Some(id)).await?.pop())
}

async fn read(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: Option<AccountId>,
) -> Result<Vec<AccountRecord>, StoreError> {
    let (mut rows, mut regions) = (
        Sql::new(conn).text("SELECT a.* FROM account a WHERE 1 = 1"),
        Sql::new(conn).text("SELECT r.* FROM account_region r WHERE 1 = 1"),
    );
    if let Some(id) = id {
        rows = rows.text(" AND a.id = ").bind(id.0);
        regions = regions.text(" AND r.account_id = ").bind(id.0);
    }
    let rows: Vec<account::Model> = scoped_accounts(rows, scope).text(" ORDER BY a.name").all_as(conn).await?;
    let regions: Vec<account_region::Model> =
        scoped_areas(regions, scope, "r").text(" ORDER BY r.region").all_as(conn).await?;
    assemble(rows, regions)
}

/// The names of accounts, by id: of those that a question within a scope has named.
///
/// # Errors
/// [`StoreError`].
pub async fn account_names(
    conn: &impl ConnectionTrait,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, String>, StoreError> {
    let sql = Sql::new(conn).text("SELECT a.id, a.name FROM account a WHERE ");
    let rows = sql.bind_in("a.id", ids.iter().map(|id| id.0)).all(conn).await?;
    rows.iter().map(|row| Ok((AccountId(row.try_get_by_index(0)?), row.try_get_by_index(1)?))).collect()
}

/// One account by its name, without regard to case: for the command line.
///
/// # Errors
/// [`StoreError`].
pub async fn account_fetch_by_name(
    conn: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<AccountRecord>, StoreError> {
    let found =
        Sql::new(conn).text("SELECT id FROM account WHERE lower(name) = lower(").bind(name).text(")").one(conn).await?;
    match found {
        Some(row) => account_fetch(conn, &Scope::Everything, AccountId(row.try_get("", "id")?)).await,
        None => Ok(None),
    }
}

/// How many accounts there are.
///
/// # Errors
/// [`StoreError`].
pub async fn account_count(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Sql::new(conn).text("SELECT count(*) FROM account").count(conn).await
}

/// Removes an account with all that was known of its fleet; `false` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn account_delete(conn: &impl ConnectionTrait, id: AccountId) -> Result<bool, StoreError> {
    Ok(account::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected > 0)
}

fn assemble(rows: Vec<account::Model>, regions: Vec<account_region::Model>) -> Result<Vec<AccountRecord>, StoreError> {
    let mut by_account: HashMap<_, Vec<AccountRegionRecord>> = HashMap::new();
    for row in regions {
        by_account.entry(row.account_id).or_default().push(AccountRegionRecord {
            region: row.region.parse().map_err(|e| StoreError::corrupt("region", e))?,
            status: row.status,
            last_error: row.last_error,
            missing_permission: row.missing_permission,
            last_run_at: row.last_run_at,
            last_whole_at: row.last_whole_at,
        });
    }
    rows.into_iter()
        .map(|row| {
            let kind = row.credential_kind.parse().map_err(|e| StoreError::corrupt("kind of credentials", e))?;
            let access = match kind {
                CredentialKind::Chain => Access::Chain,
                CredentialKind::Simulated => Access::Simulated,
                CredentialKind::Role => {
                    Access::Role { role_arn: row.role_arn.unwrap_or_default(), external_id: row.external_id }
                }
            };
            Ok(AccountRecord {
                id: AccountId(row.id),
                name: row.name,
                aws_account_id: row.aws_account_id,
                access,
                endpoint_url: row.endpoint_url,
                enabled: row.enabled,
                tested_at: row.tested_at,
                test_result: row.test_result,
                created_at: row.created_at,
                updated_at: row.updated_at,
                regions: by_account.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}
