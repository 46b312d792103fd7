//! Costs against a fake Cost Explorer: everything in, forwards, cut at every request, what changes, what is paid, bad answers.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::cloud::{CloudPage, CostGrouping, MetricRequest, MetricSeries, ObservedTrailEvent, PricePage};
use domain::ids::{AccountId, Region};
use domain::sync::{SyncKind, SyncOutcome};
use store::repo::api_spend::api_spend_list;
use store::repo::costs::cost_total_by_month;
use store::repo::data_sets::DataSetRecord;

use super::super::{BILLING_REGION, SyncDone};
use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

/// A Cost Explorer, 40 rows a page.
#[derive(Clone, Default)]
struct FakeBill(Arc<Inner>);

#[derive(Default)]
struct Inner {
    usage: Mutex<Vec<ObservedCost>>,
    tags: Mutex<BTreeMap<String, Vec<ObservedCost>>>,
    /// Requests that fail, by number, counted from 1, and how many times the client had sent them.
    failing: Mutex<BTreeMap<u64, (CloudError, u64)>>,
    /// What is always refused.
    refusing: Mutex<Option<(CostRequest, CloudError)>>,
    questions: AtomicU64,
    requests: AtomicU64,
    asked: Mutex<Vec<CostRequest>>,
}

const PAGE: usize = 40;

impl FakeBill {
    /// The question after so many fails; the client sent it so many times.
    fn fail(&self, question: u64, error: CloudError, sent: u64) {
        let number = self.0.questions.load(Ordering::Relaxed) + question;
        self.0.failing.lock().unwrap().insert(number, (error, sent));
    }

    /// A cost of one usage type on each of so many days, and half of it by team.
    fn spend(&self, from: &str, days: usize, amount: &str, estimated: bool) {
        for day in day(from).iter_days().take(days) {
            for region in ["eu-central-1", "us-east-1"] {
                let keys = vec!["AW-HW-2".to_owned(), region.to_owned()];
                self.0.usage.lock().unwrap().push(cost(day, keys, amount, estimated));
            }
            let mut tags = self.0.tags.lock().unwrap();
            tags.entry("Team".to_owned()).or_default().push(cost(day, vec![String::new()], amount, estimated));
            tags.entry("Stage".to_owned()).or_default().push(cost(day, vec!["prod".to_owned()], amount, estimated));
        }
    }

    fn change(&self, of_day: &str, change: impl Fn(&mut ObservedCost)) {
        let of_day = day(of_day);
        let mut usage = self.0.usage.lock().unwrap();
        let mut tags = self.0.tags.lock().unwrap();
        usage.iter_mut().chain(tags.values_mut().flatten()).filter(|cost| cost.day == of_day).for_each(change);
    }

    /// The questions since last time: from, to, by.
    fn asked(&self) -> Vec<(String, String, &'static str)> {
        let asked = std::mem::take(&mut *self.0.asked.lock().unwrap());
        let by = |grouping: &CostGrouping| match grouping {
            CostGrouping::UsageType => "usage",
            CostGrouping::Tag(key) if key == "Team" => "Team",
            CostGrouping::Tag(_) => "other",
        };
        asked.iter().map(|one| (one.from.to_string(), one.to.to_string(), by(&one.grouping))).collect()
    }
}

fn cost(day: NaiveDate, keys: Vec<String>, amount: &str, estimated: bool) -> ObservedCost {
    let (currency, unit) = ("USD".to_owned(), "Hours".to_owned());
    let quantity = "2".parse().unwrap();
    ObservedCost { day, keys, amount: amount.parse().unwrap(), currency, quantity, unit, estimated }
}

fn unasked() -> CloudError {
    CloudError::Unsupported { operation: "not asked here".to_owned() }
}

