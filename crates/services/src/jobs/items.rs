//! The items of an action's job, a page at a time: what became of each WorkSpace and whose it is, those that failed first. All of
//! them at once are in the job's result, or in what it did so far (`service.rs`); as a file they are in `exports`.

use std::collections::HashMap;

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use domain::jobs::ItemOutcome;
use domain::workspace::WorkspaceOrder;
use serde::Deserialize as _;
use store::StoreError;
use store::repo::jobs::JobRecord;
use store::repo::workspaces::workspaces_fetch_many;

use super::error::JobsError;
use super::service::JobDetail;
use crate::actions::{ActionOutcome, WorkspaceActionJob};
use crate::{Context, audit};

/// Which items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobItemRequest {
    /// What became of them; empty for all.
    pub outcomes: Vec<ItemOutcome>,
    /// How many come before the page.
    pub offset: u32,
    /// Items of the page.
    pub limit: u32,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobItem {
    /// The WorkSpace.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// Its user, once [`name_items`] has looked; `None` too where there is no such WorkSpace, or the actor may not see it.
    pub user_name: Option<String>,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it failed.
    pub code: Option<String>,
    /// Why it failed, in words.
    pub message: Option<String>,
}

/// A page of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobItems {
    /// The items.
    pub rows: Vec<JobItem>,
    /// How many come before the page.
    pub offset: u32,
    /// How many there are with the outcomes that were asked for.
    pub total: u64,
    /// How many there are of each outcome that there is, whatever was asked for.
    pub counts: HashMap<ItemOutcome, u64>,
    /// What was to be done to them; `None` for who may not do it.
    pub order: Option<WorkspaceOrder>,
}

/// A page of the items of a job that was fetched; `None` of a job that is no action.
#[must_use]
pub fn job_items(actor: &Actor, detail: &JobDetail, request: &JobItemRequest) -> Option<JobItems> {
    let JobDetail { job, so_far, .. } = detail;
    if job.kind != WorkspaceActionJob::NAME {
        return None;
    }
    let WorkspaceActionJob { order, targets } = WorkspaceActionJob::deserialize(&job.payload).ok()?;
    let told = job.result.as_ref().or(so_far.as_ref()).and_then(|report| report.get("items"));
    let told: Vec<ActionOutcome> = told.and_then(|items| Vec::deserialize(items).ok()).unwrap_or_default();
    let mut told: HashMap<_, _> = told.into_iter().map(|one| (one.id, one)).collect();
    let untold = if job.state.is_final() { ItemOutcome::Skipped } else { ItemOutcome::Waiting };
    let item = |(id, aws_id): (WorkspaceId, String)| match told.remove(&id) {
        Some(ActionOutcome { ok, code, message, .. }) => {
            let outcome = if ok { ItemOutcome::Done } else { ItemOutcome::Failed };
            JobItem { id, aws_id, user_name: None, outcome, code, message }
        }
        None => JobItem { id, aws_id, user_name: None, outcome: untold, code: None, message: None },
    };
    let mut items: Vec<JobItem> = targets.into_iter().map(|target| (target.id, target.aws_id)).map(item).collect();
    let mut counts = HashMap::new();
    for item in &items {
        *counts.entry(item.outcome).or_insert(0) += 1;
    }
    if !request.outcomes.is_empty() {
        items.retain(|item| request.outcomes.contains(&item.outcome));
    }
    // Of one outcome they stay in the order they were asked for.
    items.sort_by_key(|item| item.outcome);
    let total = items.len() as u64;
    let rows = items.into_iter().skip(request.offset as usize).take(request.limit as usize).collect();
    let order = actor.may(order.action().permission()).then_some(order);
    Some(JobItems { rows, offset: request.offset, total, counts, order })
}

/// The items with the users of their WorkSpaces, as far as the actor may see those; that they looked is noted.
///
/// # Errors
/// [`JobsError::Store`].
pub async fn name_items(
    ctx: &Context,
    actor: &Actor,
    job: &JobRecord,
    mut items: JobItems,
) -> Result<JobItems, JobsError> {
    let ids: Vec<_> = items.rows.iter().map(|item| item.id).collect();
    let mut names = user_names(ctx, actor, &ids).await?;
    if !names.is_empty() {
        let entry = Entry::new("job.read", Permission::WorkspaceRead).on("job", job.id).named(&job.subject);
        audit::note_read(ctx, actor, entry).await?;
    }
    for item in &mut items.rows {
        item.user_name = names.remove(&item.id);
    }
    Ok(items)
}

/// The users of those of the WorkSpaces that the actor may see.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn user_names(
    ctx: &Context,
    actor: &Actor,
    ids: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, String>, StoreError> {
    let found = workspaces_fetch_many(&ctx.db, &actor.scope(Permission::WorkspaceRead), ids).await?;
    Ok(found.into_iter().map(|one| (one.id, one.user_name)).collect())
}
