//! Prices against a fake Price List: what goes in, what is left out, what breaks off.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::cloud::{CloudPage, CostRequest, MetricRequest, MetricSeries, ObservedCost, ObservedTrailEvent, PricePage};
use domain::cost::price_list::assemble;
use domain::ids::{AccountId, Region};
use domain::sync::SyncOutcome;
use store::repo::prices::price_list;

use super::super::{SyncDone, SyncPricesJob};
use super::*;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};

/// A Price List, two products a page.
#[derive(Clone, Default)]
struct FakeList(Arc<Inner>);

#[derive(Default)]
struct Inner {
    prices: Mutex<Vec<ObservedPrice>>,
    malformed: AtomicU64,
    /// The page that fails, from 1.
    failing: Mutex<Option<(u64, CloudError)>>,
    requests: AtomicU64,
}

fn unasked() -> CloudError {
    CloudError::Unsupported { operation: "not asked here".to_owned() }
}

#[async_trait]
impl DataApi for FakeList {
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

    async fn cost_page(&self, _: &CostRequest, _: Option<String>) -> Result<CloudPage<ObservedCost>, CloudError> {
        Err(unasked())
    }

    async fn price_page(&self, region: &Region, token: Option<String>) -> Result<PricePage, CloudError> {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some((_, error)) = self.0.failing.lock().unwrap().take_if(|(failing, _)| *failing == number) {
            return Err(error);
        }
        assert_eq!(region.as_str(), "eu-central-1");
        let all = self.0.prices.lock().unwrap();
        let first: usize = token.map_or(0, |token| token.parse().unwrap());
        let last = (first + 2).min(all.len());
        let page =
            CloudPage { items: all[first..last].to_vec(), next_token: (last < all.len()).then(|| last.to_string()) };
        let malformed = if first == 0 { self.0.malformed.load(Ordering::Relaxed) } else { 0 };
        Ok(PricePage { page, malformed })
    }

    fn calls(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }
}

/// A price of a STANDARD with Windows and its licence.
fn price(sku: &str, mode: &str, unit: &str, usage_type: &str, amount: &str) -> ObservedPrice {
    let attributes = [
        ("bundle", "Standard"),
        ("license", "Included"),
        ("operatingSystem", "Windows"),
        ("runningMode", mode),
        ("storage", "Root:80 GB,User:50 GB"),
        ("usagetype", usage_type),
        ("regionCode", "eu-central-1"),
    ];
    ObservedPrice {
        sku: sku.to_owned(),
        product_family: PRODUCT_FAMILY.to_owned(),
        attributes: attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        unit: unit.to_owned(),
        amount: amount.parse().unwrap(),
        currency: "USD".to_owned(),
        effective_at: None,
    }
}

fn standard() -> Vec<ObservedPrice> {
    vec![
        price("A", "AlwaysOn", "Month", "EUC1-AW-HW-2", "35"),
        price("B", "AutoStop", "Month", "EUC1-AW-HW-2-AutoStop-User", "9.75"),
        price("C", "AutoStop", "Hour", "EUC1-AW-HW-2-AutoStop-Usage", "0.30"),
    ]
}

struct Trial {
    harness: Harness,
    account: AccountId,
    list: FakeList,
}

impl Trial {
    async fn new(backend: store::Backend, prices: Vec<ObservedPrice>) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        let account = harness.account().await;
        let list = FakeList::default();
        *list.0.prices.lock().unwrap() = prices;
        Some(Self { harness, account, list })
    }

    async fn attempt(&self, run: &RecordedRun) -> Result<SyncDone, JobError> {
        let job = SyncPricesJob { account_id: self.account, region: self.harness.region() };
        sync_prices(&self.harness.ctx, Arc::new(self.list.clone()), &job, run).await
    }

    async fn sync(&self) -> SyncDone {
        self.attempt(&RecordedRun::new(self.harness.job_id())).await.unwrap()
    }

    async fn known(&self) -> BTreeMap<String, i64> {
        let rows = price_list(&self.harness.ctx.db, self.account, &self.harness.region()).await.unwrap();
        rows.into_iter().map(|row| (row.sku, row.price_e10)).collect()
    }
}

fn skus(known: &BTreeMap<String, i64>) -> String {
    known.keys().map(String::as_str).collect()
}

