//! What people and schedules ask of the sync.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{AccountId, JobId, Region};
use domain::sync::SyncKind;
use serde_json::json;
use store::queue::{Enqueued, NewJob, enqueue_many};
use store::repo::accounts::AccountRecord;
use store::repo::sync_runs::{self, SyncRunRecord};

use super::error::SyncError;
use super::jobs::unique_key;
use crate::accounts::whole_account;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest};

/// Somebody waits for it: before what schedules ask for.
const BY_HAND: i16 = 10;

/// The region that stands for a whole account in billing: Cost Explorer answers there for all of them.
pub const BILLING_REGION: &str = store::repo::data_sets::COST_REGION;

/// The job that syncs one data set of one region of an account.
#[must_use]
pub fn sync_job(account: &AccountRecord, region: &Region, kind: SyncKind) -> NewJob {
    let payload = json!({ "account_id": account.id, "region": region });
    let mut new = NewJob::new(kind.as_str(), format!("{} · {region}", account.name), payload);
    new.unique_key = Some(unique_key(kind, account.id, region));
    new.account_id = Some(account.id);
    // A bill is the whole account's, wherever it is asked for.
    new.region = (kind != SyncKind::Billing).then(|| region.clone());
    new
}

/// The jobs that sync those data sets of an account, each in every region of it, billing once. In a fixed order.
#[must_use]
pub fn sync_jobs(account: &AccountRecord, kinds: &[SyncKind]) -> Vec<NewJob> {
    let mut jobs = Vec::new();
    for &kind in SyncKind::ALL.iter().filter(|kind| kinds.contains(kind)) {
        if kind == SyncKind::Billing {
            let region: Region = BILLING_REGION.parse().expect("it is the name of a region");
            jobs.push(sync_job(account, &region, kind));
        } else {
            jobs.extend(account.regions.iter().map(|place| sync_job(account, &place.region, kind)));
        }
    }
    jobs
}

/// Syncs an account now: for each of the data sets (all, when none are given) one job per region. One that waits or runs
/// already is given instead of a second.
///
/// # Errors
/// [`SyncError::NotFound`], [`SyncError::Forbidden`], [`SyncError::Store`].
pub async fn sync_now(
    ctx: &Context,
    actor: &Actor,
    id: AccountId,
    kinds: &[SyncKind],
) -> Result<Vec<JobId>, SyncError> {
    sync_now_once(ctx, actor, id, kinds, Keep::none()).await
}

/// [`sync_now`], with its answer kept.
///
/// # Errors
/// As [`sync_now`].
pub async fn sync_now_once(
    ctx: &Context,
    actor: &Actor,
    id: AccountId,
    kinds: &[SyncKind],
    keep: Keep<'_, Vec<JobId>>,
) -> Result<Vec<JobId>, SyncError> {
    let account = whole_account::<SyncError>(ctx, actor, Permission::SyncRun, id).await?.ok_or(SyncError::NotFound)?;
    let mut jobs = sync_jobs(&account, if kinds.is_empty() { SyncKind::ALL } else { kinds });
    for job in &mut jobs {
        job.priority = BY_HAND;
        job.asked_by(actor);
    }
    let tx = ctx.db.begin().await?;
    // All at once: one by one, the first would take the lock of the events and the next wait for a schedule's tick that
    // waits for that lock.
    let ids = enqueue_many(&tx, &ctx.env, jobs).await?.into_iter().map(Enqueued::id).collect();
    keep.answer(&tx, &ids).await?;
    let entry = Entry::new("account.sync", Permission::SyncRun).on("account", id).named(&account.name);
    crate::audit::record(&tx, ctx, actor, entry.after(json!({ "kinds": kinds, "jobs": ids }))).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(ids)
}

/// The runs that the actor may see, newest first, of one account or all.
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
    let (scope, limit) = (actor.scope(Permission::AccountRead), u64::from(page.limit));
    let total = sync_runs::sync_run_count(&ctx.db, &scope, account).await?;
    let page = sync_runs::sync_run_list(&ctx.db, &scope, account, limit, page.cursor.as_deref()).await?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}
