//! Asking for an action: what would happen, and seeing to it that it does.

use std::collections::{HashMap, HashSet};

use domain::access::{Actor, Forbidden};
use domain::audit::Entry;
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceAction;
use serde::Deserialize as _;
use serde_json::{Value, json};
use store::StoreError;
use store::queue::{NewJob, enqueue};
use store::repo::workspaces;

use super::error::ActionError;
use super::jobs::{ActionTarget, WorkspaceActionJob};
use super::plan::{ActionPlan, Candidate, decide, distinct, permission};
use crate::Context;
use crate::idempotency::Keep;

/// Most WorkSpaces that one request may name.
pub const MAX_ITEMS: usize = 5000;

/// Somebody waits for it: before syncs.
const PRIORITY: i16 = domain::jobs::rules::ACTION_PRIORITY;

/// What the action would do. Changes nothing.
///
/// # Errors
/// [`ActionError::Forbidden`], [`ActionError::Empty`], [`ActionError::TooMany`], [`ActionError::Store`].
pub async fn plan_action(
    ctx: &Context,
    actor: &Actor,
    action: WorkspaceAction,
    ids: &[WorkspaceId],
) -> Result<ActionPlan, ActionError> {
    Ok(decided(ctx, actor, action, ids).await?.0)
}

/// Asks for the action on every WorkSpace that accepts it, as one job; the plan says which, and why not the others. With
/// `dry_run`, or when none accepts it, there is no job.
///
/// # Errors
/// [`ActionError::Forbidden`], [`ActionError::Empty`], [`ActionError::TooMany`], [`ActionError::Store`].
pub async fn request_action(
    ctx: &Context,
    actor: &Actor,
    action: WorkspaceAction,
    ids: &[WorkspaceId],
    dry_run: bool,
) -> Result<ActionPlan, ActionError> {
    request_action_once(ctx, actor, action, ids, dry_run, Keep::none()).await
}

/// [`request_action`], with its answer kept.
///
/// # Errors
/// As [`request_action`].
pub async fn request_action_once(
    ctx: &Context,
    actor: &Actor,
    action: WorkspaceAction,
    ids: &[WorkspaceId],
    dry_run: bool,
    keep: Keep<'_, ActionPlan>,
) -> Result<ActionPlan, ActionError> {
    let (mut plan, targets) = decided(ctx, actor, action, ids).await?;
    plan.dry_run = dry_run;
    if dry_run || targets.is_empty() {
        return Ok(plan);
    }
    let entries = entries(action, &targets, &plan);
    let job = new_job(actor, action, targets, &plan);
    let tx = ctx.db.begin().await?;
    let job_id = enqueue(&tx, &ctx.env, job).await?.id();
    plan.job_id = Some(job_id);
    keep.answer(&tx, &plan).await?;
    let entries = entries.into_iter().map(|(entry, aws_id)| entry.after(json!({ "job_id": job_id, "aws_id": aws_id })));
    crate::audit::record_many(&tx, ctx, actor, entries.collect()).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(plan)
}

async fn decided(
    ctx: &Context,
    actor: &Actor,
    action: WorkspaceAction,
    ids: &[WorkspaceId],
) -> Result<(ActionPlan, Vec<ActionTarget>), ActionError> {
    actor.require(permission(action))?;
    let ids = distinct(ids);
    match ids.len() {
        0 => return Err(ActionError::Empty),
        given if given > MAX_ITEMS => return Err(ActionError::TooMany { given, most: MAX_ITEMS }),
        _ => {}
    }
    let found: HashMap<_, _> = workspaces::workspaces_fetch_many(&ctx.db, &actor.scope(permission(action)), &ids)
        .await?
        .into_iter()
        .map(|row| {
            let target =
                ActionTarget { id: row.id, aws_id: row.aws_id, account_id: row.account_id, region: row.region };
            let candidate = Candidate {
                target,
                user_name: row.user_name,
                state: row.state,
                running_mode: row.running_mode,
                gone: row.gone_at.is_some(),
            };
            (row.id, candidate)
        })
        .collect();
    let (items, targets) = decide(action, &ids, found);
    Ok((ActionPlan { action, dry_run: true, job_id: None, items }, targets))
}

/// Ok when the actor may do now what an action's job does: to each of its WorkSpaces.
///
/// # Errors
/// [`Forbidden`] with the permission of the action; [`StoreError`].
pub(crate) async fn may_repeat<E: From<Forbidden> + From<StoreError>>(
    ctx: &Context,
    actor: &Actor,
    payload: &Value,
) -> Result<(), E> {
    let job = WorkspaceActionJob::deserialize(payload).map_err(|e| StoreError::corrupt("payload of an action", e))?;
    let permission = permission(job.action);
    actor.require(permission)?;
    let scope = actor.scope(permission);
    if scope.is_everything() {
        return Ok(());
    }
    let ids: HashSet<WorkspaceId> = job.targets.iter().map(|target| target.id).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let within = workspaces::workspaces_fetch_many(&ctx.db, &scope, &ids).await?.len();
    if within == ids.len() { Ok(()) } else { Err(Forbidden { permission }.into()) }
}

/// What the audit log says: one entry for each WorkSpace, with AWS's name of it.
fn entries(action: WorkspaceAction, targets: &[ActionTarget], plan: &ActionPlan) -> Vec<(Entry, String)> {
    let names: HashMap<_, _> = plan.items.iter().map(|item| (item.id, item.user_name.as_deref())).collect();
    let entry = |target: &ActionTarget| {
        let entry = Entry::new(&format!("workspace.{action}"), permission(action)).on("workspace", target.id);
        let entry = match names.get(&target.id).copied().flatten() {
            Some(name) => entry.named(name),
            None => entry,
        };
        (entry, target.aws_id.clone())
    };
    targets.iter().map(entry).collect()
}

fn new_job(actor: &Actor, action: WorkspaceAction, targets: Vec<ActionTarget>, plan: &ActionPlan) -> NewJob {
    let (account, region) = (targets[0].account_id, targets[0].region.clone());
    let one_account = targets.iter().all(|target| target.account_id == account);
    let one_region = one_account && targets.iter().all(|target| target.region == region);
    let verb = match action {
        WorkspaceAction::Start => "Start",
        WorkspaceAction::Stop => "Stop",
        WorkspaceAction::Reboot => "Reboot",
    };
    let subject = match (targets.as_slice(), plan.items.iter().find(|item| item.accepted)) {
        ([_], Some(item)) => format!("{verb} the WorkSpace of {}", item.user_name.as_deref().unwrap_or("somebody")),
        (all, _) => format!("{verb} {} WorkSpaces", all.len()),
    };
    let payload = serde_json::to_value(WorkspaceActionJob { action, targets }).expect("a payload is plain data");
    let mut job = NewJob::new(WorkspaceActionJob::NAME, subject, payload);
    job.priority = PRIORITY;
    job.account_id = one_account.then_some(account);
    job.region = one_region.then_some(region);
    job.created_by = actor.user_id;
    job.request_id.clone_from(&actor.origin.request_id);
    job.created_by_name.clone_from(&actor.name);
    job
}
