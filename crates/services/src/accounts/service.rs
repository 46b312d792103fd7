//! The use cases of accounts: connect, list, look at one.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::access::{Actor, Forbidden, Permission, Scope};
use domain::account::CredentialKind;
use domain::audit::Entry;
use domain::cloud::FleetApi;
use domain::event::Event;
use domain::ids::{AccountId, Region};
use domain::sync::SyncKind;
use serde_json::json;
use store::StoreError;
use store::repo::accounts::{self, AccountRecord, AccountRegionRecord};
use store::repo::sync_runs::{self, SyncRunRecord};
use store::repo::{events, workspaces};

use super::check;
use super::error::AccountError;
use crate::idempotency::Keep;
use crate::run::JobError;
use crate::{Context, Page, PageRequest};

/// An account to connect.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// A name, unique without regard to case.
    pub name: String,
    /// The regions to look at.
    pub regions: Vec<Region>,
    /// Where the credentials come from.
    pub credentials: CredentialKind,
    /// With `role`: the role's ARN.
    pub role_arn: Option<String>,
    /// With `role`: the external id of its trust policy.
    pub external_id: Option<String>,
    /// Another endpoint for every service.
    pub endpoint_url: Option<String>,
}

/// An account with how its regions do.
#[derive(Debug, Clone)]
pub struct AccountOverview {
    /// The account.
    pub account: AccountRecord,
    /// Its regions, by name.
    pub regions: Vec<RegionOverview>,
    /// WorkSpaces that are there.
    pub workspaces: u64,
}

/// A region of an account.
#[derive(Debug, Clone)]
pub struct RegionOverview {
    /// The region.
    pub region: Region,
    /// Its newest sync run.
    pub last_run: Option<SyncRunRecord>,
    /// When a run was last whole.
    pub last_whole_at: Option<DateTime<Utc>>,
}

/// Connects an account. Nothing is read from it yet: that is [`crate::sync::sync_now`] or the next schedule.
///
/// # Errors
/// [`AccountError::Invalid`], [`AccountError::NameTaken`], [`AccountError::Forbidden`], [`AccountError::Store`].
pub async fn create_account(ctx: &Context, actor: &Actor, new: NewAccount) -> Result<AccountOverview, AccountError> {
    create_account_once(ctx, actor, new, Keep::none()).await
}

/// [`create_account`], with its answer kept.
///
/// # Errors
/// As [`create_account`].
pub async fn create_account_once(
    ctx: &Context,
    actor: &Actor,
    new: NewAccount,
    keep: Keep<'_, AccountOverview>,
) -> Result<AccountOverview, AccountError> {
    actor.require_everywhere(Permission::AccountWrite)?;
    let name = check::name(&new.name)?;
    check::regions(&new.regions)?;
    let endpoint_url = check::reachable(ctx, check::endpoint(new.endpoint_url.as_deref())?).await?;
    let id = AccountId(ctx.env.new_id());
    let credentials = new.credentials;
    let access = super::access::sealed(ctx, id, check::access(&new)?)?;
    let at = ctx.env.now();
    let row = accounts::NewAccount { id, name, access, endpoint_url, regions: new.regions, at };

    let tx = ctx.db.begin().await?;
    accounts::account_insert(&tx, &row).await.map_err(|error| {
        if error.is_conflict("uq_account_name") { AccountError::NameTaken } else { AccountError::Store(error) }
    })?;
    events::events_append(&tx, at, &[Event::Account { id }]).await?;
    let made = accounts::account_fetch(&tx, &Scope::Everything, id).await?.ok_or(AccountError::NotFound)?;
    let made = brand_new(made);
    keep.answer(&tx, &made).await?;
    let entry = Entry::new("account.create", Permission::AccountWrite).on("account", id).named(&row.name);
    let after = json!({ "credentials": credentials, "regions": row.regions, "endpoint_url": row.endpoint_url });
    crate::audit::record(&tx, ctx, actor, entry.after(after)).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(made)
}

/// The accounts of which the actor may see something, by name, each with what they may see of it.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::Store`] (with [`StoreError::BadCursor`] for a cursor of another list).
pub async fn list_accounts(
    ctx: &Context,
    actor: &Actor,
    page: PageRequest,
) -> Result<Page<AccountOverview>, AccountError> {
    actor.require(Permission::AccountRead)?;
    let scope = actor.scope(Permission::AccountRead);
    // There are tens of accounts: they are read whole, and paged here.
    let all = accounts::account_list(&ctx.db, &scope).await?;
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let after = page.cursor.as_deref().map(name_of_cursor).transpose()?;
    let mut rest = all.into_iter().skip_while(|account| after.as_ref().is_some_and(|after| account.name <= *after));
    let limit = usize::try_from(page.limit.max(1)).unwrap_or(usize::MAX);
    let items: Vec<_> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let next_cursor = items.last().filter(|_| more).map(|last| cursor_of_name(&last.name));
    Ok(Page { items: with_runs(ctx, &scope, items).await?, next_cursor, total })
}

