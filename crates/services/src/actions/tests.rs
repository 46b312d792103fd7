//! Actions against a fake AWS: guards, half-failed batches, and attempts that died before they heard the answer.

use domain::access::Role;
use domain::cloud::CloudError;
use domain::ids::{AccountId, WorkspaceId};
use domain::jobs::{ItemOutcome, JobState};
use domain::workspace::{RunningMode, WorkspaceAction, WorkspaceOrder, WorkspaceState};
use store::queue::{claim, effect_once};
use store::repo::jobs::{JobScope, job_fetch};
use store::repo::workspaces::{WorkspaceRecord, workspace_tags, workspaces_fetch_many};

use super::{
    ActionError, ActionReport, ActionTarget, WorkspaceActionJob, may_repeat, request_action, run_workspace_action,
};
use crate::jobs::{JobItemRequest, JobItems, JobsError, fetch_job, job_items, name_items};
use crate::run::JobError;
use crate::sync::{SyncWorkspacesJob, sync_workspaces};
use crate::testing::{ClaimedRun, FakeFleet, Harness, RecordedRun};

struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    /// A fleet in one state, synced.
    async fn new(count: usize, state: WorkspaceState) -> Self {
        let harness = Harness::new(FakeFleet::with(count, &state)).await;
        let account = harness.account().await;
        let job = SyncWorkspacesJob { account_id: account, region: harness.region() };
        let api = std::sync::Arc::new(harness.fleet.clone());
        sync_workspaces(&harness.ctx, api, &job, &RecordedRun::new(harness.job_id())).await.unwrap();
        Self { harness, account }
    }

    fn id(&self, number: usize) -> WorkspaceId {
        WorkspaceId::derive(self.account, &self.harness.region(), &aws_id(number))
    }

    /// The job of an action that has to be told nothing.
    fn job(&self, action: WorkspaceAction, numbers: std::ops::Range<usize>) -> WorkspaceActionJob {
        self.job_of(WorkspaceOrder::plain(action).unwrap(), numbers)
    }

    fn job_of(&self, order: WorkspaceOrder, numbers: std::ops::Range<usize>) -> WorkspaceActionJob {
        let target = |number| ActionTarget {
            id: self.id(number),
            aws_id: aws_id(number),
            account_id: self.account,
            region: self.harness.region(),
        };
        WorkspaceActionJob { order, targets: numbers.map(target).collect() }
    }

    async fn attempt(&self, job: &WorkspaceActionJob, run: &RecordedRun) -> Result<ActionReport, JobError> {
        run_workspace_action(&self.harness.ctx, job, run).await
    }

    fn sent(&self) -> Vec<usize> {
        self.harness.fleet.change(|s| s.actions.iter().map(|(_, ids)| ids.len()).collect())
    }

    async fn record(&self, number: usize) -> WorkspaceRecord {
        let scope = domain::access::Scope::Everything;
        let found = workspaces_fetch_many(&self.harness.ctx.db, &scope, &[self.id(number)]).await.unwrap();
        found.into_iter().next().unwrap()
    }

    async fn state(&self, number: usize) -> WorkspaceState {
        self.record(number).await.state
    }
}

fn aws_id(number: usize) -> String {
    format!("ws-{number:09}")
}

#[tokio::test]
async fn a_request_makes_one_job_of_what_is_accepted_and_a_dry_run_none() {
    let trial = Trial::new(4, WorkspaceState::Available).await;
    let (ctx, operator) = (&trial.harness.ctx, trial.harness.actor(Role::Operator));
    let unknown = WorkspaceId(uuid::Uuid::from_u128(1));
    let ids = [trial.id(0), unknown, trial.id(1), trial.id(0)];
    let dry = request_action(ctx, &operator, &WorkspaceOrder::Stop, &ids, true).await.unwrap();
    assert_eq!((dry.job_id, dry.accepted(), dry.refused()), (None, 2, 1));
    let plan = request_action(ctx, &operator, &WorkspaceOrder::Stop, &ids, false).await.unwrap();
    let job = job_fetch(&ctx.db, &JobScope::everything(), plan.job_id.unwrap()).await.unwrap().unwrap();
    let payload: WorkspaceActionJob = serde_json::from_value(job.payload).unwrap();
    assert_eq!(payload, trial.job(WorkspaceAction::Stop, 0..2));
    assert_eq!((job.kind.as_str(), job.subject.as_str()), ("workspace-action", "Stop 2 WorkSpaces"));
    assert_eq!(job.created_by, operator.user_id);

    let refused = request_action(ctx, &operator, &WorkspaceOrder::Start, &ids, false).await.unwrap();
    assert_eq!((refused.job_id, refused.accepted()), (None, 0));
    let viewer = trial.harness.actor(Role::Viewer);
    let forbidden = request_action(ctx, &viewer, &WorkspaceOrder::Stop, &ids, false).await;
    assert!(matches!(forbidden, Err(ActionError::Forbidden(_))));
    assert!(matches!(request_action(ctx, &operator, &WorkspaceOrder::Stop, &[], true).await, Err(ActionError::Empty)));
}

