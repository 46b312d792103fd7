//! Usage against a fake CloudWatch: everything in, forwards, cut at every request, and bad answers.

mod knowledge;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::cloud::{
    CloudError, CloudPage, CostRequest, DataApi, Metric, MetricRequest, MetricSeries, ObservedCost, ObservedTrailEvent,
    PricePage, Statistic,
};
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::sync::SyncOutcome;
use domain::usage::ConnectedInterval;
use domain::workspace::WorkspaceState;
use store::repo::api_spend::api_spend_list;
use store::repo::data_sets::data_set_fetch;
use store::repo::usage::{UsageDayRow, metric_days, usage_days, usage_intervals};

use super::super::{SyncDone, SyncUsageJob, SyncWorkspacesJob, sync_workspaces};
use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases, observed};

/// A CloudWatch that knows when who was connected.
#[derive(Clone, Default)]
struct FakeWatch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    connected: Mutex<BTreeMap<String, Vec<ConnectedInterval>>>,
    /// Requests that fail, by number, counted from 1.
    failing: Mutex<BTreeMap<u64, CloudError>>,
    /// Questions that name this WorkSpace fail, always.
    cursed: Mutex<Option<(String, CloudError)>>,
    /// What is from before is forgotten while the next question is asked.
    forget: Mutex<Option<(store::Db, DateTime<Utc>)>>,
    /// WorkSpaces for which only a part comes.
    partial: Mutex<Vec<String>>,
    /// Points of nonsense beside the right ones.
    noise: Mutex<Vec<(i64, f64)>>,
    requests: AtomicU64,
    asked: Mutex<Vec<MetricRequest>>,
}

impl FakeWatch {
    fn connect(&self, number: usize, from: &str, to: &str) {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp();
        let piece = ConnectedInterval::new(at(from), at(to)).unwrap();
        self.0.connected.lock().unwrap().entry(format!("ws-{number:09}")).or_default().push(piece);
    }

    fn fail(&self, request: u64, error: CloudError) {
        self.0.failing.lock().unwrap().insert(self.0.requests.load(Ordering::Relaxed) + request, error);
    }

    fn series(&self, request: &MetricRequest, at: usize) -> MetricSeries {
        let query = &request.queries[at];
        let period = i64::from(request.period_secs);
        let (from, to) = (request.from.timestamp(), request.to.timestamp());
        let slots = (from..to).step_by(usize::try_from(period).unwrap());
        let mut series = MetricSeries { query: at, complete: true, ..MetricSeries::default() };
        if query.metric == Metric::UserConnected {
            let connected = self.0.connected.lock().unwrap();
            let pieces = connected.get(&query.aws_id).cloned().unwrap_or_default();
            for slot in slots {
                let touched = pieces.iter().any(|piece| piece.start < slot + period && slot < piece.end);
                series.timestamps.push(slot);
                series.values.push(f64::from(u8::from(touched)));
            }
            for (at, value) in self.0.noise.lock().unwrap().iter() {
                series.timestamps.push(*at);
                series.values.push(*value);
            }
        } else {
            for slot in slots {
                series.timestamps.push(slot);
                series.values.push(if query.statistic == Statistic::Maximum { 90.0 } else { 12.5 });
            }
        }
        if self.0.partial.lock().unwrap().contains(&query.aws_id) {
            series.complete = false;
            series.timestamps.truncate(3);
            series.values.truncate(3);
        }
        series
    }
}

fn unasked() -> CloudError {
    CloudError::Unsupported { operation: "not asked here".to_owned() }
}

#[async_trait]
impl DataApi for FakeWatch {
    async fn metric_page(
        &self,
        request: &MetricRequest,
        next_token: Option<String>,
    ) -> Result<CloudPage<MetricSeries>, CloudError> {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(error) = self.0.failing.lock().unwrap().remove(&number) {
            return Err(error);
        }
        let forget = self.0.forget.lock().unwrap().take();
        if let Some((db, before)) = forget {
            usage_coverage::usage_coverage_forget(&db, before, 100).await.unwrap();
        }
        if let Some((aws_id, error)) = self.0.cursed.lock().unwrap().clone()
            && request.queries.iter().any(|query| query.aws_id == aws_id)
        {
            return Err(error);
        }
        assert!(request.queries.len() <= MetricRequest::MAX_QUERIES, "AWS takes no more");
        let points = (request.to - request.from).num_seconds() / i64::from(request.period_secs);
        assert!(points * i64::try_from(request.queries.len()).unwrap() <= 100_800, "AWS gives no more");
        // In pages of 3 series.
        let first: usize = next_token.map_or(0, |token| token.parse().unwrap());
        let last = (first + 3).min(request.queries.len());
        if first == 0 {
            self.0.asked.lock().unwrap().push(request.clone());
        }
        Ok(CloudPage {
            items: (first..last).map(|at| self.series(request, at)).collect(),
            next_token: (last < request.queries.len()).then(|| last.to_string()),
        })
    }

