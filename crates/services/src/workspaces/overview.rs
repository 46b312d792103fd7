//! The fleet in numbers.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::ids::{AccountId, Region};
use domain::jobs::JobState;
use domain::sync::SyncKind;
use domain::workspace::rules::in_transition;
use domain::workspace::{ConnectionState, QUOTA_NEARLY_PERCENT, WorkspaceState};
use store::repo::jobs::{self, JobScope};
use store::repo::sync_runs::{self, SyncRunRecord};
use store::repo::{accounts, workspaces};

use super::error::WorkspaceError;
use super::facets::{FacetCount, plain};
use crate::Context;

/// The fleet in numbers. Only WorkSpaces that are there, and that the actor may see, count.
#[derive(Debug, Clone)]
pub struct Overview {
    /// WorkSpaces in all.
    pub workspaces: u64,
    /// How many have somebody connected.
    pub connected: u64,
    /// How many are on their way to another state.
    pub in_transition: u64,
    /// How many are IMPAIRED, UNHEALTHY, ERROR or SUSPENDED.
    pub troubled: u64,
    /// By state.
    pub by_state: Vec<FacetCount>,
    /// By running mode.
    pub by_running_mode: Vec<FacetCount>,
    /// By region.
    pub by_region: Vec<FacetCount>,
    /// Accounts connected; 0 for who may not see them.
    pub accounts: u64,
    /// The newest run of each account and region; empty for who may not see accounts.
    pub last_syncs: Vec<SyncRunRecord>,
    /// The oldest of the newest whole runs: everything shown is at least as fresh. `None` while a region has none.
    pub fresh_since: Option<DateTime<Utc>>,
    /// Jobs queued or running; 0 for who may not see them.
    pub jobs_active: u64,
    /// Jobs dead.
    pub jobs_dead: u64,
    /// Quotas of which 80 % or more is used, of the accounts and regions that the actor sees wholly.
    pub quotas_nearly_used: u64,
}

/// The fleet in numbers, as far as the actor may see it.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn overview(ctx: &Context, actor: &Actor) -> Result<Overview, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let everything = workspaces::WorkspaceFilter::default();
    let scope = actor.scope(Permission::WorkspaceRead);
    let facets = workspaces::workspace_facets(&ctx.db, &scope, &everything).await?;
    let quotas_nearly_used = workspaces::quota_count(&ctx.db, &scope, QUOTA_NEARLY_PERCENT).await?;
    let states = |fits: fn(&WorkspaceState) -> bool| -> u64 {
        facets.states.iter().filter(|facet| fits(&facet.value.as_str().into())).map(|facet| facet.count).sum()
    };
    let connected = ConnectionState::Connected;
    let (mut accounts, mut last_syncs, mut fresh_since) = (0, Vec::new(), None);
    if actor.may(Permission::AccountRead) {
        let scope = actor.scope(Permission::AccountRead);
        let places: Vec<(AccountId, Region)> = accounts::account_list(&ctx.db, &scope)
            .await?
            .into_iter()
            .inspect(|_| accounts += 1)
            .flat_map(|account| account.regions.into_iter().map(move |region| (account.id, region.region)))
            .collect();
        last_syncs = sync_runs::sync_run_latest(&ctx.db, &scope, SyncKind::Workspaces).await?;
        let whole = sync_runs::sync_run_latest_whole(&ctx.db, &scope, SyncKind::Workspaces).await?;
        fresh_since = freshness(&places, &whole);
    }
    let (mut jobs_active, mut jobs_dead) = (0, 0);
    if actor.may(Permission::JobRead) {
        let scope = JobScope { scope: actor.scope(Permission::JobRead), own: actor.user_id };
        for (state, count) in jobs::job_state_counts(&ctx.db, &scope).await? {
            match state {
                JobState::Queued | JobState::Running => jobs_active += count,
                JobState::Dead => jobs_dead += count,
                JobState::Done | JobState::Cancelled => {}
            }
        }
    }
    Ok(Overview {
        workspaces: facets.total,
        connected: facets.connections.iter().filter(|facet| facet.value == connected.as_str()).map(|f| f.count).sum(),
        in_transition: states(in_transition),
        troubled: states(is_troubled),
        by_state: plain(facets.states),
        by_running_mode: plain(facets.running_modes),
        by_region: plain(facets.regions),
        accounts,
        last_syncs,
        fresh_since,
        jobs_active,
        jobs_dead,
        quotas_nearly_used,
    })
}

fn is_troubled(state: &WorkspaceState) -> bool {
    use WorkspaceState as S;
    matches!(state, S::Impaired | S::Unhealthy | S::Error | S::Suspended)
}

/// When the least fresh place began to be read wholly; `None` while one never was.
fn freshness(places: &[(AccountId, Region)], whole: &[SyncRunRecord]) -> Option<DateTime<Utc>> {
    let begun = |(account, region): &(AccountId, Region)| {
        whole.iter().find(|run| run.account_id == *account && run.region == *region).map(|run| run.started_at)
    };
    let begun: Option<Vec<_>> = places.iter().map(begun).collect();
    begun?.into_iter().min()
}