#[async_trait]
impl DataApi for FakeBill {
    async fn metric_page(&self, _: &MetricRequest, _: Option<String>) -> Result<CloudPage<MetricSeries>, CloudError> {
        Err(unasked())
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

    async fn cost_page(
        &self,
        request: &CostRequest,
        token: Option<String>,
    ) -> Result<CloudPage<ObservedCost>, CloudError> {
        let number = self.0.questions.fetch_add(1, Ordering::Relaxed) + 1;
        let failing = self.0.failing.lock().unwrap().remove(&number);
        self.0.requests.fetch_add(failing.as_ref().map_or(1, |(_, sent)| *sent), Ordering::Relaxed);
        if let Some((error, _)) = failing {
            return Err(error);
        }
        let refusing = self.0.refusing.lock().unwrap().clone();
        if let Some((_, error)) = refusing.filter(|(refused, _)| refused == request) {
            return Err(error);
        }
        if token.is_none() {
            self.0.asked.lock().unwrap().push(request.clone());
        }
        let all = match &request.grouping {
            CostGrouping::UsageType => self.0.usage.lock().unwrap().clone(),
            CostGrouping::Tag(key) => self.0.tags.lock().unwrap().get(key).cloned().unwrap_or_default(),
        };
        let of_it: Vec<_> = all.into_iter().filter(|cost| (request.from..request.to).contains(&cost.day)).collect();
        let first: usize = token.map_or(0, |token| token.parse().unwrap());
        let last = (first + PAGE).min(of_it.len());
        let next_token = (last < of_it.len()).then(|| last.to_string());
        Ok(CloudPage { items: of_it[first..last].to_vec(), next_token })
    }

    async fn price_page(&self, _: &Region, _: Option<String>) -> Result<PricePage, CloudError> {
        Err(unasked())
    }

    fn calls(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }
}

struct Trial {
    harness: Arc<Harness>,
    account: AccountId,
    bill: FakeBill,
}

type Shown = (NaiveDate, String, i64, String, bool);

impl Trial {
    /// The clock stands at noon of 1 March 2026. `None` without a server.
    async fn new(backend: store::Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        Some(Self::of(Arc::new(harness)).await)
    }

    /// Another account in the same database.
    async fn of(harness: Arc<Harness>) -> Self {
        let account = harness.account().await;
        Self { harness, account, bill: FakeBill::default() }
    }

    fn fill(&self) {
        self.bill.spend("2025-03-10", 3, "1.25", false);
        self.bill.spend("2025-12-20", 60, "0.1000000001", false);
        self.bill.spend("2026-02-20", 9, "3", true);
    }

    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        let job = SyncBillingJob { account_id: self.account, region: BILLING_REGION.parse().unwrap() };
        sync_billing(&self.harness.ctx, Arc::new(self.bill.clone()), &job, run).await
    }

    async fn sync(&self) -> SyncDone {
        self.attempt(&RecordedRun::new(self.harness.job_id())).await.unwrap()
    }

    async fn set(&self) -> DataSetRecord {
        let region = BILLING_REGION.parse().unwrap();
        data_set_fetch(&self.harness.ctx.db, self.account, &region, SyncKind::Billing).await.unwrap()
    }

    async fn rows(&self) -> Vec<Shown> {
        let rows = cost_days(&self.harness.ctx.db, self.account, day("2020-01-01"), day("2030-01-01")).await.unwrap();
        rows.into_iter().map(|row| (row.day, row.region, row.amount_e10, row.currency, row.estimated)).collect()
    }

    async fn tags(&self) -> Vec<Shown> {
        let rows =
            cost_tag_days(&self.harness.ctx.db, self.account, day("2020-01-01"), day("2030-01-01")).await.unwrap();
        rows.into_iter().map(|row| (row.day, row.tag_key, row.amount_e10, row.currency, row.estimated)).collect()
    }

    async fn amount(&self, of_day: &str) -> (i64, bool) {
        let rows = self.rows().await;
        let of_it = rows.iter().filter(|(at, ..)| *at == day(of_day));
        of_it.fold((0, false), |(sum, open), row| (sum + row.2, open | row.4))
    }

    async fn spent(&self) -> (i64, i64) {
        let days = api_spend_list(
            &self.harness.ctx.db,
            &Scope::Everything,
            Some(self.account),
            day("2026-01-01"),
            day("2027-01-01"),
        )
        .await
        .unwrap();
        assert!(days.iter().all(|row| row.service == "ce"));
        days.iter().fold((0, 0), |(requests, cost), row| (requests + row.requests, cost + row.amount_e10))
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().unwrap())
}

fn asked(from: &str, to: &str, by: &'static str) -> (String, String, &'static str) {
    (from.to_owned(), to.to_owned(), by)
}

fn unavailable() -> CloudError {
    CloudError::Unavailable { operation: OPERATION.to_owned(), reason: "the connection broke".to_owned() }
}

fn refused(code: &str) -> CloudError {
    CloudError::Refused { operation: OPERATION.to_owned(), code: code.to_owned(), reason: "so it is".to_owned() }
}