    async fn trail_page(
        &self,
        _: &str,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
        _: Option<String>,
    ) -> Result<CloudPage<ObservedTrailEvent>, CloudError> {
        Err(unasked())
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

struct Trial {
    harness: Harness,
    account: AccountId,
    watch: FakeWatch,
}

impl Trial {
    /// A place with so many WorkSpaces in the inventory; the clock stands at noon of 1 March 2026. `None` without a server.
    async fn new(backend: store::Backend, count: usize) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::with(count, &WorkspaceState::Available)).await?;
        let account = harness.account().await;
        let trial = Self { harness, account, watch: FakeWatch::default() };
        trial.inventory().await;
        Some(trial)
    }

    async fn inventory(&self) {
        let job = SyncWorkspacesJob { account_id: self.account, region: self.harness.region() };
        let run = RecordedRun::new(self.harness.job_id());
        sync_workspaces(&self.harness.ctx, Arc::new(self.harness.fleet.clone()), &job, &run).await.unwrap();
    }

    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        let job = SyncUsageJob { account_id: self.account, region: self.harness.region() };
        sync_usage(&self.harness.ctx, Arc::new(self.watch.clone()), &job, run).await
    }

    async fn sync(&self) -> SyncDone {
        self.attempt(&RecordedRun::new(self.harness.job_id())).await.unwrap()
    }

    fn id(&self, number: usize) -> WorkspaceId {
        WorkspaceId::derive(self.account, &self.harness.region(), &format!("ws-{number:09}"))
    }

    async fn days(&self, number: usize) -> Vec<UsageDayRow> {
        let (from, to) = (day("2024-01-01"), day("2027-01-01"));
        usage_days(&self.harness.ctx.db, &Scope::Everything, self.id(number), from, to).await.unwrap()
    }

    async fn intervals(&self, number: usize) -> Vec<(String, String)> {
        let (from, to) = ("2024-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let all = usage_intervals(&self.harness.ctx.db, &Scope::Everything, self.id(number), from, to).await.unwrap();
        let text = |at: Option<DateTime<Utc>>| at.unwrap().format("%m-%d %H:%M").to_string();
        all.iter().map(|piece| (text(piece.started_at()), text(piece.ended_at()))).collect()
    }

    /// Everything that a run leaves behind, for comparison.
    async fn state(&self, count: usize) -> Vec<(Vec<UsageDayRow>, Vec<(String, String)>, usize)> {
        let mut all = Vec::new();
        for number in 0..count {
            let (from, to) = (day("2024-01-01"), day("2027-01-01"));
            let measures =
                metric_days(&self.harness.ctx.db, &Scope::Everything, self.id(number), from, to).await.unwrap();
            all.push((self.days(number).await, self.intervals(number).await, measures.len()));
        }
        all
    }

    async fn spent(&self) -> (i64, i64) {
        let days = api_spend_list(&self.harness.ctx.db, &Scope::Everything, None, day("2026-01-01"), day("2027-01-01"))
            .await
            .unwrap();
        days.iter().fold((0, 0), |(requests, cost), row| (requests + row.requests, cost + row.amount_e10))
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn piece(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

fn unavailable() -> CloudError {
    CloudError::Unavailable { operation: OPERATION.to_owned(), reason: "the connection broke".to_owned() }
}

both_databases! {
    async fn a_first_run_reads_the_past_and_a_later_one_goes_on(backend) {
        let Some(trial) = Trial::new(backend, 7).await else { return };
        trial.watch.connect(1, "2026-01-30T23:30:00Z", "2026-01-31T01:10:00Z");
        trial.watch.connect(1, "2026-03-01T08:03:00Z", "2026-03-01T13:20:00Z");
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report);
        assert_eq!(trial.intervals(1).await, [
            piece("01-30 23:00", "01-31 01:10"),
            piece("03-01 08:00", "03-01 12:00"),
        ]);
        let days = trial.days(1).await;
        let shown: Vec<_> = days
            .iter()
            .map(|d| (d.day, d.hour_mask.count(), d.connected_minutes, d.sessions, d.resolution_secs))
            .collect();
        assert_eq!(shown, [
            (day("2026-01-30"), 1, 60, 1, 3600),
            (day("2026-01-31"), 2, 70, 0, 300),
            (day("2026-03-01"), 4, 240, 1, 300),
        ]);
        assert_eq!(trial.days(2).await, []);
        // 7 series of connections by the hour, 7 by five minutes, 70 of measures: paid once however many pages they had.
        assert_eq!(done.report.cost_e10, 84 * request::METRIC_E10);
        assert_eq!(trial.spent().await, (84, 84 * request::METRIC_E10));
        let set = data_set_fetch(
            &trial.harness.ctx.db, trial.account, &trial.harness.region(), SyncKind::Usage,
        ).await.unwrap();
        // 62 days back from noon of 1 March is 29 December: before February's first, and read by the hour.
        assert_eq!(set.covered_from, Some("2025-12-29T00:00:00Z".parse().unwrap()));
        assert_eq!(set.covered_to, Some("2026-03-01T12:00:00Z".parse().unwrap()));

        trial.harness.advance(3 * 3600);
        trial.watch.0.asked.lock().unwrap().clear();
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report);
        assert_eq!(trial.intervals(1).await[1], piece("03-01 08:00", "03-01 13:20"));
        assert_eq!(trial.days(1).await[2].connected_minutes, 320);
        let asked = trial.watch.0.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 1, "the measures of the days that are over are known");
        assert_eq!(asked[0].from, "2026-03-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(done.report.cost_e10, 7 * request::METRIC_E10);
    }

    async fn a_run_that_is_cut_anywhere_ends_as_one_that_was_not(backend) {
        let fill = |watch: &FakeWatch| {
            for number in 0..12 {
                watch.connect(number, &format!("2026-02-{:02}T22:10:00Z", number + 1), &format!("2026-02-{:02}T03:00:00Z", number + 2));
                watch.connect(number, "2026-03-01T07:00:00Z", "2026-03-01T18:00:00Z");
            }
        };
        let Some(whole) = Trial::new(backend, 12).await else { return };
        fill(&whole.watch);
        whole.sync().await;
        let (requests, expected) = (whole.watch.calls(), whole.state(12).await);
        assert!(requests > 8 && expected.iter().all(|(days, _, measures)| days.len() == 3 && *measures == 31 * 5), "{requests} {expected:?}");
        for cut in 1..=requests {
            let Some(trial) = Trial::new(backend, 12).await else { return };
            fill(&trial.watch);
            trial.watch.fail(cut, unavailable());
            let run = RecordedRun::new(trial.harness.job_id());
            let first = trial.attempt(&run).await;
            assert!(matches!(first, Err(JobError::Retry { .. })), "cut at {cut}: {first:?}");
            let done = trial.attempt(&run).await.unwrap();
            assert_eq!(done.outcome, SyncOutcome::Whole, "cut at {cut}: {:?}", done.report);
            assert!(trial.state(12).await == expected, "cut at {cut}");
        }
    }

    async fn what_comes_only_in_part_waits_for_the_next_run(backend) {
        let Some(trial) = Trial::new(backend, 3).await else { return };
        for number in 0..3 {
            trial.watch.connect(number, "2026-03-01T07:00:00Z", "2026-03-01T09:00:00Z");
        }
        trial.watch.0.partial.lock().unwrap().push("ws-000000001".to_owned());
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Partial, "{:?}", done.report);
        assert!(done.report.problems[0].message.contains("1 WorkSpaces"), "{:?}", done.report.problems);
        assert_eq!((trial.days(0).await.len(), trial.days(1).await.len()), (1, 0));
        trial.watch.0.partial.lock().unwrap().clear();
        trial.harness.advance(600);
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
        assert_eq!((trial.days(0).await, trial.days(1).await.len()), (trial.days(2).await, 1));
        assert_eq!(trial.state(3).await[1].2, 31 * 5, "the measures too");
    }

    async fn a_clock_that_was_ahead_leaves_no_hole(backend) {
        let Some(trial) = Trial::new(backend, 2).await else { return };
        trial.harness.advance(40 * 86_400);
        trial.sync().await;
        trial.harness.advance(-39 * 86_400);
        trial.watch.connect(1, "2026-03-01T14:00:00Z", "2026-03-01T15:00:00Z");
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Whole);
        assert_eq!(trial.intervals(1).await, [piece("03-01 14:00", "03-01 15:00")]);
        assert_eq!(done.report.cost_e10 / request::METRIC_E10, 2 * 2 + 20, "it is read again once");
    }
}