#[tokio::test]
async fn a_member_can_stop_their_own_desktop_only() {
    let trial = Trial::new(5, WorkspaceState::Available).await;
    // The harness's people are user3@example.com.
    let member = trial.harness.actor(Role::Member);
    let ids = [trial.id(2), trial.id(3)];
    let plan = request_action(&trial.harness.ctx, &member, &WorkspaceOrder::Stop, &ids, true).await.unwrap();
    let told: Vec<_> = plan.items.iter().map(|item| (item.accepted, item.code, item.aws_id.is_some())).collect();
    assert_eq!(told, [(false, Some("not_found"), false), (true, None, true)]);
}

#[tokio::test]
async fn a_half_failed_batch_is_told_apart() {
    let trial = Trial::new(30, WorkspaceState::Available).await;
    trial.harness.fleet.change(|s| s.refuse.extend([aws_id(3), aws_id(27)]));
    let job = trial.job(WorkspaceAction::Stop, 0..30);
    let report = trial.attempt(&job, &RecordedRun::new(trial.harness.job_id())).await.unwrap();
    assert_eq!((report.done, report.failed), (28, 2));
    let failed: Vec<_> = report.items.iter().filter(|item| !item.ok).map(|item| item.aws_id.clone()).collect();
    assert_eq!(failed, [aws_id(3), aws_id(27)]);
    assert_eq!(report.items[3].code.as_deref(), Some("ResourceUnavailable.Fault"));
    assert_eq!(trial.sent(), [25, 5]);
    assert_eq!((trial.state(0).await, trial.state(3).await), (WorkspaceState::Stopping, WorkspaceState::Available));
    assert_eq!(trial.harness.queued("watch-workspaces").await, 1);
}

