//! The fast look: WorkSpaces on their way to another state are read again by id every few seconds, until nothing moves.
//! One look is one job; it enqueues the next in its own place. Not a whole sync: what is new or gone elsewhere is not seen.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::access::Scope;
use domain::cloud::FleetApi;
use domain::event::Event;
use domain::ids::{AccountId, Region};
use domain::workspace::WorkspaceState;
use domain::workspace::rules::in_transition;
use serde::Serialize;
use store::queue::{NewJob, enqueue};
use store::repo::inventory::{self, SyncContext};
use store::repo::workspaces::{WorkspaceFilter, WorkspaceQuery, WorkspaceRecord, workspace_list};
use store::repo::{accounts, events};
use store::{StoreError, Tx};

use super::super::jobs::WatchWorkspacesJob;
use super::inventory::state_events;
use crate::Context;
use crate::run::{JobError, RunHandle};

/// What does not move for this long is left to the whole sync.
const GIVE_UP_MINUTES: i64 = 30;
/// Ids that one DescribeWorkspaces takes.
const IDS: usize = 25;
/// WorkSpaces that one look reads at most: 40 calls.
const MOST: u32 = 1000;

/// What one look saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// WorkSpaces that were on their way.
    pub moving: u64,
    /// Those of them that are in another state now.
    pub moved: u64,
    /// Those that AWS no longer knows.
    pub gone: u64,
    /// Whether it will be looked again.
    pub again: bool,
}

/// Looks again at what is on its way, writes and tells what has moved, and sees to the next look.
///
/// # Errors
/// As AWS's answer says; the next whole sync looks anyway.
pub async fn watch_workspaces(
    ctx: &Context,
    api: Arc<dyn FleetApi>,
    job: &WatchWorkspacesJob,
    handle: &dyn RunHandle,
) -> Result<Watched, JobError> {
    let moving = on_their_way(ctx, job.account_id, &job.region).await?;
    let mut watched = Watched { moving: u64::try_from(moving.len()).unwrap_or(u64::MAX), ..Watched::default() };
    let mut still = 0;
    for some in moving.chunks(IDS) {
        handle.check()?;
        let ids: Vec<String> = some.iter().map(|one| one.aws_id.clone()).collect();
        let seen = api.workspaces_by_id(&ids).await?;
        let missing: Vec<_> =
            some.iter().filter(|one| !seen.iter().any(|seen| seen.aws_id == one.aws_id)).map(|one| one.id).collect();
        still += seen.iter().filter(|one| in_transition(&one.state)).count();

        let now = ctx.env.now();
        let context = SyncContext { account_id: job.account_id, region: job.region.clone(), run: None, at: now };
        let tx = ctx.db.begin().await?;
        let outcome = inventory::inventory_apply(&tx, &context, &seen).await?;
        let gone = inventory::workspaces_mark_gone(&tx, &missing, now).await?;
        let mut told = state_events(&outcome.state_changes);
        told.extend(state_events(&gone));
        if !told.is_empty() {
            let rows = u64::try_from(told.len()).unwrap_or(u64::MAX);
            let region = Some(job.region.clone());
            told.push(Event::FleetChanged { account_id: job.account_id, region, rows });
        }
        events::events_append(&tx, now, &told).await?;
        tx.commit().await?;
        if !told.is_empty() {
            ctx.announce();
        }
        watched.moved += u64::try_from(outcome.state_changes.len()).unwrap_or(u64::MAX);
        watched.gone += u64::try_from(gone.len()).unwrap_or(u64::MAX);
    }

    let now = ctx.env.now();
    let quiet_since = if watched.moved + watched.gone > 0 { now } else { job.quiet_since };
    watched.again = still > 0 && now - quiet_since < Duration::minutes(GIVE_UP_MINUTES);
    if watched.again {
        let tx = ctx.db.begin().await?;
        enqueue_watch(ctx, &tx, job.account_id, &job.region, quiet_since).await?;
        tx.commit().await?;
        ctx.announce();
    }
    Ok(watched)
}

async fn on_their_way(ctx: &Context, account: AccountId, region: &Region) -> Result<Vec<WorkspaceRecord>, StoreError> {
    let filter = WorkspaceFilter {
        account_ids: vec![account],
        regions: vec![region.clone()],
        states: passing(),
        ..WorkspaceFilter::default()
    };
    let query = WorkspaceQuery { filter, limit: MOST, ..WorkspaceQuery::default() };
    Ok(workspace_list(&ctx.db, &Scope::Everything, &query).await?.rows)
}

/// After a run that saw `moving` on their way: whether any of them is so since lately. What does not move for half an hour
/// is left to the whole sync; otherwise each of those would begin another half hour of looks that see nothing.
pub(in crate::sync) async fn worth_watching(
    ctx: &Context,
    account: AccountId,
    region: &Region,
    moving: u64,
) -> Result<bool, StoreError> {
    if moving == 0 {
        return Ok(false);
    }
    let since = ctx.env.now() - Duration::minutes(GIVE_UP_MINUTES);
    inventory::moving_since(&ctx.db, account, region, &passing(), since).await
}

/// The states on the way to another.
fn passing() -> Vec<WorkspaceState> {
    WorkspaceState::KNOWN.iter().filter(|state| in_transition(state)).cloned().collect()
}

/// Has an account and region looked at after the fast period, in the caller's transaction.
///
/// The key holds the moment, cut to the period: a look that runs can enqueue the next, and two that ask at once get one.
pub(crate) async fn enqueue_watch(
    ctx: &Context,
    tx: &Tx,
    account: AccountId,
    region: &Region,
    quiet_since: DateTime<Utc>,
) -> Result<(), StoreError> {
    let period = i64::try_from(ctx.policy.now().fast_period.as_secs().max(1)).unwrap_or(5);
    let next = ctx.env.now().timestamp().div_euclid(period).saturating_add(1).saturating_mul(period);
    let run_at = DateTime::from_timestamp(next, 0).unwrap_or(quiet_since);
    let job = WatchWorkspacesJob { account_id: account, region: region.clone(), quiet_since };
    let name = accounts::account_fetch(tx, &Scope::Everything, account)
        .await?
        .map_or_else(String::new, |account| account.name);
    let payload = serde_json::to_value(&job).expect("a payload is plain data");
    let mut new = NewJob::new(WatchWorkspacesJob::NAME, format!("{name} · {region}"), payload);
    new.unique_key = Some(format!("{}:{next}", job.unique_key()));
    new.run_at = Some(run_at);
    new.account_id = Some(account);
    new.region = Some(region.clone());
    // The next look and the whole sync come anyway.
    new.max_attempts = 3;
    enqueue(tx, &ctx.env, new).await?;
    Ok(())
}
