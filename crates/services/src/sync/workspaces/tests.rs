//! The reconciler against a fake AWS: whole, partial, broken off and taken up again, gone and back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::access::{Actor, Scope};
use domain::cloud::CloudError;
use domain::event::Event;
use domain::ids::AccountId;
use domain::sync::{SyncKind, SyncOutcome};
use domain::workspace::WorkspaceState;
use store::repo::sync_runs::{self, SyncRunRecord};

use super::super::{SyncDone, SyncWorkspacesJob, WatchWorkspacesJob, close_run, sync_workspaces, watch_workspaces};
use crate::accounts::{fetch_account, test_connection};
use crate::events;
use crate::run::JobError;
use crate::testing::{FakeFleet, Harness, RecordedRun, observed};

struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    async fn new(count: usize) -> Self {
        let harness = Harness::new(FakeFleet::with(count, &WorkspaceState::Available)).await;
        let account = harness.account().await;
        Self { harness, account }
    }

    fn job(&self) -> SyncWorkspacesJob {
        SyncWorkspacesJob { account_id: self.account, region: self.harness.region() }
    }

    /// One attempt of a job.
    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        sync_workspaces(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &self.job(), run).await
    }

    /// A job of its own that must end well.
    async fn sync(&self) -> SyncDone {
        self.attempt(&RecordedRun::new(self.harness.job_id())).await.unwrap()
    }

    async fn run_row(&self) -> SyncRunRecord {
        sync_runs::sync_run_latest(&self.harness.ctx.db, &Scope::Everything, SyncKind::Workspaces)
            .await
            .unwrap()
            .remove(0)
    }

    /// The AWS ids that the database holds: those that are there, and those that are gone.
    async fn known(&self) -> (u64, u64) {
        (self.harness.count(false).await, self.harness.count(true).await)
    }
}

#[tokio::test]
async fn a_whole_run_brings_everything_in_and_a_second_finds_nothing_new() {
    let trial = Trial::new(60).await;
    let first = trial.sync().await;
    assert_eq!(first.outcome, SyncOutcome::Whole, "{:?}", first.report);
    let report = &first.report;
    assert_eq!((report.seen, report.added, report.changed, report.gone), (60, 60, 0, 0));
    assert_eq!((report.directories, report.bundles, report.connections, report.tags_read), (1, 3, 60, 40));
    assert_eq!(trial.known().await, (60, 0));
    // 3 pages of WorkSpaces, 3 of connections, directories, stages, bundles, tags.
    assert_eq!(report.aws_calls, 3 + 3 + 1 + 1 + 1 + 40);
    let row = trial.run_row().await;
    assert_eq!((row.outcome, row.report, row.checkpoint), (SyncOutcome::Whole, first.report, None));

    trial.harness.advance(300);
    let second = trial.sync().await.report;
    assert_eq!((second.added, second.changed, second.unchanged), (0, 0, 60));
    assert!(second.tags_read >= 20, "those never read come first: {}", second.tags_read);
}

