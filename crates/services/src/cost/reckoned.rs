//! What every WorkSpace of an account costs in a month, reckoned once for all who ask: whichever sums somebody may see are made of it.
//! It is reckoned without a scope and says nothing by itself; whoever sums it up takes only the WorkSpaces that the asker may read.
//!
//! A row has what sums are made of and no more: some 250 bytes. Whether it still holds is [`super::kept`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::access::Scope;
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::money::Money;
use store::repo::estimate_marks::{EstimateVersion, estimate_versions};
use store::repo::usage::usage_active_ids;
use store::repo::workspaces::{GoneFilter, WorkspaceFilter, WorkspaceQuery, WorkspaceRecord, workspace_list};

use super::error::CostError;
use super::estimate::{ChargeEstimate, Frame, NotReckoned, WorkspaceEstimate, estimate_workspaces, sum};
use super::prices::PriceBooks;
use crate::Context;

/// WorkSpaces read at a time.
const PORTION: u32 = 1000;

/// The WorkSpaces of an account that were there in a month.
pub(super) type Rows = Arc<Vec<Reckoned>>;

/// What one WorkSpace costs in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reckoned {
    pub(super) id: WorkspaceId,
    pub(super) user_name: Box<str>,
    pub(super) kind: Arc<Kind>,
    /// Its charges, or why there are none.
    pub(super) charges: Result<Box<[ChargeEstimate]>, NotReckoned>,
    /// Whether its hours are known for the whole time.
    pub(super) hours_known: bool,
    /// Whether it came, went or was changed at a time that is not known exactly.
    pub(super) uncertain: bool,
    /// Whether it was connected in that month, as far as that is known.
    pub(super) active: bool,
}

impl Reckoned {
    /// The sum of its charges; `None` when it could not be reckoned.
    pub(super) fn total(&self) -> Result<Option<Money>, CostError> {
        sum(self.charges.as_deref().unwrap_or_default())
    }
}

/// What many WorkSpaces have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    pub(super) account_id: AccountId,
    pub(super) account_name: String,
    pub(super) region: Region,
    pub(super) directory_aws_id: String,
    pub(super) directory_name: Option<String>,
    pub(super) bundle_aws_id: String,
    pub(super) bundle_name: Option<String>,
    /// Empty where it is not known.
    pub(super) running_mode: String,
}

impl Kind {
    fn of(one: &WorkspaceRecord) -> Self {
        Self {
            account_id: one.account_id,
            account_name: one.account_name.clone(),
            region: one.region.clone(),
            directory_aws_id: one.directory_aws_id.clone(),
            directory_name: one.directory_name.clone(),
            bundle_aws_id: one.bundle_aws_id.clone(),
            bundle_name: one.bundle_name.clone(),
            running_mode: one.running_mode.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// The estimates of accounts, as their data is now. Each is all of the account: it is for the caller to leave out what somebody may
/// not see. State and data are read from the primary: a replica that is behind would have them differ.
pub(super) async fn reckoned(ctx: &Context, accounts: &[AccountId], frame: &Frame) -> Result<Vec<Rows>, CostError> {
    let ctx = &ctx.primary();
    let versions = estimate_versions(&ctx.db, accounts).await?;
    let mut found = Vec::with_capacity(accounts.len());
    for account in accounts {
        let version = versions.get(account).copied().unwrap_or_default();
        found.push(ctx.estimates.get((*account, *frame), version, fresh(ctx, *account, frame, version)).await?);
    }
    Ok(found)
}

/// Reckons an account, and says whether its data stayed the same meanwhile.
async fn fresh(
    ctx: &Context,
    account: AccountId,
    frame: &Frame,
    version: EstimateVersion,
) -> Result<(Rows, bool), CostError> {
    let rows = Arc::new(reckon(ctx, account, frame).await?);
    let now = estimate_versions(&ctx.db, &[account]).await?;
    Ok((rows, now.get(&account) == Some(&version)))
}

async fn reckon(ctx: &Context, account: AccountId, frame: &Frame) -> Result<Vec<Reckoned>, CostError> {
    let filter = WorkspaceFilter { account_ids: vec![account], gone: GoneFilter::Any, ..WorkspaceFilter::default() };
    let days = (frame.month.first_day(), frame.month.next().first_day());
    let active = usage_active_ids(&ctx.db, &Scope::Everything, &filter, days).await?;
    let active: HashSet<_> = active.into_iter().collect();
    let (mut books, mut kinds) = (PriceBooks::default(), HashMap::<Kind, Arc<Kind>>::new());
    let mut rows = Vec::new();
    let mut query = WorkspaceQuery { filter, limit: PORTION, ..WorkspaceQuery::default() };
    loop {
        let page = workspace_list(&ctx.db, &Scope::Everything, &query).await?;
        for one in estimate_workspaces(ctx, &mut books, page.rows, frame).await? {
            let active = active.contains(&one.workspace.id);
            rows.push(row(one, active, &mut kinds));
        }
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    rows.shrink_to_fit();
    Ok(rows)
}

fn row(one: WorkspaceEstimate, active: bool, kinds: &mut HashMap<Kind, Arc<Kind>>) -> Reckoned {
    let kind = Kind::of(&one.workspace);
    let kind = kinds.entry(kind).or_insert_with_key(|kind| Arc::new(kind.clone()));
    Reckoned {
        id: one.workspace.id,
        user_name: one.workspace.user_name.into(),
        kind: Arc::clone(kind),
        charges: one.charges.map(Into::into),
        hours_known: one.hours_known,
        uncertain: one.uncertain,
        active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_small() {
        assert!(size_of::<Reckoned>() <= 72, "{}", size_of::<Reckoned>());
        assert!(size_of::<ChargeEstimate>() <= 64, "{}", size_of::<ChargeEstimate>());
    }
}
