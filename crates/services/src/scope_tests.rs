//! What people within a part of the fleet see and may do, use case by use case. That each table gives its part and no more is
//! tested in `store`; that no operation forgets to ask, in the matrix of the integration tests.

use std::sync::Arc;

use domain::access::{Actor, Held, Reach, Role, Scope};
use domain::ids::{AccountId, Region, UserId, WorkspaceId};
use domain::sync::SyncKind;
use domain::workspace::{WorkspaceAction, WorkspaceOrder, WorkspaceState};
use uuid::Uuid;

use crate::PageRequest;
use crate::accounts::{self, AccountError};
use crate::actions::request_action;
use crate::data_sets::list_data_sets;
use crate::jobs::{self, JobFilter, JobsError};
use crate::schedules::{self, ScheduleChange, ScheduleError};
use crate::sync::{self, SyncError, SyncWorkspacesJob, sync_workspaces};
use crate::testing::{FakeFleet, Harness, RecordedRun};
use crate::workspaces::{self, WorkspaceFilter, WorkspaceListRequest};

const ME: UserId = UserId(Uuid::from_u128(0xe));

/// Two accounts of three WorkSpaces each, of which the second has another region besides.
struct Trial {
    harness: Harness,
    one: AccountId,
    two: AccountId,
}

impl Trial {
    async fn new() -> Self {
        let harness = Harness::new(FakeFleet::with(3, &WorkspaceState::Available)).await;
        let elsewhere: Region = "us-east-1".parse().unwrap();
        let one = harness.account().await;
        let two = harness.account_in(vec![harness.region(), elsewhere]).await;
        for account_id in [one, two] {
            let job = SyncWorkspacesJob { account_id, region: harness.region() };
            let api = Arc::new(harness.fleet.clone());
            sync_workspaces(&harness.ctx, api, &job, &RecordedRun::new(harness.job_id())).await.unwrap();
        }
        Self { harness, one, two }
    }

    fn workspace(&self, account: AccountId) -> WorkspaceId {
        WorkspaceId::derive(account, &self.harness.region(), "ws-000000000")
    }
}

fn account(account_id: AccountId) -> Scope {
    Scope::only(Reach::Account { account_id })
}

fn holding(roles: &[(Role, Scope)]) -> Actor {
    Actor::new(ME, "me@example.com", roles.iter().map(|(role, scope)| Held::role(*role, scope.clone())).collect())
}

fn page() -> PageRequest {
    PageRequest { limit: 50, cursor: None }
}

#[tokio::test]
async fn a_region_shows_its_part_of_an_account_and_what_is_whole_is_refused() {
    let trial = Trial::new().await;
    let (ctx, region) = (&trial.harness.ctx, trial.harness.region());
    let admin = holding(&[(Role::Admin, Scope::only(Reach::Region { region: region.clone() }))]);
    let seen = accounts::list_accounts(ctx, &admin, page()).await.unwrap();
    let regions: Vec<_> =
        seen.items.iter().flat_map(|one| one.regions.iter().map(|place| place.region.clone())).collect();
    assert_eq!((seen.total, regions), (2, vec![region.clone(), region.clone()]));
    assert!(seen.items.iter().all(|one| one.workspaces == 3));
    let sets = list_data_sets(ctx, &admin, Some(trial.two)).await.unwrap();
    assert!(sets.items.iter().all(|set| set.record.region == region && set.record.kind != SyncKind::Billing));
    assert_eq!((sets.items.is_empty(), sets.spend.len()), (false, 0));
    // A part of it can be seen: what is done to the whole is not for them, rather than not there.
    let refused = sync::sync_now(ctx, &admin, trial.two, &[]).await;
    assert!(matches!(refused, Err(SyncError::Forbidden(_))), "{refused:?}");
    let refused = accounts::test_connection(ctx, &admin, trial.two).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(_))), "{refused:?}");
    // Schedules are everybody's.
    let name = SyncKind::Workspaces.as_str();
    let refused = schedules::run_schedule(ctx, &admin, name).await;
    assert!(matches!(refused, Err(ScheduleError::Forbidden(_))), "{refused:?}");
    let change = ScheduleChange { paused: Some(true), ..ScheduleChange::default() };
    let refused = schedules::update_schedule(ctx, &admin, name, change).await;
    assert!(matches!(refused, Err(ScheduleError::Forbidden(_))), "{refused:?}");
    let listed = schedules::list_schedules(ctx, &admin).await.unwrap();
    let here = listed.iter().find(|one| one.schedule.name() == name).unwrap();
    assert_eq!(here.places, 2, "of three");
}

