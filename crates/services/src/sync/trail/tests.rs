//! Events against a fake CloudTrail: everything in, forwards, cut at every request, gaps, clocks and bad answers.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use domain::access::Scope;
use domain::cloud::{CloudPage, CostRequest, MetricRequest, MetricSeries, ObservedCost, PricePage, TrailResource};
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::sync::{SyncKind, SyncOutcome};
use serde_json::{Value, json};
use store::repo::data_sets::DataSetRecord;
use store::repo::trail::{TrailFilter, TrailQuery, trail_fetch, trail_list};

use super::super::{SyncDone, close_run};
use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

/// A CloudTrail, two events a page.
#[derive(Clone, Default)]
struct FakeTrail(Arc<Inner>);

#[derive(Default)]
struct Inner {
    events: Mutex<Vec<ObservedTrailEvent>>,
    /// Requests that fail, by number, counted from 1.
    failing: Mutex<BTreeMap<u64, CloudError>>,
    /// Every request for this moment fails.
    poisoned: Mutex<Option<(DateTime<Utc>, CloudError)>>,
    requests: AtomicU64,
    asked: Mutex<Vec<(DateTime<Utc>, DateTime<Utc>)>>,
}

impl FakeTrail {
    fn add(&self, event: ObservedTrailEvent) {
        self.0.events.lock().unwrap().push(event);
    }

    fn fail(&self, request: u64, error: CloudError) {
        self.0.failing.lock().unwrap().insert(self.calls() + request, error);
    }

    fn poison(&self, at: DateTime<Utc>, error: CloudError) {
        *self.0.poisoned.lock().unwrap() = Some((at, error));
    }

    fn heal(&self) {
        *self.0.poisoned.lock().unwrap() = None;
        self.0.failing.lock().unwrap().clear();
    }
}

fn unasked() -> CloudError {
    CloudError::Unsupported { operation: "not asked here".to_owned() }
}

#[async_trait]
impl DataApi for FakeTrail {
    async fn metric_page(&self, _: &MetricRequest, _: Option<String>) -> Result<CloudPage<MetricSeries>, CloudError> {
        Err(unasked())
    }

    async fn trail_page(
        &self,
        source: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        token: Option<String>,
    ) -> Result<CloudPage<ObservedTrailEvent>, CloudError> {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(error) = self.0.failing.lock().unwrap().remove(&number) {
            return Err(error);
        }
        if let Some((at, error)) = self.0.poisoned.lock().unwrap().clone()
            && (from..=to).contains(&at)
        {
            return Err(error);
        }
        let question = format!("{source} {from} {to} ");
        let first: usize =
            token.map_or(0, |token| token.strip_prefix(&question).expect("its own token").parse().unwrap());
        if first == 0 {
            self.0.asked.lock().unwrap().push((from, to));
        }
        let events = self.0.events.lock().unwrap();
        let mut of_it: Vec<_> =
            events.iter().filter(|event| event.source == source && (from..=to).contains(&event.at)).cloned().collect();
        of_it.sort_by_key(|event| std::cmp::Reverse(event.at));
        let last = (first + 2).min(of_it.len());
        let next_token = (last < of_it.len()).then(|| format!("{question}{last}"));
        Ok(CloudPage { items: of_it[first..last].to_vec(), next_token })
    }

    async fn cost_page(&self, _: &CostRequest, _: Option<String>) -> Result<CloudPage<ObservedCost>, CloudError> {
        Err(unasked())
    }

    async fn price_page(&self, _: &Region, _: Option<String>) -> Result<PricePage, CloudError> {
        Err(unasked())
    }

    fn calls(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }
}

fn event(number: usize, at: DateTime<Utc>) -> ObservedTrailEvent {
    ObservedTrailEvent {
        event_id: format!("event-{number}"),
        at,
        name: "StopWorkspaces".to_owned(),
        source: SOURCES[number % 2].to_owned(),
        read_only: Some(false),
        username: Some("alice".to_owned()),
        resources: vec![TrailResource { kind: "AWS::WorkSpaces::Workspace".into(), name: format!("ws-{number:09}") }],
        record: json!({ "userIdentity": { "type": "IAMUser", "userName": "alice", "accessKeyId": "AKIA" }, "n": number }),
        malformed: None,
    }
}