#[tokio::test]
async fn states_that_changed_are_told_one_by_one() {
    let trial = Trial::new(3).await;
    trial.sync().await;
    let before = events::latest_event_id(&trial.harness.ctx).await.unwrap();
    trial.harness.fleet.change(|s| s.workspaces.get_mut("ws-000000001").unwrap().state = WorkspaceState::Stopping);
    let report = trial.sync().await.report;
    assert_eq!((report.changed, report.unchanged, report.in_transition), (1, 2, 1));
    let told = events::events_after(&trial.harness.ctx, before, 100).await.unwrap();
    let states: Vec<_> = told
        .iter()
        .filter_map(|record| match &record.event {
            Event::WorkspaceState { user_name, state, before, .. } => {
                Some((user_name.as_str(), state.clone(), before.clone()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(states, [("user1", WorkspaceState::Stopping, Some(WorkspaceState::Available))]);
    assert!(told.iter().any(|record| matches!(record.event, Event::FleetChanged { rows: 1, .. })), "{told:?}");
    assert_eq!(trial.harness.queued("watch-workspaces").await, 1, "what moves is watched");
}

#[tokio::test]
async fn what_the_endpoint_lacks_makes_the_run_partial_and_names_it() {
    let trial = Trial::new(5).await;
    let operation = "workspaces:DescribeWorkspacesConnectionStatus";
    trial.harness.fleet.fail(operation, CloudError::Unsupported { operation: operation.into() });
    let done = trial.sync().await;
    assert_eq!(done.outcome, SyncOutcome::Partial);
    assert_eq!((done.report.seen, done.report.bundles, done.report.tags_read), (5, 3, 5));
    let problems: Vec<_> = done.report.problems.iter().map(|p| (p.operation.as_str(), p.code.as_str())).collect();
    assert_eq!(problems, [(operation, "unsupported")]);
}

#[tokio::test]
async fn a_denied_inventory_fails_and_names_the_permission() {
    let trial = Trial::new(5).await;
    let permission = "workspaces:DescribeWorkspaces";
    trial
        .harness
        .fleet
        .fail(permission, CloudError::Denied { operation: permission.into(), permission: permission.into() });
    let error = trial.attempt(&RecordedRun::new(trial.harness.job_id())).await.unwrap_err();
    assert!(matches!(&error, JobError::Fail { message } if message.contains(permission)), "{error:?}");
    let row = trial.run_row().await;
    assert_eq!(row.outcome, SyncOutcome::Failed);
    assert_eq!(row.report.problems[0].missing_permission.as_deref(), Some(permission));
    assert_eq!(row.report.directories, 1, "what could be read is in");
}

#[tokio::test]
async fn a_page_that_fails_loses_nothing_and_hides_nothing() {
    let trial = Trial::new(100).await;
    trial.sync().await;
    trial.harness.advance(300);
    trial.harness.fleet.change(|s| {
        // One is gone from the part that is read before the fault, one from the part after it.
        s.workspaces.remove("ws-000000003");
        s.workspaces.remove("ws-000000090");
        s.page_faults.insert(50, CloudError::Throttled { operation: "workspaces:DescribeWorkspaces".into() });
        s.pages_read.clear();
    });
    let run = RecordedRun::new(trial.harness.job_id());
    let error = trial.attempt(&run).await.unwrap_err();
    assert!(matches!(error, JobError::Retry { .. }), "{error:?}");
    assert_eq!(trial.known().await, (100, 0), "nothing is gone before every page was read");
    assert_eq!(trial.run_row().await.outcome, SyncOutcome::Running, "the run stays open for the next attempt");

    let done = trial.attempt(&run).await.unwrap();
    assert_eq!(
        trial.harness.fleet.change(|s| s.pages_read.clone()),
        [0, 25, 50, 50, 75],
        "it went on where it stopped"
    );
    assert_eq!(done.outcome, SyncOutcome::Whole);
    assert_eq!((done.report.seen, done.report.gone), (98, 2));
    assert_eq!(trial.known().await, (98, 2));
}

#[tokio::test]
async fn a_token_that_aws_forgot_means_beginning_again() {
    let trial = Trial::new(60).await;
    trial.harness.fleet.change(|s| {
        s.page_faults.insert(25, CloudError::Throttled { operation: "workspaces:DescribeWorkspaces".into() });
    });
    let run = RecordedRun::new(trial.harness.job_id());
    trial.attempt(&run).await.unwrap_err();
    // A stale token is refused once; the run then begins at the first page, whose tokens are good.
    trial.harness.fleet.change(|s| {
        s.page_faults.insert(
            25,
            CloudError::Refused {
                operation: "workspaces:DescribeWorkspaces".into(),
                code: "InvalidParameterValuesException".into(),
                reason: "the token has expired".into(),
            },
        );
        s.pages_read.clear();
    });
    let done = trial.attempt(&run).await.unwrap();
    assert_eq!(trial.harness.fleet.change(|s| s.pages_read.clone()), [25, 0, 25, 50]);
    assert_eq!((done.outcome, done.report.seen), (SyncOutcome::Whole, 60));
    assert!(done.report.problems.is_empty(), "{:?}", done.report.problems);
}

#[tokio::test]
async fn the_run_of_a_dead_job_is_closed_with_its_reason() {
    let trial = Trial::new(60).await;
    trial.harness.fleet.change(|s| {
        s.page_faults.insert(
            25,
            CloudError::Unavailable { operation: "workspaces:DescribeWorkspaces".into(), reason: "x".into() },
        );
    });
    let run = RecordedRun::new(trial.harness.job_id());
    let error = trial.attempt(&run).await.unwrap_err();
    close_run(&trial.harness.ctx, run.id, &error.to_string()).await.unwrap();
    let row = trial.run_row().await;
    assert_eq!(row.outcome, SyncOutcome::Partial);
    assert_eq!(row.report.problems[0].code, "unavailable");
}

#[tokio::test]
async fn the_gone_come_back() {
    let trial = Trial::new(5).await;
    trial.sync().await;
    let taken = trial.harness.fleet.change(|s| s.workspaces.remove("ws-000000002").unwrap());
    assert_eq!(trial.sync().await.report.gone, 1);
    assert_eq!(trial.known().await, (4, 1));
    trial.harness.fleet.change(|s| s.workspaces.insert(taken.aws_id.clone(), taken));
    let report = trial.sync().await.report;
    assert_eq!((report.gone, report.seen), (0, 5));
    assert_eq!(trial.known().await, (5, 0));
}

#[tokio::test]
async fn values_that_nobody_knows_are_kept_and_told_once() {
    let trial = Trial::new(40).await;
    trial.harness.fleet.change(|s| {
        for number in 0..30 {
            let workspace = observed(number, WorkspaceState::from("HIBERNATING"));
            s.workspaces.insert(workspace.aws_id.clone(), workspace);
        }
    });
    let done = trial.sync().await;
    assert_eq!(done.outcome, SyncOutcome::Whole);
    let told: Vec<_> = done.report.problems.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(told, ["unknown_value"]);
    assert!(done.report.problems[0].message.contains("HIBERNATING"));
}

#[tokio::test]
async fn a_cancelled_run_stops_and_says_so() {
    let trial = Trial::new(5).await;
    let run = RecordedRun::new(trial.harness.job_id());
    run.cancelled.store(true, Ordering::Relaxed);
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Cancelled)));
    assert_eq!(trial.run_row().await.outcome, SyncOutcome::Cancelled);
}

#[tokio::test]
async fn an_empty_fleet_is_whole_and_everything_known_is_gone() {
    let trial = Trial::new(3).await;
    trial.sync().await;
    trial.harness.fleet.change(|s| s.workspaces.clear());
    let done = trial.sync().await;
    assert_eq!((done.outcome, done.report.seen, done.report.gone), (SyncOutcome::Whole, 0, 3));
}

#[tokio::test]
async fn what_moves_is_watched_until_nothing_does() {
    let trial = Trial::new(30).await;
    trial.harness.fleet.change(|s| s.workspaces.values_mut().for_each(|one| one.state = WorkspaceState::Stopping));
    trial.sync().await;
    let ctx = &trial.harness.ctx;
    let job = WatchWorkspacesJob {
        account_id: trial.account,
        region: trial.harness.region(),
        quiet_since: trial.harness.ctx.env.now(),
    };
    let look = async || {
        let run = RecordedRun::new(trial.harness.job_id());
        watch_workspaces(ctx, Arc::new(trial.harness.fleet.clone()), &job, &run).await.unwrap()
    };
    let quiet = look().await;
    assert_eq!((quiet.moving, quiet.moved, quiet.again), (30, 0, true));
    let calls = trial.harness.fleet.change(|s| {
        s.workspaces.remove("ws-000000029");
        for (number, one) in s.workspaces.values_mut().enumerate().take(28) {
            one.state = if number < 20 { WorkspaceState::Stopped } else { WorkspaceState::Error };
        }
        s.workspaces.len()
    });
    assert_eq!(calls, 29);
    let moved = look().await;
    assert_eq!((moved.moving, moved.moved, moved.gone, moved.again), (30, 28, 1, true));
    assert_eq!(trial.known().await, (29, 1));
    trial.harness.advance(31 * 60);
    let given_up = look().await;
    assert_eq!((given_up.moving, given_up.moved, given_up.again), (1, 0, false), "half an hour without a move");
}

#[tokio::test]
async fn a_connection_test_names_what_is_missing() {
    let trial = Trial::new(3).await;
    let ctx = &trial.harness.ctx;
    let good = test_connection(ctx, &Actor::system(), trial.account).await.unwrap();
    assert!(good.ok, "{good:?}");
    assert_eq!((good.checks.len(), good.aws_account_id.as_deref()), (9, Some("123456789012")));
    let known = fetch_account(ctx, &Actor::system(), trial.account).await.unwrap().unwrap();
    assert_eq!(known.account.aws_account_id.as_deref(), Some("123456789012"));

    let operation = "workspaces:DescribeTags";
    let denied = CloudError::Denied { operation: operation.into(), permission: operation.into() };
    trial.harness.fleet.fail(operation, denied);
    let bad = test_connection(ctx, &Actor::system(), trial.account).await.unwrap();
    assert!(!bad.ok);
    let failed: Vec<_> = bad.checks.iter().filter(|check| !check.ok).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].operation.as_str(), failed[0].missing_permission.as_deref()), (operation, Some(operation)));
}
