//! Asking for an action: what would happen, and seeing to it that it does.

use std::collections::HashMap;

use domain::access::Actor;
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceAction;
use store::queue::{NewJob, enqueue};
use store::repo::workspaces;

use super::error::ActionError;
use super::jobs::{ActionTarget, WorkspaceActionJob};
use super::plan::{ActionPlan, Candidate, decide, distinct, permission};
use crate::Context;

/// Most WorkSpaces that one request may name.
pub const MAX_ITEMS: usize = 1000;

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
    let (mut plan, targets) = decided(ctx, actor, action, ids).await?;
    plan.dry_run = dry_run;
    if dry_run || targets.is_empty() {
        return Ok(plan);
    }
    let job = new_job(actor, action, targets, &plan);
    let tx = ctx.db.begin().await?;
    plan.job_id = Some(enqueue(&tx, &ctx.env, job).await?.id());
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

fn new_job(actor: &Actor, action: WorkspaceAction, targets: Vec<ActionTarget>, plan: &ActionPlan) -> NewJob {
    let account = targets[0].account_id;
    let one_account = targets.iter().all(|target| target.account_id == account);
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
    job.created_by = actor.user_id;
    job.request_id.clone_from(&actor.origin.request_id);
    job.created_by_name.clone_from(&actor.name);
    job
}