#[tokio::test]
async fn what_is_done_is_told_while_the_rest_is_still_to_come() {
    let trial = Trial::new(30, WorkspaceState::Available).await;
    let (ctx, operator) = (&trial.harness.ctx, trial.harness.actor(Role::Operator));
    let ids: Vec<_> = (0..30).map(|number| trial.id(number)).collect();
    let id = request_action(ctx, &operator, &WorkspaceOrder::Stop, &ids, false).await.unwrap().job_id.unwrap();
    let kinds = [WorkspaceActionJob::NAME.to_owned()];
    let claimed = claim(&ctx.db, "worker", &kinds, 1, ctx.env.now()).await.unwrap().pop().unwrap();
    assert!(fetch_job(ctx, &operator, id).await.unwrap().unwrap().so_far.is_none(), "nothing is done yet");

    // The second batch was sent by an attempt that died, and AWS does not say what became of it.
    trial.harness.fleet.change(|s| s.refuse.insert(aws_id(3)));
    assert!(effect_once(&ctx.db, id, &format!("{}:1:0", WorkspaceAction::Stop), ctx.env.now()).await.unwrap());
    let operation = "workspaces:DescribeWorkspaces";
    let silent = CloudError::Unavailable { operation: operation.into(), reason: "the connection broke".into() };
    trial.harness.fleet.fail(operation, silent);
    let job = trial.job(WorkspaceAction::Stop, 0..30);
    let ended = run_workspace_action(ctx, &job, &ClaimedRun(claimed.lease)).await;
    assert!(matches!(ended, Err(JobError::Retry { .. })), "{ended:?}");

    let mut detail = fetch_job(ctx, &operator, id).await.unwrap().unwrap();
    let first = JobItemRequest { limit: 2, ..JobItemRequest::default() };
    let page = job_items(&operator, &detail, &first).unwrap();
    let shown: Vec<_> = page.rows.iter().map(|item| (item.aws_id.clone(), item.outcome)).collect();
    assert_eq!(shown, [(aws_id(3), ItemOutcome::Failed), (aws_id(0), ItemOutcome::Done)], "the failed one is first");
    // Whose they are is told who may see them.
    let named = name_items(ctx, &operator, &detail.job, page.clone()).await.unwrap();
    let users: Vec<_> = named.rows.iter().map(|item| item.user_name.as_deref()).collect();
    assert_eq!(users, [Some("user3"), Some("user0")]);
    let named = name_items(ctx, &trial.harness.actor(Role::Member), &detail.job, page.clone()).await.unwrap();
    let users: Vec<_> = named.rows.iter().map(|item| item.user_name.as_deref()).collect();
    assert_eq!(users, [Some("user3"), None], "of their own desktop alone");
    let counted = |items: &JobItems| {
        let of = |outcome: &ItemOutcome| items.counts.get(outcome).copied();
        ItemOutcome::ALL.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!((page.total, counted(&page)), (30, vec![Some(1), None, Some(24), Some(5)]));
    let rest = JobItemRequest { outcomes: vec![ItemOutcome::Waiting], offset: 4, limit: 10 };
    let page = job_items(&operator, &detail, &rest).unwrap();
    assert_eq!((page.rows.len(), page.rows[0].aws_id.clone(), page.total), (1, aws_id(29), 5));
    assert_eq!(page.order, Some(WorkspaceOrder::Stop));
    assert_eq!(job_items(&trial.harness.actor(Role::Viewer), &detail, &rest).unwrap().order, None);
    // Of a job that has ended nothing waits any more.
    detail.job.state = JobState::Cancelled;
    let page = job_items(&operator, &detail, &first).unwrap();
    assert_eq!(counted(&page), [Some(1), Some(5), Some(24), None]);
    assert_eq!(page.rows[1].outcome, ItemOutcome::Skipped);

    let so_far = detail.so_far.unwrap();
    assert!(detail.job.result.is_none());
    assert_eq!((so_far["done"].as_u64(), so_far["failed"].as_u64()), (Some(24), Some(1)), "{so_far}");
    let items = so_far["items"].as_array().unwrap();
    assert_eq!((items.len(), items[3]["ok"].as_bool()), (25, Some(false)));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_not_asked_for_twice() {
    let trial = Trial::new(30, WorkspaceState::Available).await;
    trial.harness.fleet.change(|s| s.lose_answer = true);
    let (job, run) = (trial.job(WorkspaceAction::Stop, 0..30), RecordedRun::new(trial.harness.job_id()));
    let error = trial.attempt(&job, &run).await.unwrap_err();
    assert!(matches!(error, JobError::Retry { .. }), "{error:?}");
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, report.failed), (30, 0));
    assert_eq!(trial.sent(), [25, 5], "the first batch was sent once");
    let again = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((again.done, trial.sent().len()), (30, 2), "a job that is run once more does nothing");
}

#[tokio::test]
async fn a_note_without_a_call_is_sorted_out_by_what_aws_shows() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    // Killed between the note and the call.
    for (action, expected) in
        [(WorkspaceAction::Stop, (2, 0)), (WorkspaceAction::Reboot, (0, 2)), (WorkspaceAction::Terminate, (2, 0))]
    {
        trial.harness.fleet.change(|s| {
            s.actions.clear();
            s.workspaces.values_mut().for_each(|one| one.state = WorkspaceState::Available);
        });
        let (job, run) = (trial.job(action, 0..2), RecordedRun::new(trial.harness.job_id()));
        let now = trial.harness.ctx.env.now();
        assert!(effect_once(&trial.harness.ctx.db, run.id, &format!("{action}:0:0"), now).await.unwrap());
        let report = trial.attempt(&job, &run).await.unwrap();
        assert_eq!((report.done, report.failed), expected, "{action}");
        let sent: &[usize] = if action == WorkspaceAction::Reboot { &[] } else { &[2] };
        assert_eq!(trial.sent(), sent, "{action}");
    }
}

#[tokio::test]
async fn what_aws_throttles_is_tried_again_and_what_it_denies_is_told() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    let operation = "workspaces:StopWorkspaces".to_owned();
    trial.harness.fleet.fail("workspaces:Act", CloudError::Throttled { operation: operation.clone() });
    let (job, run) = (trial.job(WorkspaceAction::Stop, 0..2), RecordedRun::new(trial.harness.job_id()));
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    let denied = CloudError::Denied { operation: operation.clone(), permission: operation };
    trial.harness.fleet.fail("workspaces:Act", denied);
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, report.failed), (0, 2));
    assert!(report.items.iter().all(|item| item.code.as_deref() == Some("denied")));
    assert_eq!(trial.state(0).await, WorkspaceState::Available, "nothing is shown as done that was not");
}

