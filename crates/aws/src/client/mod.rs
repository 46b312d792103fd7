//! The handle to one account and region: [`Handle`] joins the API families into [`FleetApi`] and [`DataApi`]. Each family
//! has a file of its own with its operations; none knows of retries or limits, which are `call`'s.
//! To add an operation: see the crate's documentation.

pub(crate) mod actions;
pub(crate) mod costs;
pub(crate) mod directory;
pub(crate) mod metrics;
pub(crate) mod prices;
pub(crate) mod quotas;
pub(crate) mod sts;
pub(crate) mod trail;
pub(crate) mod workspaces;

use std::sync::Arc;

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

use crate::call::Caller;
use crate::policy::Operation;

/// The most ids that any of these operations takes, and the largest page.
pub(crate) const BATCH: usize = 25;

/// The SDK clients of one account and region.
pub(crate) struct SdkClients {
    pub(crate) workspaces: aws_sdk_workspaces::Client,
    pub(crate) directory: aws_sdk_directory::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) metrics: aws_sdk_cloudwatch::Client,
    pub(crate) trail: aws_sdk_cloudtrail::Client,
    pub(crate) costs: aws_sdk_costexplorer::Client,
    pub(crate) prices: aws_sdk_pricing::Client,
    pub(crate) quotas: aws_sdk_servicequotas::Client,
}

/// A handle with its own counter.
pub(crate) struct Handle {
    clients: Arc<SdkClients>,
    caller: Caller,
}

impl Handle {
    pub(crate) fn new(clients: Arc<SdkClients>, caller: Caller) -> Self {
        Self { clients, caller }
    }
}

/// A batch that AWS would refuse for its size is refused here.
fn check_batch(operation: &Operation, aws_ids: &[String], most: usize) -> Result<(), CloudError> {
    if aws_ids.len() <= most {
        return Ok(());
    }
    Err(CloudError::Refused {
        operation: operation.action.to_owned(),
        code: "TooManyIds".to_owned(),
        reason: format!("{} ids in a call that takes {most}", aws_ids.len()),
    })
}

#[async_trait]
impl FleetApi for Handle {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        sts::caller_identity(&self.caller, &self.clients.sts).await
    }

    async fn workspace_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedWorkspace>, CloudError> {
        workspaces::page(&self.caller, &self.clients.workspaces, next_token).await
    }

    async fn workspaces_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedWorkspace>, CloudError> {
        workspaces::by_id(&self.caller, &self.clients.workspaces, aws_ids).await
    }

    async fn connection_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedConnection>, CloudError> {
        workspaces::connection_page(&self.caller, &self.clients.workspaces, next_token).await
    }

    async fn directory_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedDirectory>, CloudError> {
        workspaces::directory_page(&self.caller, &self.clients.workspaces, next_token).await
    }

    async fn directory_stage_page(
        &self,
        next_token: Option<String>,
    ) -> Result<CloudPage<(String, String)>, CloudError> {
        directory::stage_page(&self.caller, &self.clients.directory, next_token).await
    }

    async fn bundles_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedBundle>, CloudError> {
        workspaces::bundles_by_id(&self.caller, &self.clients.workspaces, aws_ids).await
    }

    async fn image_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedImage>, CloudError> {
        workspaces::image_page(&self.caller, &self.clients.workspaces, next_token).await
    }

    async fn quota_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedQuota>, CloudError> {
        quotas::page(&self.caller, &self.clients.quotas, next_token).await
    }

    async fn tags(&self, aws_id: &str) -> Result<Tags, CloudError> {
        workspaces::tags(&self.caller, &self.clients.workspaces, aws_id).await
    }

    async fn act(&self, order: &WorkspaceOrder, aws_ids: &[String]) -> Result<Vec<FailedItem>, CloudError> {
        actions::act(&self.caller, &self.clients.workspaces, order, aws_ids).await
    }

    fn calls(&self) -> u64 {
        self.caller.sent()
    }
}

#[async_trait]
impl DataApi for Handle {
    async fn metric_page(
        &self,
        request: &MetricRequest,
        next_token: Option<String>,
    ) -> Result<CloudPage<MetricSeries>, CloudError> {
        metrics::page(&self.caller, &self.clients.metrics, request, next_token).await
    }

    async fn trail_page(
        &self,
        source: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        next_token: Option<String>,
    ) -> Result<CloudPage<ObservedTrailEvent>, CloudError> {
        trail::page(&self.caller, &self.clients.trail, source, (from, to), next_token).await
    }

    async fn cost_page(
        &self,
        request: &CostRequest,
        next_token: Option<String>,
    ) -> Result<CloudPage<ObservedCost>, CloudError> {
        costs::page(&self.caller, &self.clients.costs, request, next_token).await
    }

    async fn price_page(&self, region: &Region, next_token: Option<String>) -> Result<PricePage, CloudError> {
        prices::page(&self.caller, &self.clients.prices, region, next_token).await
    }

    fn calls(&self) -> u64 {
        self.caller.sent()
    }
}