/// One account with what the actor may see of it; `None` when there is none, or nothing of it.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::Store`].
pub async fn fetch_account(
    ctx: &Context,
    actor: &Actor,
    id: AccountId,
) -> Result<Option<AccountOverview>, AccountError> {
    actor.require(Permission::AccountRead)?;
    let scope = actor.scope(Permission::AccountRead);
    let Some(account) = accounts::account_fetch(&ctx.db, &scope, id).await? else { return Ok(None) };
    Ok(with_runs(ctx, &scope, vec![account]).await?.pop())
}

/// An account of which the actor has all for that permission: for what is done to the whole of it. `None` when they may see
/// nothing of it with any of their permissions.
///
/// # Errors
/// [`Forbidden`] when they see a part of it only, or may do something else with it; [`StoreError`].
pub(crate) async fn whole_account<E: From<Forbidden> + From<StoreError>>(
    ctx: &Context,
    actor: &Actor,
    permission: Permission,
    id: AccountId,
) -> Result<Option<AccountRecord>, E> {
    actor.require(permission)?;
    let scope = actor.scope(permission);
    let seen = scope.clone().union(actor.scope(Permission::AccountRead));
    let account = accounts::account_fetch(&ctx.db, &seen, id).await?;
    if account.is_some() && !scope.reaches_account(id) {
        return Err(Forbidden { permission }.into());
    }
    Ok(account)
}

/// A handle to AWS for one region of an account, for a job.
///
/// # Errors
/// [`JobError::Fail`] when the account is gone; as AWS says when no credentials can be had.
pub async fn connect(ctx: &Context, id: AccountId, region: &Region) -> Result<Arc<dyn FleetApi>, JobError> {
    let account = accounts::account_fetch(&ctx.db, &Scope::Everything, id).await?;
    let account = account.ok_or_else(|| JobError::fail("the account is no longer connected"))?;
    Ok(ctx.cloud.connect(&super::access::aws_access(ctx, &account)?, region).await?)
}

async fn with_runs(
    ctx: &Context,
    scope: &Scope,
    accounts: Vec<AccountRecord>,
) -> Result<Vec<AccountOverview>, AccountError> {
    let mut newest: HashMap<(AccountId, Region), SyncRunRecord> = HashMap::new();
    for run in sync_runs::sync_run_latest(&ctx.db, scope, SyncKind::Workspaces).await? {
        newest.insert((run.account_id, run.region.clone()), run);
    }
    let counts: HashMap<AccountId, u64> =
        workspaces::workspace_account_counts(&ctx.db, scope).await?.into_iter().collect();
    let overview = |account: AccountRecord| AccountOverview {
        regions: account
            .regions
            .iter()
            .map(|region| RegionOverview {
                region: region.region.clone(),
                last_run: newest.remove(&(account.id, region.region.clone())),
                last_whole_at: region.last_whole_at,
            })
            .collect(),
        workspaces: counts.get(&account.id).copied().unwrap_or(0),
        account,
    };
    Ok(accounts.into_iter().map(overview).collect())
}

/// An account that was just made: nothing was read from it yet.
fn brand_new(account: AccountRecord) -> AccountOverview {
    let region = |region: &AccountRegionRecord| RegionOverview {
        region: region.region.clone(),
        last_run: None,
        last_whole_at: region.last_whole_at,
    };
    AccountOverview { regions: account.regions.iter().map(region).collect(), workspaces: 0, account }
}

fn cursor_of_name(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("account:{name}"))
}

fn name_of_cursor(cursor: &str) -> Result<String, StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::BadCursor)?;
    let text = String::from_utf8(bytes).map_err(|_| StoreError::BadCursor)?;
    text.strip_prefix("account:").map(str::to_owned).ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_hold_a_name_and_nothing_else_is_taken() {
        assert_eq!(name_of_cursor(&cursor_of_name("Büro · 1")).unwrap(), "Büro · 1");
        for bad in ["", "!", "eyJrIjoiIn0", &URL_SAFE_NO_PAD.encode("Demo")] {
            assert!(matches!(name_of_cursor(bad), Err(StoreError::BadCursor)), "{bad}");
        }
    }
}
