//! `sync-quotas`: how much AWS allows of each thing of WorkSpaces, read as every short list is (`listed`).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::{CloudError, CloudPage, FleetApi};
use domain::workspace::ObservedQuota;
use futures::future::BoxFuture;
use store::repo::inventory::{self, SyncContext};
use store::{StoreError, Tx};

use super::end::SyncDone;
use super::jobs::SyncQuotasJob;
use super::listed::{self, Listing};
use super::run::fleet_api;
use crate::Context;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "servicequotas:ListServiceQuotas";

struct Quotas;

impl Listing for Quotas {
    type Row = ObservedQuota;
    const OPERATION: &'static str = OPERATION;
    const READING: &'static str = "reading quotas";

    fn page<'a>(
        api: &'a (dyn FleetApi + 'static),
        token: Option<String>,
    ) -> BoxFuture<'a, Result<CloudPage<ObservedQuota>, CloudError>> {
        api.quota_page(token)
    }

    fn apply<'a>(
        tx: &'a Tx,
        context: &'a SyncContext,
        rows: &'a [ObservedQuota],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(inventory::quotas_apply(tx, context, rows))
    }

    fn forget<'a>(
        tx: &'a Tx,
        context: &'a SyncContext,
        rows: &'a [ObservedQuota],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(inventory::quotas_forget(tx, context, rows))
    }
}

/// Runs a `sync-quotas` job: connects, then [`sync_quotas`].
///
/// # Errors
/// As [`sync_quotas`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_quotas_job(ctx: &Context, job: &SyncQuotasJob, handle: &dyn RunHandle) -> Result<SyncDone, JobError> {
    sync_quotas(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the quotas of one account and region, and forgets those that AWS no longer shows.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when none could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_quotas(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncQuotasJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    listed::sync::<Quotas>(ctx, api, job, handle).await
}
