//! Asking for an action: what would happen, and seeing to it that it does.

use std::collections::{HashMap, HashSet};

use domain::access::{Actor, Forbidden, StepUpNeeded};
use domain::audit::Entry;
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::WorkspaceOrder;
use serde::Deserialize as _;
use serde_json::{Value, json};
use store::StoreError;
use store::queue::{NewJob, enqueue};
use store::repo::workspaces;

use super::error::ActionError;
use super::jobs::{ActionTarget, WorkspaceActionJob};
use super::plan::{ActionPlan, Candidate, decide, distinct};
use crate::Context;
use crate::idempotency::Keep;

/// Somebody waits for it: before syncs.
const PRIORITY: i16 = domain::jobs::rules::ACTION_PRIORITY;

/// What the action would do. Changes nothing.
///
/// # Errors
/// [`ActionError::Forbidden`], [`ActionError::Values`], [`ActionError::Empty`], [`ActionError::TooMany`], [`ActionError::Store`].
pub async fn plan_action(
    ctx: &Context,
    actor: &Actor,
    order: &WorkspaceOrder,
    ids: &[WorkspaceId],
) -> Result<ActionPlan, ActionError> {
    Ok(decided(ctx, actor, order, ids).await?.0)
}

/// Asks for the action on every WorkSpace that accepts it, as one job; the plan says which, and why not the others. With
/// `dry_run`, or when none accepts it, there is no job. What takes away what somebody has wants a fresh proof of who asks.
///
/// # Errors
/// [`ActionError::Forbidden`], [`ActionError::StepUp`], [`ActionError::Values`], [`ActionError::Empty`],
/// [`ActionError::TooMany`], [`ActionError::Store`].
pub async fn request_action(
    ctx: &Context,
    actor: &Actor,
    order: &WorkspaceOrder,
    ids: &[WorkspaceId],
    dry_run: bool,
) -> Result<ActionPlan, ActionError> {
    request_action_once(ctx, actor, order, ids, dry_run, Keep::none()).await
}

/// [`request_action`], with its answer kept.
///
/// # Errors
/// As [`request_action`].
pub async fn request_action_once(
    ctx: &Context,
    actor: &Actor,
    order: &WorkspaceOrder,
    ids: &[WorkspaceId],
    dry_run: bool,
    keep: Keep<'_, ActionPlan>,
) -> Result<ActionPlan, ActionError> {
    let (mut plan, chosen) = decided(ctx, actor, order, ids).await?;
    plan.dry_run = dry_run;
    if dry_run {
        return Ok(plan);
    }
    if order.action().destroys() {
        actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    }
    if chosen.is_empty() {
        return Ok(plan);
    }
    let job = new_job(actor, order, &chosen);
    let tx = ctx.db.begin().await?;
    let job_id = enqueue(&tx, &ctx.env, job).await?.id();
    plan.job_id = Some(job_id);
    keep.answer(&tx, &plan).await?;
    let entries = chosen.iter().map(|one| entry(order, one, job_id)).collect();
    crate::audit::record_many(&tx, ctx, actor, entries).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(plan)
}

async fn decided(
    ctx: &Context,
    actor: &Actor,
    order: &WorkspaceOrder,
    ids: &[WorkspaceId],
) -> Result<(ActionPlan, Vec<Candidate>), ActionError> {
    let action = order.action();
    let permission = action.permission();
    actor.require(permission)?;
    order.check_values()?;
    let ids = distinct(ids);
    match ids.len() {
        0 => return Err(ActionError::Empty),
        given if given > action.most() => return Err(ActionError::TooMany { given, most: action.most() }),
        _ => {}
    }
    let found: HashMap<_, _> = workspaces::workspaces_fetch_many(&ctx.db, &actor.scope(permission), &ids)
        .await?
        .into_iter()
        .map(|row| (row.id, Candidate::from(row)))
        .collect();
    let (items, chosen) = decide(order, &ids, found);
    Ok((ActionPlan { action, dry_run: true, job_id: None, items }, chosen))
}

/// Ok when the actor may do now what an action's job does: to each of its WorkSpaces, with a fresh proof where it destroys.
///
/// # Errors
/// [`Forbidden`] with the permission of the action; [`StepUpNeeded`]; [`StoreError`].
pub(crate) async fn may_repeat<E: From<Forbidden> + From<StepUpNeeded> + From<StoreError>>(
    ctx: &Context,
    actor: &Actor,
    payload: &Value,
) -> Result<(), E> {
    let job = WorkspaceActionJob::deserialize(payload).map_err(|e| StoreError::corrupt("payload of an action", e))?;
    let permission = job.order.action().permission();
    actor.require(permission)?;
    if job.order.action().destroys() {
        actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    }
    let scope = actor.scope(permission);
    if scope.is_everything() {
        return Ok(());
    }
    let ids: HashSet<WorkspaceId> = job.targets.iter().map(|target| target.id).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let within = workspaces::workspaces_fetch_many(&ctx.db, &scope, &ids).await?.len();
    if within == ids.len() { Ok(()) } else { Err(Forbidden { permission }.into()) }
}

/// What the audit log says of one WorkSpace: AWS's name of it, the values that change as they were last seen, and what they shall be.
fn entry(order: &WorkspaceOrder, one: &Candidate, job_id: JobId) -> Entry {
    let action = order.action();
    let Candidate { target, user_name, present, .. } = one;
    let entry = Entry::new(&format!("workspace.{action}"), action.permission()).on("workspace", target.id);
    let entry = entry.named(user_name);
    let mut after = json!({ "job_id": job_id, "aws_id": target.aws_id });
    let (before, values) = match order {
        WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes } => (
            json!({ "running_mode": present.running_mode, "auto_stop_minutes": present.auto_stop_minutes }),
            json!({ "running_mode": running_mode, "auto_stop_minutes": auto_stop_minutes }),
        ),
        WorkspaceOrder::SetComputeType { compute_type } => {
            (json!({ "compute_type": present.compute_type }), json!({ "compute_type": compute_type }))
        }
        WorkspaceOrder::GrowVolume { volume, gib } => {
            let name = format!("{volume}_volume_gib");
            (json!({ "root_volume_gib": present.root_gib, "user_volume_gib": present.user_gib }), json!({ name: gib }))
        }
        // The values of tags may be names of people.
        WorkspaceOrder::SetTags { set, remove } => {
            return entry.after(after).personal(json!({ "set": set, "remove": remove }));
        }
        _ => (json!({ "state": present.state }), json!({})),
    };
    if let (Value::Object(after), Value::Object(values)) = (&mut after, values) {
        after.extend(values);
    }
    entry.before(before).after(after)
}

fn new_job(actor: &Actor, order: &WorkspaceOrder, chosen: &[Candidate]) -> NewJob {
    let targets: Vec<ActionTarget> = chosen.iter().map(|one| one.target.clone()).collect();
    let (account, region) = (targets[0].account_id, targets[0].region.clone());
    let one_account = targets.iter().all(|target| target.account_id == account);
    let one_region = one_account && targets.iter().all(|target| target.region == region);
    let verb = order.action().verb();
    let subject = match chosen {
        [only] => format!("{verb} the WorkSpace of {}", only.user_name),
        all => format!("{verb} {} WorkSpaces", all.len()),
    };
    let job = WorkspaceActionJob { order: order.clone(), targets };
    let payload = serde_json::to_value(job).expect("a payload is plain data");
    let mut job = NewJob::new(WorkspaceActionJob::NAME, subject, payload);
    job.priority = PRIORITY;
    job.account_id = one_account.then_some(account);
    job.region = one_region.then_some(region);
    job.asked_by(actor);
    job
}