both_databases! {
    async fn prices_go_in_change_and_go(backend) {
        let Some(trial) = Trial::new(backend, standard()).await else { return };
        let done = trial.sync().await;
        assert_eq!((done.outcome, done.report.items_read, done.report.items_written), (SyncOutcome::Whole, 3, 3));
        let known = trial.known().await;
        assert_eq!((skus(&known).as_str(), known["A"], known["C"]), ("ABC", 350_000_000_000, 3_000_000_000));
        let products: Vec<_> =
            standard().iter().map(|one| PriceProduct::from_observed(one).unwrap()).collect();
        let plans = assemble(&products).plans;
        let plan = plans.into_values().next().unwrap().complete().unwrap();
        assert_eq!(plan.break_even_hours().unwrap().round_dp(1).to_string(), "84.2");

        trial.list.0.prices.lock().unwrap()[0].amount = "36".parse().unwrap();
        trial.list.0.prices.lock().unwrap().remove(1);
        trial.harness.advance(86_400);
        let done = trial.sync().await;
        assert_eq!((done.report.items_written, done.report.gone), (2, 1));
        let known = trial.known().await;
        assert_eq!((skus(&known).as_str(), known["A"]), ("AC", 360_000_000_000));
    }

    async fn what_breaks_off_changes_nothing_and_is_read_again(backend) {
        let Some(trial) = Trial::new(backend, standard()).await else { return };
        trial.sync().await;
        trial.list.0.prices.lock().unwrap().remove(0);
        let reason = "the connection broke".to_owned();
        let error = CloudError::Unavailable { operation: OPERATION.to_owned(), reason };
        *trial.list.0.failing.lock().unwrap() = Some((trial.list.calls() + 1, error));
        let run = RecordedRun::new(trial.harness.job_id());
        assert!(matches!(trial.attempt(&run).await, Err(JobError::Retry { .. })));
        assert_eq!(skus(&trial.known().await), "ABC");
        assert_eq!(trial.attempt(&run).await.unwrap().outcome, SyncOutcome::Whole);
        assert_eq!(skus(&trial.known().await), "BC");
    }
}

#[tokio::test]
async fn a_price_that_can_not_be_understood_this_time_is_not_gone() {
    let trial = Trial::new(store::Backend::Sqlite, standard()).await.unwrap();
    trial.sync().await;
    // C loses its text, B is no longer listed: C stays.
    let list = &trial.list.0;
    list.prices.lock().unwrap()[2].attributes.remove("bundle");
    list.prices.lock().unwrap().remove(1);
    let done = trial.sync().await;
    assert_eq!((done.outcome, done.report.skipped, done.report.gone), (SyncOutcome::Whole, 1, 1));
    assert_eq!(skus(&trial.known().await), "AC");
    // A product that nobody can name: it may be any.
    list.prices.lock().unwrap().remove(0);
    list.malformed.store(1, Ordering::Relaxed);
    assert_eq!(trial.sync().await.report.gone, 0);
    assert_eq!(skus(&trial.known().await), "AC");
}

#[tokio::test]
async fn an_answer_without_any_price_takes_none_away() {
    let trial = Trial::new(store::Backend::Sqlite, standard()).await.unwrap();
    trial.sync().await;
    trial.list.0.prices.lock().unwrap().clear();
    let done = trial.sync().await;
    assert_eq!((done.outcome, done.report.gone), (SyncOutcome::Partial, 0), "{:?}", done.report);
    assert_eq!(skus(&trial.known().await), "ABC");
}

#[tokio::test]
async fn what_can_not_be_understood_is_counted_and_the_rest_goes_in() {
    let mut prices = standard();
    let mut core = price("D", "AlwaysOn", "Month", "EUC1-AW-HW-2", "20");
    core.product_family = "WorkSpaces Core".to_owned();
    let mut storage = price("E", "AlwaysOn", "Month", "EUC1-AW-HW-2", "35");
    storage.attributes.insert("storage".to_owned(), "as much as you like".to_owned());
    let mut bundle = price("F", "AlwaysOn", "Month", "EUC1-AW-HW-2", "35");
    bundle.attributes.remove("bundle");
    let mut newer = price("G", "AlwaysOn", "Month", "EUC1-AW-HW-99", "35");
    newer.attributes.insert("bundle".to_owned(), "Hyperdesk".to_owned());
    let mut volume = price("V", "", "GB-Mo", "EUC1-AW-UserVolume-GB", "0.10");
    volume.attributes.retain(|name, _| ["usagetype", "regionCode"].contains(&name.as_str()));
    prices.extend([core, storage, bundle, newer, volume]);
    let trial = Trial::new(store::Backend::Sqlite, prices).await.unwrap();
    trial.list.0.malformed.store(2, Ordering::Relaxed);
    let done = trial.sync().await;
    assert_eq!((done.outcome, done.report.skipped), (SyncOutcome::Whole, 4), "{:?}", done.report);
    assert_eq!(skus(&trial.known().await), "ABCGV", "an unknown bundle and volumes are kept, Core is another product");
}
