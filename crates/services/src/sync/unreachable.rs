//! An AWS that can't even be asked: what a run gets when no credentials can be had, so that it ends like any other run, with
//! a row and a report that say why.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::cloud::{
    CallerIdentity, CloudError, CloudPage, CostRequest, DataApi, FailedItem, FleetApi, MetricRequest, MetricSeries,
    ObservedCost, ObservedTrailEvent, PricePage,
};
use domain::ids::Region;
use domain::workspace::{
    ObservedBundle, ObservedConnection, ObservedDirectory, ObservedImage, ObservedQuota, ObservedWorkspace, Tags,
    WorkspaceOrder,
};

/// Answers every call with the same error.
pub(super) struct Unreachable(pub(super) CloudError);

impl Unreachable {
    fn refuse<T>(&self) -> Result<T, CloudError> {
        Err(self.0.clone())
    }
}

#[async_trait]
impl FleetApi for Unreachable {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        self.refuse()
    }

    async fn workspace_page(&self, _: Option<String>) -> Result<CloudPage<ObservedWorkspace>, CloudError> {
        self.refuse()
    }

    async fn workspaces_by_id(&self, _: &[String]) -> Result<Vec<ObservedWorkspace>, CloudError> {
        self.refuse()
    }

    async fn connection_page(&self, _: Option<String>) -> Result<CloudPage<ObservedConnection>, CloudError> {
        self.refuse()
    }

    async fn directory_page(&self, _: Option<String>) -> Result<CloudPage<ObservedDirectory>, CloudError> {
        self.refuse()
    }

    async fn directory_stage_page(&self, _: Option<String>) -> Result<CloudPage<(String, String)>, CloudError> {
        self.refuse()
    }

    async fn bundles_by_id(&self, _: &[String]) -> Result<Vec<ObservedBundle>, CloudError> {
        self.refuse()
    }

    async fn image_page(&self, _: Option<String>) -> Result<CloudPage<ObservedImage>, CloudError> {
        self.refuse()
    }

    async fn quota_page(&self, _: Option<String>) -> Result<CloudPage<ObservedQuota>, CloudError> {
        self.refuse()
    }

    async fn tags(&self, _: &str) -> Result<Tags, CloudError> {
        self.refuse()
    }

    async fn act(&self, _: &WorkspaceOrder, _: &[String]) -> Result<Vec<FailedItem>, CloudError> {
        self.refuse()
    }

    fn calls(&self) -> u64 {
        0
    }
}

#[async_trait]
impl DataApi for Unreachable {
    async fn metric_page(&self, _: &MetricRequest, _: Option<String>) -> Result<CloudPage<MetricSeries>, CloudError> {
        self.refuse()
    }

    async fn trail_page(
        &self,
        _: &str,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
        _: Option<String>,
    ) -> Result<CloudPage<ObservedTrailEvent>, CloudError> {
        self.refuse()
    }

    async fn cost_page(&self, _: &CostRequest, _: Option<String>) -> Result<CloudPage<ObservedCost>, CloudError> {
        self.refuse()
    }

    async fn price_page(&self, _: &Region, _: Option<String>) -> Result<PricePage, CloudError> {
        self.refuse()
    }

    fn calls(&self) -> u64 {
        0
    }
}