#[tokio::test]
async fn workspaces_found_later_have_their_own_past_and_gone_ones_their_end() {
    let trial = Trial::new(store::Backend::Sqlite, 2).await.unwrap();
    trial.sync().await;
    trial.harness.fleet.change(|s| {
        let found = observed(9, WorkspaceState::Available);
        s.workspaces.insert(found.aws_id.clone(), found);
        s.workspaces.remove("ws-000000001");
    });
    trial.harness.advance(3600);
    trial.inventory().await;
    for number in [1, 9] {
        trial.watch.connect(number, "2026-03-01T10:00:00Z", "2026-03-01T12:40:00Z");
    }
    trial.sync().await;
    assert_eq!(trial.intervals(9).await, [piece("03-01 10:00", "03-01 12:40")]);
    assert_eq!(trial.intervals(1).await, [piece("03-01 10:00", "03-01 12:40")], "the last hours of one that is gone");
    trial.harness.advance(3600);
    trial.watch.0.asked.lock().unwrap().clear();
    trial.sync().await;
    let asked = trial.watch.0.asked.lock().unwrap().clone();
    assert_eq!(
        asked.iter().map(|request| request.queries.len()).sum::<usize>(),
        2,
        "the one that is gone is read no more"
    );
}

#[tokio::test]
async fn nonsense_among_the_points_is_left_out_and_counted() {
    let trial = Trial::new(store::Backend::Sqlite, 1).await.unwrap();
    trial.watch.connect(0, "2026-03-01T10:00:00Z", "2026-03-01T10:30:00Z");
    let noon = "2026-03-01T11:00:00Z".parse::<DateTime<Utc>>().unwrap().timestamp();
    *trial.watch.0.noise.lock().unwrap() = vec![(noon, f64::NAN), (noon, -3.0), (noon + 90_000, 1.0), (0, 1.0)];
    let done = trial.sync().await;
    assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report.problems);
    assert!(done.report.skipped >= 4, "{:?}", done.report);
    assert_eq!(trial.intervals(0).await, [piece("03-01 10:00", "03-01 10:30")]);
}