struct Trial {
    harness: Arc<Harness>,
    account: AccountId,
    trail: FakeTrail,
}

impl Trial {
    /// The clock stands at noon of 1 March 2026. `None` without a server.
    async fn new(backend: store::Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        Some(Self::of(Arc::new(harness)).await)
    }

    /// Another account in the same database.
    async fn of(harness: Arc<Harness>) -> Self {
        let account = harness.account().await;
        Self { harness, account, trail: FakeTrail::default() }
    }

    fn ago(&self, ago: Duration) -> DateTime<Utc> {
        self.harness.ctx.env.now() - ago
    }

    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        let job = SyncCloudTrailJob { account_id: self.account, region: self.harness.region() };
        sync_cloudtrail(&self.harness.ctx, Arc::new(self.trail.clone()), &job, run).await
    }

    async fn sync(&self) -> SyncDone {
        self.attempt(&RecordedRun::new(self.harness.job_id())).await.unwrap()
    }

    async fn set(&self) -> DataSetRecord {
        let region = self.harness.region();
        data_set_fetch(&self.harness.ctx.db, self.account, &region, SyncKind::CloudTrail).await.unwrap()
    }

    fn span(set: &DataSetRecord) -> (DateTime<Utc>, DateTime<Utc>) {
        (set.covered_from.unwrap(), set.covered_to.unwrap())
    }

    /// Every event: id, who, about what, the record.
    async fn state(&self) -> Vec<(String, String, Vec<WorkspaceId>, Value)> {
        let query = TrailQuery {
            filter: TrailFilter { account_ids: vec![self.account], ..TrailFilter::default() },
            cursor: None,
            limit: 1000,
        };
        let db = &self.harness.ctx.db;
        let mut all = Vec::new();
        for row in trail_list(db, &Scope::Everything, &query).await.unwrap().rows {
            let (row, detail) = trail_fetch(db, &Scope::Everything, row.id).await.unwrap().unwrap();
            all.push((row.event_id, row.actor, row.workspaces, detail));
        }
        all
    }

    async fn ids(&self) -> Vec<String> {
        self.state().await.into_iter().map(|(id, ..)| id).collect()
    }

    fn fill(&self) {
        // Some days apart, the last ones close together: several pages and pieces.
        for number in 0..12 {
            self.trail.add(event(number, self.ago(Duration::minutes(7) * i32::try_from(number).unwrap())));
        }
        for number in 12..24 {
            self.trail.add(event(number, self.ago(Duration::days(7) * i32::try_from(number - 11).unwrap())));
        }
    }
}

fn unavailable() -> CloudError {
    CloudError::Unavailable { operation: OPERATION.to_owned(), reason: "the connection broke".to_owned() }
}

fn refused(code: &str) -> CloudError {
    CloudError::Refused { operation: OPERATION.to_owned(), code: code.to_owned(), reason: "so it is".to_owned() }
}

fn named(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("event-{number}")).collect()
}