both_databases! {
    async fn a_first_run_reads_14_months_and_a_later_one_what_may_change(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.fill();
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report);
        assert_eq!(trial.bill.asked(), [
            asked("2026-01-01", "2026-03-02", "usage"), asked("2026-01-01", "2026-03-02", "Team"),
            asked("2025-10-01", "2026-01-01", "usage"), asked("2025-10-01", "2026-01-01", "Team"),
            asked("2025-07-01", "2025-10-01", "usage"), asked("2025-07-01", "2025-10-01", "Team"),
            asked("2025-04-01", "2025-07-01", "usage"), asked("2025-04-01", "2025-07-01", "Team"),
            asked("2025-02-01", "2025-04-01", "usage"), asked("2025-02-01", "2025-04-01", "Team"),
        ]);
        let (rows, tags) = (trial.rows().await, trial.tags().await);
        assert_eq!((rows.len(), tags.len()), (2 * 72, 72));
        assert_eq!(rows[0], (day("2025-03-10"), "eu-central-1".into(), 12_500_000_000, "USD".into(), false));
        let set = trial.set().await;
        assert_eq!((set.covered_from, set.covered_to), (at("2025-02-01T00:00:00Z"), at("2026-03-01T12:00:00Z")));
        assert_eq!(set.gaps, []);
        let months = cost_total_by_month(&trial.harness.ctx.db, Some(trial.account)).await.unwrap();
        let months: Vec<_> = months.iter().map(|m| (m.month.to_string(), m.amount_e10, m.estimated)).collect();
        // Months without costs have no row, and are known.
        assert_eq!(months, [
            ("2025-03-01".to_owned(), 2 * 3 * 12_500_000_000, false),
            ("2025-12-01".to_owned(), 2 * 12 * 1_000_000_001, false),
            ("2026-01-01".to_owned(), 2 * 31 * 1_000_000_001, false),
            ("2026-02-01".to_owned(), 2 * (17 * 1_000_000_001 + 9 * 30_000_000_000), true),
        ]);
        let requests = i64::try_from(trial.bill.calls()).unwrap();
        assert_eq!((trial.spent().await, done.report.cost_e10), ((requests, requests * REQUEST_E10), requests * REQUEST_E10));

        // A day that may change does, one is taken back; what is settled is not asked for again.
        trial.harness.advance(12 * 3600);
        trial.bill.change("2026-02-25", |cost| cost.amount = "4".parse().unwrap());
        trial.bill.change("2026-01-15", |cost| cost.amount = "100".parse().unwrap());
        trial.bill.0.usage.lock().unwrap().retain(|cost| cost.day != day("2026-02-26"));
        let done = trial.sync().await;
        assert_eq!(trial.bill.asked(), [asked("2026-02-01", "2026-03-03", "usage"), asked("2026-02-01", "2026-03-03", "Team")]);
        assert_eq!((done.report.items_written, trial.amount("2026-02-25").await), (2 + 2 + 1, (80_000_000_000, true)));
        assert_eq!(trial.amount("2026-02-26").await, (0, false));
        assert_eq!(trial.amount("2026-01-15").await, (2_000_000_002, false));
        assert_eq!(trial.set().await.covered_to, at("2026-03-02T00:00:00Z"));
    }

    async fn a_run_that_is_cut_anywhere_ends_as_one_that_was_not(backend) {
        let Some(whole) = Trial::new(backend).await else { return };
        whole.fill();
        whole.sync().await;
        let (requests, rows, tags) = (whole.bill.calls(), whole.rows().await, whole.tags().await);
        assert!(requests > 12, "{requests}");
        let (mut most, set) = (0, whole.set().await);
        for cut in 1..=requests {
            let trial = Trial::of(whole.harness.clone()).await;
            trial.fill();
            trial.bill.fail(cut, unavailable(), 1);
            let run = RecordedRun::new(trial.harness.job_id());
            let first = trial.attempt(&run).await;
            assert!(matches!(first, Err(JobError::Retry { .. })), "cut at {cut}: {first:?}");
            let done = trial.attempt(&run).await.unwrap();
            assert_eq!(done.outcome, SyncOutcome::Whole, "cut at {cut}: {:?}", done.report);
            assert!(trial.rows().await == rows && trial.tags().await == tags, "cut at {cut}");
            let again = trial.set().await;
            assert_eq!((again.covered_from, again.covered_to, again.gaps), (set.covered_from, set.covered_to, Vec::new()));
            let sent = trial.bill.calls();
            most = most.max(sent - requests);
            let paid = i64::try_from(sent).unwrap();
            assert_eq!(trial.spent().await, (paid, paid * REQUEST_E10), "cut at {cut}");
            assert_eq!(done.report.cost_e10, paid * REQUEST_E10, "cut at {cut}");
        }
        assert_eq!(most, 3, "at worst the pages of one window are paid again");
    }

    async fn a_window_that_came_in_part_changes_nothing(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.fill();
        trial.sync().await;
        let before = trial.rows().await;
        trial.harness.advance(12 * 3600);
        trial.bill.change("2026-02-02", |cost| cost.amount = "7".parse().unwrap());
        trial.bill.fail(2, unavailable(), 4);
        let (run, (paid, _)) = (RecordedRun::new(trial.harness.job_id()), trial.spent().await);
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        assert!(trial.rows().await == before);
        assert_eq!(trial.spent().await.0, paid + 5, "the page that came and four times the one that did not");
        let done = trial.attempt(&run).await.unwrap();
        assert_eq!((done.outcome, trial.amount("2026-02-02").await.0), (SyncOutcome::Whole, 140_000_000_000));
        assert_eq!(done.report.cost_e10, (trial.spent().await.0 - paid) * REQUEST_E10);
    }

    async fn an_open_day_is_read_until_it_is_settled(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.fill();
        trial.sync().await;
        assert_eq!(trial.amount("2026-02-03").await, (2_000_000_002, true), "the month is not settled, whatever AWS says");
        assert_eq!(trial.amount("2026-01-31").await, (2_000_000_002, false));
        // 9 March, noon: February is settled but for the days that AWS still estimates.
        trial.harness.advance(8 * 86_400);
        trial.bill.asked();
        trial.sync().await;
        assert_eq!(trial.bill.asked()[0], asked("2026-02-01", "2026-03-10", "usage"));
        assert_eq!(trial.amount("2026-02-03").await, (2_000_000_002, false));
        trial.harness.advance(86_400);
        for of_day in 20..=28 {
            trial.bill.change(&format!("2026-02-{of_day}"), |cost| {
                cost.estimated = false;
                cost.amount = "5".parse().unwrap();
            });
        }
        trial.sync().await;
        assert_eq!(trial.bill.asked()[0], asked("2026-02-20", "2026-03-11", "usage"));
        assert_eq!(trial.amount("2026-02-28").await, (100_000_000_000, false));
        trial.harness.advance(86_400);
        trial.sync().await;
        assert_eq!(trial.bill.asked(), [asked("2026-03-01", "2026-03-12", "usage"), asked("2026-03-01", "2026-03-12", "Team")]);
    }

    async fn what_is_refused_is_a_gap_until_it_can_be_read(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.fill();
        let request = CostRequest {
            from: day("2025-10-01"), to: day("2026-01-01"), grouping: CostGrouping::Tag("Team".to_owned()),
        };
        *trial.bill.0.refusing.lock().unwrap() = Some((request, refused("ValidationException")));
        let done = trial.sync().await;
        assert_eq!(done.outcome, SyncOutcome::Partial, "{:?}", done.report);
        let set = trial.set().await;
        let [gap] = set.gaps.as_slice() else { panic!("{:?}", set.gaps) };
        assert_eq!((Some(gap.from), Some(gap.to)), (at("2025-10-01T00:00:00Z"), at("2026-01-01T00:00:00Z")));
        assert!(gap.reason.starts_with("by tag Team: "), "{gap:?}");
        assert_eq!((trial.rows().await.len(), trial.tags().await.len()), (2 * 72, 72 - 12));
        *trial.bill.0.refusing.lock().unwrap() = None;
        trial.bill.asked();
        assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
        assert_eq!((trial.set().await.gaps, trial.tags().await.len()), (Vec::new(), 72));
        assert!(!trial.bill.asked().iter().any(|(from, ..)| from.as_str() < "2025-09-01"), "the rest is not paid again");
    }

    async fn several_currencies_stand_side_by_side(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bill.spend("2026-02-03", 1, "1", false);
        trial.bill.spend("2026-02-04", 1, "2.00000000005", false);
        trial.bill.change("2026-02-04", |cost| cost.currency = "EUR".to_owned());
        trial.bill.spend("2026-02-05", 1, "3", false);
        trial.bill.change("2026-02-05", |cost| cost.currency = "dollars".to_owned());
        let done = trial.sync().await;
        let months = cost_total_by_month(&trial.harness.ctx.db, Some(trial.account)).await.unwrap();
        let months: Vec<_> = months.iter().map(|m| (m.currency.as_str(), m.amount_e10)).collect();
        assert_eq!(months, [("EUR", 40_000_000_000), ("USD", 20_000_000_000)]);
        // Money that can't be kept is missing from the sums: the run is not whole.
        assert_eq!((done.outcome, done.report.skipped), (SyncOutcome::Partial, 3), "{:?}", done.report);
        let said: Vec<_> = done.report.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said.iter().any(|said| said.contains("currency")) && said.iter().any(|said| said.contains("rounded")), "{said:?}");
    }
}