#[tokio::test]
async fn a_missing_permission_is_named_and_nothing_is_taken_for_known() {
    let trial = Trial::new(store::Backend::Sqlite, 2).await.unwrap();
    let denied = CloudError::Denied { operation: OPERATION.to_owned(), permission: OPERATION.to_owned() };
    trial.watch.fail(1, denied);
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Fail { .. })));
    let kind = SyncKind::Usage;
    let set = data_set_fetch(&trial.harness.ctx.db, trial.account, &trial.harness.region(), kind).await.unwrap();
    assert_eq!((set.missing_permission.as_deref(), set.covered_to), (Some(OPERATION), None));
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
}

#[tokio::test]
async fn a_place_whose_workspaces_were_never_read_says_so() {
    let harness = Harness::new(FakeFleet::with(3, &WorkspaceState::Available)).await;
    let account = harness.account().await;
    let trial = Trial { harness, account, watch: FakeWatch::default() };
    let done = trial.sync().await;
    assert_eq!((done.outcome, trial.watch.calls()), (SyncOutcome::Partial, 0));
    assert_eq!(done.report.problems[0].code, "inventory_unread");
    trial.inventory().await;
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
}

#[tokio::test]
async fn a_place_without_workspaces_is_whole_and_asks_nothing() {
    let trial = Trial::new(store::Backend::Sqlite, 0).await.unwrap();
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
    assert_eq!(trial.watch.calls(), 0);
}