#[tokio::test]
async fn an_account_that_is_gone_leaves_the_others_to_be_done() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    let mut job = trial.job(WorkspaceAction::Stop, 0..2);
    // Batches go by account, so this one comes first.
    job.targets[1].account_id = AccountId(uuid::Uuid::nil());
    let report = trial.attempt(&job, &RecordedRun::new(trial.harness.job_id())).await.unwrap();
    let told: Vec<_> = report.items.iter().map(|item| (item.ok, item.code.as_deref())).collect();
    assert_eq!(told, [(false, Some("unreachable")), (true, None)]);
    assert!(report.items[0].message.as_deref().unwrap().contains("no longer connected"));
    assert_eq!(trial.sent(), [1]);
}

#[tokio::test]
async fn a_lost_answer_that_can_t_be_asked_about_leaves_the_other_batches_to_be_done() {
    let trial = Trial::new(30, WorkspaceState::Available).await;
    let operation = "workspaces:DescribeWorkspaces";
    let denied = CloudError::Denied { operation: operation.into(), permission: operation.into() };
    trial.harness.fleet.fail(operation, denied);
    let (job, run) = (trial.job(WorkspaceAction::Stop, 0..30), RecordedRun::new(trial.harness.job_id()));
    let now = trial.harness.ctx.env.now();
    assert!(effect_once(&trial.harness.ctx.db, run.id, &format!("{}:0:0", job.order.action()), now).await.unwrap());
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, report.failed), (5, 25));
    assert_eq!(report.items[0].code.as_deref(), Some("uncertain"));
    assert_eq!(trial.sent(), [5]);
}

#[tokio::test]
async fn a_reboot_that_never_left_is_sent_by_the_next_attempt() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    let operation = "workspaces:RebootWorkspaces".to_owned();
    trial.harness.fleet.fail("workspaces:Act", CloudError::NotSent { operation, reason: "circuit open".into() });
    let (job, run) = (trial.job(WorkspaceAction::Reboot, 0..2), RecordedRun::new(trial.harness.job_id()));
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    trial.harness.fleet.change(|s| s.faults.clear());
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, report.failed, trial.sent()), (2, 0, vec![2]));
}

#[tokio::test]
async fn after_a_lost_answer_the_state_that_aws_shows_is_kept() {
    let trial = Trial::new(2, WorkspaceState::Stopped).await;
    let shown = [WorkspaceState::Error, WorkspaceState::Available];
    trial.harness.fleet.change(|s| {
        s.workspaces.values_mut().zip(shown.clone()).for_each(|(one, state)| one.state = state);
    });
    let (job, run) = (trial.job(WorkspaceAction::Start, 0..2), RecordedRun::new(trial.harness.job_id()));
    let key = format!("{}:0:0", WorkspaceAction::Start);
    assert!(effect_once(&trial.harness.ctx.db, run.id, &key, trial.harness.ctx.env.now()).await.unwrap());
    trial.attempt(&job, &run).await.unwrap();
    assert_eq!([trial.state(0).await, trial.state(1).await], shown);
    assert_eq!(trial.sent(), [0_usize; 0], "it is not sent again");
}

#[tokio::test]
async fn what_destroys_wants_a_fresh_proof_and_a_look_beforehand_does_not() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    let (ctx, mut admin) = (&trial.harness.ctx, trial.harness.actor(Role::Admin));
    for order in [WorkspaceOrder::Rebuild, WorkspaceOrder::Restore, WorkspaceOrder::Terminate] {
        admin.origin.proved_at = None;
        let look = request_action(ctx, &admin, &order, &[trial.id(0)], true).await.unwrap();
        assert_eq!((look.accepted(), look.job_id), (1, None));
        let late = request_action(ctx, &admin, &order, &[trial.id(0)], false).await;
        assert!(matches!(late, Err(ActionError::StepUp(_))), "{order:?}: {late:?}");
        admin.origin.proved_at = Some(ctx.env.now());
        let begun = request_action(ctx, &admin, &order, &[trial.id(0)], false).await.unwrap();
        assert!(begun.job_id.is_some());
        // Nor is it done once more by who proved it long ago.
        let payload = serde_json::to_value(trial.job(order.action(), 0..1)).unwrap();
        assert!(may_repeat::<JobsError>(ctx, &admin, &payload).await.is_ok());
        admin.origin.proved_at = None;
        let late = may_repeat::<JobsError>(ctx, &admin, &payload).await;
        assert!(matches!(late, Err(JobsError::StepUp(_))), "{late:?}");
    }
    for role in [Role::Operator, Role::Member, Role::Approver, Role::Auditor, Role::Viewer] {
        let actor = trial.harness.actor(role);
        let refused = request_action(ctx, &actor, &WorkspaceOrder::Terminate, &[trial.id(0)], true).await;
        assert!(matches!(refused, Err(ActionError::Forbidden(_))), "{role}");
    }
    let many: Vec<_> = (0..501).map(|number| WorkspaceId(uuid::Uuid::from_u128(number))).collect();
    let refused = request_action(ctx, &admin, &WorkspaceOrder::Rebuild, &many, true).await;
    assert!(matches!(refused, Err(ActionError::TooMany { given: 501, most: 500 })));
    let order = WorkspaceOrder::SetRunningMode { running_mode: RunningMode::AutoStop, auto_stop_minutes: Some(90) };
    let refused = request_action(ctx, &admin, &order, &[trial.id(0)], true).await;
    assert!(matches!(refused, Err(ActionError::Values(fault)) if fault.field == "auto_stop_minutes"));
}

