//! How fresh and how complete each data set of each place is: a row for each account, region and kind, written when a run
//! ends. Not the run itself (`repo::sync_runs`), nor the data.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::ids::{AccountId, Region, SyncRunId};
use domain::sync::{DataSetStatus, Gap, SyncKind};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect as _};
use serde_json::Value;
use uuid::Uuid;

use crate::entity::data_set;
use crate::error::StoreError;
use crate::repo::scope::{Purpose, scoped_areas, scoped_syncs, whole_accounts};
use crate::sql::{Sql, micros};

#[cfg(test)]
mod tests;

/// The region that costs stand at: Cost Explorer answers for the whole account.
pub const COST_REGION: &str = "us-east-1";

/// A data set of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSetRecord {
    /// The account.
    pub account_id: AccountId,
    /// The region; of costs always [`COST_REGION`].
    pub region: Region,
    /// What it holds.
    pub kind: SyncKind,
    /// How the last run left it.
    pub status: DataSetStatus,
    /// When the last run began that read everything.
    pub fresh_at: Option<DateTime<Utc>>,
    /// The first moment it knows of, for a kind that has a history.
    pub covered_from: Option<DateTime<Utc>>,
    /// The end of what it knows of.
    pub covered_to: Option<DateTime<Utc>>,
    /// What is missing in between.
    pub gaps: Vec<Gap>,
    /// The last run that ended.
    pub last_run_id: Option<SyncRunId>,
    /// What went wrong last, while it does.
    pub last_error: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
    /// When the row was last written; `None` for one that no run has ended of.
    pub updated_at: Option<DateTime<Utc>>,
}

/// What a run leaves of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSetUpdate {
    /// The account.
    pub account_id: AccountId,
    /// The region; of costs always [`COST_REGION`].
    pub region: Region,
    /// What it holds.
    pub kind: SyncKind,
    /// How the run left it.
    pub status: DataSetStatus,
    /// When the run began, when it read everything; `None` keeps what is known.
    pub fresh_at: Option<DateTime<Utc>>,
    /// The first moment it knows of now; `None` keeps what is known.
    pub covered_from: Option<DateTime<Utc>>,
    /// The end of what it knows of now; `None` keeps what is known.
    pub covered_to: Option<DateTime<Utc>>,
    /// What is missing in between now; `None` keeps what is known.
    pub gaps: Option<Vec<Gap>>,
    /// The run; `None` keeps what is known.
    pub last_run_id: Option<SyncRunId>,
    /// What went wrong; `None` clears it.
    pub last_error: Option<String>,
    /// The IAM action to grant; `None` clears it.
    pub missing_permission: Option<String>,
    /// Now.
    pub at: DateTime<Utc>,
}

/// Every data set by account, region and kind, of one account or all. Places that are looked at and that no run has ended of
/// are there as `never`; those of regions that are no longer looked at stay, as their data does.
///
/// # Errors
/// [`StoreError`].
pub async fn data_set_list(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
) -> Result<Vec<DataSetRecord>, StoreError> {
    let known = of_account(Sql::new(conn).text("SELECT s.* FROM data_set s WHERE 1 = 1"), "s.account_id", account);
    let known: Vec<data_set::Model> = scoped_syncs(known, scope, "s", Purpose::All).all_as(conn).await?;
    let mut sets: Vec<DataSetRecord> = known.into_iter().map(record).collect::<Result<_, StoreError>>()?;
    let there: HashSet<_> = sets.iter().map(|set| (set.account_id, set.region.clone(), set.kind)).collect();
    for (account, region, kind) in places(conn, scope, account).await? {
        if !there.contains(&(account, region.clone(), kind)) {
            sets.push(never(account, region, kind));
        }
    }
    sets.sort_by(|a, b| (a.account_id, &a.region, a.kind).cmp(&(b.account_id, &b.region, b.kind)));
    Ok(sets)
}

fn of_account(sql: Sql, column: &str, account: Option<AccountId>) -> Sql {
    match account {
        Some(account) => sql.text(&format!(" AND {column} = ")).bind(account.0),
        None => sql,
    }
}

/// What should be there: each kind in each region of the enabled accounts, costs once for each account.
async fn places(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
) -> Result<Vec<(AccountId, Region, SyncKind)>, StoreError> {
    let sql = Sql::new(conn).text("SELECT a.id FROM account a WHERE a.enabled = ").bind(true);
    let enabled = of_account(sql, "a.id", account).all(conn).await?;
    let enabled: HashSet<Uuid> = enabled.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let within = whole_accounts(scope);
    let billed = enabled.iter().filter(|id| within.as_ref().is_none_or(|within| within.contains(id)));
    let cost_region = region(COST_REGION.to_owned())?;
    let mut places: Vec<_> = billed.map(|id| (AccountId(*id), cost_region.clone(), SyncKind::Billing)).collect();
    let sql = Sql::new(conn).text("SELECT r.account_id, r.region FROM account_region r WHERE 1 = 1");
    for row in scoped_areas(of_account(sql, "r.account_id", account), scope, "r").all(conn).await? {
        let (id, place): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if !enabled.contains(&id) {
            continue;
        }
        let place = region(place)?;
        let kinds = SyncKind::ALL.iter().filter(|kind| **kind != SyncKind::Billing);
        places.extend(kinds.map(|kind| (AccountId(id), place.clone(), *kind)));
    }
    Ok(places)
}