both_databases! {
    async fn a_first_run_reads_90_days_and_a_later_one_what_came_since_and_late(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.trail.add(event(1, trial.ago(Duration::hours(1))));
        trial.trail.add(event(2, trial.ago(Duration::days(89))));
        trial.trail.add(event(3, trial.ago(Duration::days(10))));
        let first = trial.ago(Duration::zero());
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report);
        assert_eq!((done.report.items_read, done.report.items_written, done.report.skipped), (3, 3, 0));
        assert_eq!(trial.ids().await, named([1, 3, 2]));
        assert_eq!(trial.trail.calls(), 10, "a quiet past takes few requests");
        let set = trial.set().await;
        assert_eq!(Trial::span(&set), (first - Duration::days(90), first));
        let state = trial.state().await;
        assert_eq!((state[0].1.as_str(), &state[0].3["userIdentity"]["accessKeyId"]), ("alice", &json!("[redacted]")));
        assert_eq!(state[0].2, [WorkspaceId::derive(trial.account, &trial.harness.region(), "ws-000000001")]);

        trial.harness.advance(300);
        trial.trail.add(event(4, trial.ago(Duration::minutes(1))));
        trial.trail.add(event(5, trial.ago(Duration::minutes(20))));
        let done = trial.sync().await;
        assert_eq!((done.report.items_read, done.report.items_written, done.report.aws_calls), (2, 2, 2));
        assert_eq!(trial.ids().await, named([4, 5, 1, 3, 2]), "the late one too");
        assert_eq!(trial.trail.0.asked.lock().unwrap().last(), Some(&(first - Duration::minutes(30), trial.ago(Duration::zero()))));
        assert_eq!(Trial::span(&trial.set().await), (first - Duration::days(90), trial.ago(Duration::zero())));
    }

    async fn a_run_that_is_cut_anywhere_ends_as_one_that_was_not(backend) {
        let Some(whole) = Trial::new(backend).await else { return };
        whole.fill();
        whole.sync().await;
        let (requests, expected) = (whole.trail.calls(), whole.state().await);
        assert!(requests > 12 && expected.len() == 24, "{requests} {expected:?}");
        for cut in 1..=requests {
            let trial = Trial::of(whole.harness.clone()).await;
            trial.fill();
            trial.trail.fail(cut, unavailable());
            let run = RecordedRun::new(trial.harness.job_id());
            let first = trial.attempt(&run).await;
            assert!(matches!(first, Err(JobError::Retry { .. })), "cut at {cut}: {first:?}");
            let done = trial.attempt(&run).await.unwrap();
            assert_eq!((done.outcome, done.report.items_written), (SyncOutcome::Whole, 24), "cut at {cut}: {:?}", done.report);
            let found: Vec<_> = trial.state().await.into_iter().map(|(id, who, _, record)| (id, who, record)).collect();
            let wanted: Vec<_> = expected.iter().cloned().map(|(id, who, _, record)| (id, who, record)).collect();
            assert!(found == wanted, "cut at {cut}");
            assert_eq!(trial.trail.calls(), requests + 1, "cut at {cut}: only what failed is asked again");
            let set = trial.set().await;
            assert_eq!((Trial::span(&set), set.gaps.len()), (Trial::span(&whole.set().await), 0), "cut at {cut}");
        }
    }

    async fn a_piece_that_can_not_be_read_is_a_gap_until_it_can(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.fill();
        let bad = trial.ago(Duration::days(30));
        trial.trail.poison(bad, refused("InvalidTimeRangeException"));
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Partial, "{:?}", done.report);
        let set = trial.set().await;
        let [gap] = set.gaps.as_slice() else { panic!("{:?}", set.gaps) };
        assert!(gap.from < bad && bad < gap.to && gap.reason.contains("InvalidTimeRangeException"), "{gap:?}");
        assert_eq!(Trial::span(&set), (trial.ago(Duration::days(90)), trial.ago(Duration::zero())));
        assert!(trial.ids().await.len() < 24);
        trial.trail.heal();
        trial.harness.advance(300);
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
        assert_eq!((trial.set().await.gaps, trial.ids().await.len()), (Vec::new(), 24));
    }

    async fn records_that_can_not_be_read_and_events_at_a_border_go_in_once(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        // The first piece of a read is seven days.
        trial.trail.add(event(1, trial.ago(Duration::days(7))));
        let malformed = Some("the record is not JSON".to_owned());
        trial.trail.add(ObservedTrailEvent { record: Value::Null, malformed, ..event(2, trial.ago(Duration::days(1))) });
        trial.trail.add(ObservedTrailEvent { record: json!({ "a\0b": "c\0d" }), ..event(3, trial.ago(Duration::days(2))) });
        trial.trail.add(ObservedTrailEvent { event_id: String::new(), ..event(4, trial.ago(Duration::days(3))) });
        let done = trial.sync().await;
        assert_eq!((done.outcome, done.report.skipped), (SyncOutcome::Whole, 2), "{:?}", done.report);
        assert_eq!((done.report.items_read, done.report.items_written), (5, 3), "one was met in two pieces");
        assert_eq!(trial.ids().await, named([2, 3, 1]));
        assert_eq!(trial.state().await[0].3, json!({ "unreadable": "the record is not JSON" }));
    }
}