#[tokio::test]
async fn a_tag_that_is_new_has_its_past_read_and_nothing_else() {
    let mut trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    trial.sync().await;
    trial.bill.asked();
    Arc::get_mut(&mut trial.harness)
        .unwrap()
        .ctx
        .policy
        .change(|policy| policy.sync.billing_tag_keys.push("Stage".to_owned()));
    trial.harness.advance(12 * 3600);
    let done = trial.sync().await;
    assert_eq!(done.outcome, SyncOutcome::Whole, "{:?}", done.report);
    let asked_for = trial.bill.asked();
    assert_eq!(asked_for.len(), 3 + 4, "{asked_for:?}");
    assert!(asked_for[3..].iter().all(|(.., by)| *by == "other"), "{asked_for:?}");
    assert_eq!(trial.tags().await.iter().filter(|row| row.1 == "Stage").count(), 72);
    assert_eq!(trial.set().await.covered_from, at("2025-02-01T00:00:00Z"));
    trial.sync().await;
    assert_eq!(trial.bill.asked().len(), 3);
}

#[tokio::test]
async fn more_months_are_read_when_they_are_asked_for() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    trial.harness.ctx.policy.change(|policy| policy.sync.billing_months = 1);
    trial.sync().await;
    assert_eq!(trial.bill.asked()[0], asked("2026-02-01", "2026-03-02", "usage"));
    trial.harness.ctx.policy.change(|policy| policy.sync.billing_months = 4);
    trial.sync().await;
    let asked_for = trial.bill.asked();
    assert_eq!(
        (asked_for.first().unwrap().0.as_str(), asked_for.last().unwrap().0.as_str()),
        ("2026-01-01", "2025-11-01")
    );
    assert_eq!(trial.set().await.covered_from, at("2025-11-01T00:00:00Z"));
}