#[tokio::test]
async fn another_account_is_not_there() {
    let trial = Trial::new().await;
    let ctx = &trial.harness.ctx;
    let admin = holding(&[(Role::Admin, account(trial.one))]);
    assert!(accounts::fetch_account(ctx, &admin, trial.one).await.unwrap().is_some());
    assert!(accounts::fetch_account(ctx, &admin, trial.two).await.unwrap().is_none());
    assert!(matches!(sync::sync_now(ctx, &admin, trial.two, &[]).await, Err(SyncError::NotFound)));
    let refused = accounts::test_connection(ctx, &admin, trial.two).await;
    assert!(matches!(refused, Err(AccountError::NotFound)), "{refused:?}");
    assert_eq!(sync::list_sync_runs(ctx, &admin, Some(trial.two), page()).await.unwrap().total, 0);
    assert_eq!(sync::list_sync_runs(ctx, &admin, None, page()).await.unwrap().total, 1);
    assert_eq!(list_data_sets(ctx, &admin, Some(trial.two)).await.unwrap().items.len(), 0);
    let overview = workspaces::overview(ctx, &admin).await.unwrap();
    assert_eq!((overview.workspaces, overview.accounts, overview.last_syncs.len()), (3, 1, 1));
    let facets = workspaces::workspace_facets(ctx, &admin, &WorkspaceFilter::default()).await.unwrap();
    let accounts: Vec<_> = facets.account.iter().map(|facet| facet.value.clone()).collect();
    assert_eq!(accounts, [trial.one.to_string()]);

    let jobs = sync::sync_now(ctx, &Actor::system(), trial.two, &[SyncKind::Workspaces]).await.unwrap();
    // What follows on a sync of their own account is theirs.
    let listed = jobs::list_jobs(ctx, &admin, &JobFilter::default(), page()).await.unwrap();
    assert!(listed.items.iter().all(|job| job.account_id == Some(trial.one)), "{listed:?}");
    assert_eq!(listed.total, u64::try_from(listed.items.len()).unwrap());
    assert!(jobs::fetch_job(ctx, &admin, jobs[0]).await.unwrap().is_none());
    assert!(matches!(jobs::cancel_job(ctx, &admin, jobs[0]).await, Err(JobsError::NotFound)));
    assert!(matches!(jobs::retry_job(ctx, &admin, jobs[0]).await, Err(JobsError::NotFound)));
    let counted: u64 = jobs::job_summary(ctx, &admin).await.unwrap().counts.iter().map(|(_, _, count)| count).sum();
    assert_eq!(counted, listed.total);
}

#[tokio::test]
async fn what_one_may_see_and_what_one_may_do_are_scopes_of_their_own() {
    let trial = Trial::new().await;
    let ctx = &trial.harness.ctx;
    let actor = holding(&[(Role::Viewer, account(trial.one)), (Role::Operator, account(trial.two))]);
    let asked = WorkspaceListRequest { limit: 50, ..Default::default() };
    assert_eq!(workspaces::list_workspaces(ctx, &actor, &asked).await.unwrap().total, 6);
    for (id, may) in [(trial.one, false), (trial.two, true)] {
        let id = trial.workspace(id);
        let detail = workspaces::fetch_workspace_detail(ctx, &actor, id).await.unwrap().unwrap();
        let stop = detail.actions.iter().find(|one| one.action == WorkspaceAction::Stop).unwrap();
        assert_eq!(stop.possible, may, "{stop:?}");
        let plan = request_action(ctx, &actor, &WorkspaceOrder::Stop, &[id], true).await.unwrap();
        assert_eq!(plan.accepted(), usize::from(may), "{plan:?}");
    }
}

#[tokio::test]
async fn a_job_of_ones_own_is_seen_for_ever_and_repeated_only_as_far_as_one_may_now() {
    let trial = Trial::new().await;
    let ctx = &trial.harness.ctx;
    let before = holding(&[(Role::Operator, account(trial.two))]);
    let ids = [trial.workspace(trial.two)];
    let plan = request_action(ctx, &before, &WorkspaceOrder::Stop, &ids, false).await.unwrap();
    let job = plan.job_id.unwrap();
    let place = jobs::fetch_job(ctx, &before, job).await.unwrap().unwrap().job;
    assert_eq!((place.account_id, place.region), (Some(trial.two), Some(trial.harness.region())));

    let now = holding(&[(Role::Operator, account(trial.one))]);
    assert!(jobs::fetch_job(ctx, &now, job).await.unwrap().is_some());
    jobs::cancel_job(ctx, &now, job).await.unwrap();
    let refused = jobs::retry_job(ctx, &now, job).await;
    assert!(matches!(refused, Err(JobsError::Forbidden(_))), "{refused:?}");
    let nobody = Actor::new(UserId(Uuid::from_u128(0xf)), "x@example.com", now.held().to_vec());
    assert!(matches!(jobs::retry_job(ctx, &nobody, job).await, Err(JobsError::NotFound)));
    jobs::retry_job(ctx, &before, job).await.unwrap();
}