#[tokio::test]
async fn a_rebuild_goes_one_by_one_and_never_twice() {
    let trial = Trial::new(3, WorkspaceState::Available).await;
    trial.harness.fleet.change(|s| {
        s.refuse.insert(aws_id(1));
        s.lose_answer = true;
    });
    let (job, run) = (trial.job(WorkspaceAction::Rebuild, 0..3), RecordedRun::new(trial.harness.job_id()));
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    // It is over before the next attempt looks: as if it had never begun.
    trial.harness.fleet.change(|s| s.workspaces.get_mut(&aws_id(0)).unwrap().state = WorkspaceState::Available);
    let report = trial.attempt(&job, &run).await.unwrap();
    let told: Vec<_> = report.items.iter().map(|item| (item.ok, item.code.as_deref())).collect();
    assert_eq!(told, [(false, Some("uncertain")), (false, Some("ResourceUnavailable.Fault")), (true, None)]);
    assert_eq!(trial.sent(), [1, 1, 1], "each was sent once");
    assert_eq!(trial.state(2).await, WorkspaceState::Rebuilding);
    trial.attempt(&job, &run).await.unwrap();
    assert_eq!(trial.sent().len(), 3, "a job that is run once more does nothing");
}

#[tokio::test]
async fn a_termination_whose_answer_was_lost_is_done_when_aws_shows_nothing() {
    let trial = Trial::new(2, WorkspaceState::Stopped).await;
    trial.harness.fleet.change(|s| s.lose_answer = true);
    let (job, run) = (trial.job(WorkspaceAction::Terminate, 0..2), RecordedRun::new(trial.harness.job_id()));
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    trial.harness.fleet.change(|s| s.workspaces.remove(&aws_id(0)));
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, report.failed, trial.sent()), (2, 0, vec![2]));
    assert!(trial.record(0).await.gone_at.is_some());
    assert_eq!(trial.state(1).await, WorkspaceState::Terminating);
}

#[tokio::test]
async fn a_change_of_values_is_seen_at_once_and_sent_again_only_where_it_was_not_made() {
    let trial = Trial::new(2, WorkspaceState::Available).await;
    let order = WorkspaceOrder::SetRunningMode { running_mode: RunningMode::AlwaysOn, auto_stop_minutes: None };
    let (job, run) = (trial.job_of(order, 0..2), RecordedRun::new(trial.harness.job_id()));
    trial.harness.fleet.change(|s| s.lose_answer = true);
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, trial.sent()), (2, vec![1, 1]));
    for number in 0..2 {
        let record = trial.record(number).await;
        assert_eq!((record.running_mode, record.state), (Some(RunningMode::AlwaysOn), WorkspaceState::Available));
    }

    let tags = |text: &str| [("Team".to_owned(), text.to_owned())].into();
    let order = WorkspaceOrder::SetTags { set: tags("Blue"), remove: ["Old".to_owned()].into() };
    let (job, run) = (trial.job_of(order, 0..1), RecordedRun::new(trial.harness.job_id()));
    trial.harness.fleet.change(|s| {
        s.actions.clear();
        s.lose_answer = true;
    });
    assert!(matches!(trial.attempt(&job, &run).await, Err(JobError::Retry { .. })));
    let report = trial.attempt(&job, &run).await.unwrap();
    assert_eq!((report.done, trial.sent()), (1, vec![1, 1]), "setting a tag twice changes nothing");
    let scope = domain::access::Scope::Everything;
    assert_eq!(workspace_tags(&trial.harness.ctx.db, &scope, trial.id(0)).await.unwrap(), tags("Blue"));
}