#[tokio::test]
async fn a_missing_permission_is_named_paid_and_nothing_is_taken_for_known() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    let denied = CloudError::Denied { operation: OPERATION.to_owned(), permission: OPERATION.to_owned() };
    trial.bill.fail(1, denied, 1);
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Fail { .. })));
    let set = trial.set().await;
    assert_eq!((set.missing_permission.as_deref(), set.covered_to), (Some(OPERATION), None));
    assert!(run.log.lock().unwrap().iter().any(|line| line.contains("not enabled")));
    assert_eq!(trial.spent().await, (1, REQUEST_E10));
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
    // A request that was never sent costs nothing.
    trial.bill.fail(1, unavailable(), 0);
    let (paid, _) = trial.spent().await;
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
    assert_eq!(trial.spent().await.0, paid);
}

#[tokio::test]
async fn an_account_without_data_yet_is_told_so() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    for question in 1..=10 {
        trial.bill.fail(question, refused("DataUnavailableException"), 1);
    }
    let run = RecordedRun::new(trial.harness.job_id());
    assert!(matches!(trial.attempt(&run).await, Err(JobError::Fail { .. })));
    let set = trial.set().await;
    assert!(
        set.last_error.as_deref().unwrap_or_default().contains("no costs of this account yet"),
        "{:?}",
        set.last_error
    );
    assert_eq!(set.covered_to, None);
}

#[tokio::test]
async fn a_clock_that_was_ahead_settles_nothing() {
    let trial = Trial::new(store::Backend::Sqlite).await.unwrap();
    trial.fill();
    trial.sync().await;
    trial.harness.advance(60 * 86_400);
    for of_day in 20..=28 {
        trial.bill.change(&format!("2026-02-{of_day}"), |cost| cost.estimated = false);
    }
    trial.sync().await;
    assert_eq!(trial.set().await.covered_to, at("2026-04-30T12:00:00Z"));
    trial.harness.advance(-60 * 86_400 + 3600);
    trial.bill.change("2026-02-21", |cost| cost.amount = "9".parse().unwrap());
    assert_eq!(trial.sync().await.outcome, SyncOutcome::Whole);
    let set = trial.set().await;
    assert_eq!((set.covered_to, set.gaps), (at("2026-03-01T13:00:00Z"), Vec::new()));
    assert_eq!(trial.amount("2026-02-21").await, (180_000_000_000, true));
}
