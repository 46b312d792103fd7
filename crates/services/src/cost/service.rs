//! The use cases of costs. Everything starts from the accounts whose costs the actor may read.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Actor, Permission};
use domain::ids::{AccountId, Region};
use domain::sync::{DataSetStatus, SyncKind};
use store::StoreError;
use store::repo::accounts::account_list;
use store::repo::costs::{self, CostFilter, CostGroup, CostSum};
use store::repo::data_sets::{COST_REGION, data_set_fetch};

use super::error::CostError;
use crate::Context;

/// Which costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostQuestion {
    /// The accounts; those whose costs the actor may not read have none. None of them is all.
    pub accounts: Vec<AccountId>,
    /// Regions as AWS bills them; none of them is all.
    pub regions: Vec<String>,
    /// The first UTC day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
}

/// An account whose costs the actor may read, and how far they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledAccount {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// How the last read of its costs ended.
    pub status: DataSetStatus,
    /// When they were last read wholly.
    pub fresh_at: Option<DateTime<Utc>>,
    /// The first moment they are known of.
    pub known_from: Option<DateTime<Utc>>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}

/// The accounts whose costs the actor may read, by name.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Store`].
pub async fn billed_accounts(ctx: &Context, actor: &Actor) -> Result<Vec<BilledAccount>, CostError> {
    actor.require(Permission::CostRead)?;
    let scope = actor.scope(Permission::CostRead);
    let region: Region = COST_REGION.parse().map_err(|e| StoreError::corrupt("region", e))?;
    let mut billed = Vec::new();
    for account in account_list(&ctx.db, &scope).await? {
        if !scope.reaches_account(account.id) {
            continue;
        }
        let known = data_set_fetch(&ctx.db, account.id, &region, SyncKind::Billing).await?;
        billed.push(BilledAccount {
            id: account.id,
            name: account.name,
            status: known.status,
            fresh_at: known.fresh_at,
            known_from: known.covered_from,
            missing_permission: known.missing_permission,
        });
    }
    Ok(billed)
}

/// What all came to: a sum for each currency.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Store`].
pub async fn cost_totals(ctx: &Context, actor: &Actor, asked: &CostQuestion) -> Result<Vec<CostSum>, CostError> {
    cost_by(ctx, actor, asked, CostGroup::Whole).await
}

/// What each group came to, a sum for each currency: days and months in their order, others the dearest first.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Store`].
pub async fn cost_by(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    group: CostGroup,
) -> Result<Vec<CostSum>, CostError> {
    let filter = filter(ctx, actor, asked).await?;
    Ok(costs::cost_sums(&ctx.db, &actor.scope(Permission::CostRead), &filter, group).await?)
}

/// What each value of a tag came to, the dearest first; regions do not narrow it. Nothing, when costs are not read by that tag.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Store`].
pub async fn cost_by_tag(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    tag_key: &str,
) -> Result<Vec<CostSum>, CostError> {
    let filter = filter(ctx, actor, asked).await?;
    Ok(costs::cost_tag_sums(&ctx.db, &actor.scope(Permission::CostRead), &filter, tag_key).await?)
}

pub(super) async fn filter(ctx: &Context, actor: &Actor, asked: &CostQuestion) -> Result<CostFilter, CostError> {
    let billed = billed_accounts(ctx, actor).await?.into_iter().map(|account| account.id);
    let account_ids = billed.filter(|id| asked.accounts.is_empty() || asked.accounts.contains(id)).collect();
    Ok(CostFilter { account_ids, regions: asked.regions.clone(), from: asked.from, to: asked.to })
}