#[tokio::test]
async fn a_page_that_is_never_right_is_given_up_after_three_attempts() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    let reason = "not what it should be".to_owned();
    trial
        .trail
        .poison(trial.ago(Duration::days(30)), CloudError::Malformed { operation: OPERATION.to_owned(), reason });
    let run = RecordedRun::new(trial.harness.job_id());
    for _ in 0..2 {
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
    }
    let done = trial.attempt(&run).await.unwrap();
    assert_eq!((done.outcome, trial.set().await.gaps.len()), (SyncOutcome::Partial, 1), "{:?}", done.report);
    assert!(trial.ids().await.contains(&"event-23".to_owned()), "what lies before it is in");
}

#[tokio::test]
async fn what_a_dead_job_has_read_counts_and_the_rest_is_read_by_the_next() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    trial.trail.poison(trial.ago(Duration::days(30)), unavailable());
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
    close_run(&trial.harness.ctx, run.id, "it died").await.unwrap();
    let set = trial.set().await;
    let (from, to) = Trial::span(&set);
    assert_eq!((from, to), (trial.ago(Duration::days(21)), trial.ago(Duration::zero())));
    trial.trail.heal();
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
    assert_eq!(trial.set().await.covered_from, Some(trial.ago(Duration::days(90))));
    assert_eq!(trial.ids().await.len(), 24);
}

#[tokio::test]
async fn a_refused_token_begins_the_source_again() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    trial.trail.fail(2, unavailable());
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
    trial.trail.fail(1, refused("InvalidNextTokenException"));
    let done = trial.attempt(&run).await.unwrap();
    assert_eq!((done.outcome, done.report.items_written), (SyncOutcome::Whole, 24), "{:?}", done.report);
}

#[tokio::test]
async fn a_missing_permission_is_named_and_nothing_is_taken_for_known() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    let denied = CloudError::Denied { operation: OPERATION.to_owned(), permission: OPERATION.to_owned() };
    trial.trail.fail(1, denied);
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Fail { .. })));
    let set = trial.set().await;
    assert_eq!((set.missing_permission.as_deref(), set.covered_to), (Some(OPERATION), None));
    assert_eq!(trial.trail.calls(), 1, "it is not asked again and again");
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
}

#[tokio::test]
async fn a_clock_that_was_ahead_leaves_no_hole_and_no_future() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.sync().await;
    trial.harness.advance(40 * 86_400);
    trial.sync().await;
    trial.harness.advance(-40 * 86_400 + 3600);
    trial.trail.add(event(1, trial.ago(Duration::minutes(50))));
    let done = trial.sync().await;
    assert_eq!((done.outcome, trial.ids().await), (SyncOutcome::Whole, named([1])));
    let set = trial.set().await;
    assert_eq!((Trial::span(&set).1, set.gaps.len()), (trial.ago(Duration::zero()), 0));
    // It is put right between two attempts of one run.
    trial.harness.advance(10 * 86_400);
    let run = RecordedRun::new(trial.harness.job_id());
    trial.trail.fail(1, unavailable());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
    trial.harness.advance(-10 * 86_400 + 60);
    trial.attempt(&run).await.unwrap();
    assert_eq!(Trial::span(&trial.set().await).1, trial.ago(Duration::zero()));
}

#[tokio::test]
async fn what_was_not_read_for_too_long_is_a_gap_that_stays() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.sync().await;
    let read = trial.ago(Duration::zero());
    trial.harness.advance(100 * 86_400);
    trial.trail.add(event(1, trial.ago(Duration::days(50))));
    let run = RecordedRun::new(trial.harness.job_id());
    assert_eq!(trial.attempt(&run).await.unwrap().outcome, SyncOutcome::Whole);
    assert!(run.log.lock().unwrap().iter().any(|line| line.contains("are lost")));
    assert_eq!(trial.ids().await, named([1]));
    for _ in 0..2 {
        let set = trial.set().await;
        let [gap] = set.gaps.as_slice() else { panic!("{:?}", set.gaps) };
        assert_eq!((gap.from, gap.to), (read, read + Duration::days(10)));
        assert!(gap.reason.contains("90 days"), "{gap:?}");
        trial.harness.advance(300);
        trial.sync().await;
    }
}
