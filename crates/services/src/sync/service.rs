//! What people and schedules ask of the sync.

use domain::access::{Actor, Permission};
use domain::ids::{AccountId, JobId, Region};
use store::queue::{NewJob, enqueue};
use store::repo::accounts::{self, AccountRecord};
use store::repo::sync_runs::{self, SyncRunRecord};

use super::error::SyncError;
use super::jobs::SyncWorkspacesJob;
use crate::{Context, Page, PageRequest};

/// Somebody waits for it: before what schedules ask for.
const BY_HAND: i16 = 10;

/// The job that syncs one region of an account.
#[must_use]
pub fn sync_job(account: &AccountRecord, region: &Region) -> NewJob {
    let job = SyncWorkspacesJob { account_id: account.id, region: region.clone() };
    let payload = serde_json::to_value(&job).expect("a payload is plain data");
    let mut new = NewJob::new(SyncWorkspacesJob::NAME, format!("{} · {region}", account.name), payload);
    new.unique_key = Some(job.unique_key());
    new.account_id = Some(account.id);
    new
}

/// Syncs an account now: one job per region, in the order of the regions. One that waits or runs already is given instead
/// of a second.
///
/// # Errors
/// [`SyncError::NotFound`], [`SyncError::Forbidden`], [`SyncError::Store`].
pub async fn sync_now(ctx: &Context, actor: &Actor, id: AccountId) -> Result<Vec<JobId>, SyncError> {
    actor.require(Permission::SyncRun)?;
    let account = accounts::account_fetch(&ctx.db, id).await?.ok_or(SyncError::NotFound)?;
    let tx = ctx.db.begin().await?;
    let mut jobs = Vec::with_capacity(account.regions.len());
    for region in &account.regions {
        let mut job = sync_job(&account, &region.region);
        job.priority = BY_HAND;
        job.created_by = actor.user_id;
        job.created_by_name.clone_from(&actor.name);
        job.request_id.clone_from(&actor.request_id);
        jobs.push(enqueue(&tx, &ctx.env, job).await?.id());
    }
    tx.commit().await?;
    ctx.announce();
    Ok(jobs)
}

/// The runs, newest first, of one account or all.
///
/// # Errors
/// [`SyncError::Forbidden`], [`SyncError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_sync_runs(
    ctx: &Context,
    actor: &Actor,
    account: Option<AccountId>,
    page: PageRequest,
) -> Result<Page<SyncRunRecord>, SyncError> {
    actor.require(Permission::AccountRead)?;
    let total = sync_runs::sync_run_count(&ctx.db, account).await?;
    let page = sync_runs::sync_run_list(&ctx.db, account, u64::from(page.limit), page.cursor.as_deref()).await?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}