/// One data set, for machinery; `never` when no run has ended of it.
///
/// # Errors
/// [`StoreError`].
pub async fn data_set_fetch(
    conn: &impl ConnectionTrait,
    account: AccountId,
    region: &Region,
    kind: SyncKind,
) -> Result<DataSetRecord, StoreError> {
    let key = (account.0, region.as_str().to_owned(), kind.as_str().to_owned());
    match data_set::Entity::find_by_id(key).one(conn).await? {
        Some(row) => record(row),
        None => Ok(never(account, region.clone(), kind)),
    }
}

/// Notes what a run left of a data set.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn data_set_put(conn: &impl ConnectionTrait, update: &DataSetUpdate) -> Result<(), StoreError> {
    let time = |at: Option<DateTime<Utc>>| at.map(micros);
    let gaps = update.gaps.as_ref().map(gaps_json).transpose()?;
    let keep_gaps = if gaps.is_none() { "data_set.gaps" } else { "excluded.gaps" };
    Sql::new(conn)
        .text(
            "INSERT INTO data_set (account_id, region, kind, status, fresh_at, covered_from, covered_to, gaps, last_run_id, \
             last_error, missing_permission, updated_at) VALUES (",
        )
        .bind(update.account_id.0)
        .text(", ")
        .bind(update.region.as_str())
        .text(", ")
        .bind(update.kind.as_str())
        .text(", ")
        .bind(update.status.as_str())
        .text(", ")
        .bind(time(update.fresh_at))
        .text(", ")
        .bind(time(update.covered_from))
        .text(", ")
        .bind(time(update.covered_to))
        .text(", ")
        .bind(gaps.unwrap_or_else(|| Value::Array(Vec::new())))
        .text(", ")
        .bind(update.last_run_id.map(|id| id.0))
        .text(", ")
        .bind(update.last_error.clone())
        .text(", ")
        .bind(update.missing_permission.clone())
        .text(", ")
        .bind(micros(update.at))
        .text(
            ") ON CONFLICT (account_id, region, kind) DO UPDATE SET status = excluded.status, \
             fresh_at = COALESCE(excluded.fresh_at, data_set.fresh_at), \
             covered_from = COALESCE(excluded.covered_from, data_set.covered_from), \
             covered_to = COALESCE(excluded.covered_to, data_set.covered_to), \
             last_run_id = COALESCE(excluded.last_run_id, data_set.last_run_id), last_error = excluded.last_error, \
             missing_permission = excluded.missing_permission, updated_at = excluded.updated_at, gaps = ",
        )
        .text(keep_gaps)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that what a data set of this kind had from before that moment is forgotten, at every place: what it knows begins there
/// now, and gaps from before it are none. Gives of how many places.
///
/// # Errors
/// [`StoreError`].
pub async fn data_set_forget(
    conn: &impl ConnectionTrait,
    kind: SyncKind,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let before = micros(before);
    let rows = data_set::Entity::find()
        .filter(data_set::Column::Kind.eq(kind.as_str()))
        .filter(data_set::Column::CoveredFrom.lt(before))
        .lock_exclusive()
        .all(conn)
        .await?;
    let places = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    for row in rows {
        let (account_id, place) = (row.account_id, row.region.clone());
        let known = record(row)?;
        // All of it is forgotten: nothing is known any more.
        let rest = known.covered_to.is_none_or(|to| to > before);
        let gaps: Vec<Gap> = known
            .gaps
            .into_iter()
            .filter(|gap| rest && gap.to > before)
            .map(|gap| Gap { from: gap.from.max(before), ..gap })
            .collect();
        let update = data_set::ActiveModel {
            account_id: Set(account_id),
            region: Set(place),
            kind: Set(kind.as_str().to_owned()),
            covered_from: Set(rest.then_some(before)),
            covered_to: Set(known.covered_to.filter(|_| rest)),
            gaps: Set(gaps_json(&gaps)?),
            ..Default::default()
        };
        data_set::Entity::update(update).exec(conn).await?;
    }
    Ok(places)
}

fn gaps_json(gaps: &Vec<Gap>) -> Result<Value, StoreError> {
    serde_json::to_value(gaps).map_err(|e| StoreError::corrupt("gap", e))
}

fn region(text: String) -> Result<Region, StoreError> {
    text.try_into().map_err(|e| StoreError::corrupt("region", e))
}

fn never(account_id: AccountId, region: Region, kind: SyncKind) -> DataSetRecord {
    DataSetRecord {
        account_id,
        region,
        kind,
        status: DataSetStatus::Never,
        fresh_at: None,
        covered_from: None,
        covered_to: None,
        gaps: Vec::new(),
        last_run_id: None,
        last_error: None,
        missing_permission: None,
        updated_at: None,
    }
}

fn record(row: data_set::Model) -> Result<DataSetRecord, StoreError> {
    Ok(DataSetRecord {
        account_id: AccountId(row.account_id),
        region: region(row.region)?,
        kind: row.kind.parse().map_err(|e| StoreError::corrupt("kind of sync", e))?,
        status: row.status.parse().map_err(|e| StoreError::corrupt("status of a data set", e))?,
        fresh_at: row.fresh_at,
        covered_from: row.covered_from,
        covered_to: row.covered_to,
        gaps: serde_json::from_value(row.gaps).map_err(|e| StoreError::corrupt("gap", e))?,
        last_run_id: row.last_run_id.map(SyncRunId),
        last_error: row.last_error,
        missing_permission: row.missing_permission,
        updated_at: Some(row.updated_at),
    })
}
