//! `sync-images`: the images that an account sees in a region, read as every short list is (`listed`).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::cloud::{CloudError, CloudPage, FleetApi};
use domain::workspace::ObservedImage;
use futures::future::BoxFuture;
use store::repo::inventory::{self, SyncContext};
use store::{StoreError, Tx};

use super::end::SyncDone;
use super::jobs::SyncImagesJob;
use super::listed::{self, Listing};
use super::run::fleet_api;
use crate::Context;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "workspaces:DescribeWorkspaceImages";

struct Images;

impl Listing for Images {
    type Row = ObservedImage;
    const OPERATION: &'static str = OPERATION;
    const READING: &'static str = "reading images";

    fn page<'a>(
        api: &'a (dyn FleetApi + 'static),
        token: Option<String>,
    ) -> BoxFuture<'a, Result<CloudPage<ObservedImage>, CloudError>> {
        api.image_page(token)
    }

    fn apply<'a>(
        tx: &'a Tx,
        context: &'a SyncContext,
        rows: &'a [ObservedImage],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(inventory::images_apply(tx, context, rows))
    }

    fn forget<'a>(
        tx: &'a Tx,
        context: &'a SyncContext,
        rows: &'a [ObservedImage],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(inventory::images_forget(tx, context, rows))
    }
}

/// Runs a `sync-images` job: connects, then [`sync_images`].
///
/// # Errors
/// As [`sync_images`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_images_job(ctx: &Context, job: &SyncImagesJob, handle: &dyn RunHandle) -> Result<SyncDone, JobError> {
    sync_images(ctx, fleet_api(ctx, job).await?, job, handle).await
}

/// Reads the images of one account and region, and forgets those that AWS no longer shows.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when none could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_images(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &SyncImagesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    listed::sync::<Images>(ctx, api, job, handle).await
}
