//! The port to what AWS knows beside the fleet itself: CloudWatch metrics, CloudTrail events, Cost Explorer's costs and the
//! Price List. Not the fleet's own calls ([`super::FleetApi`]). To add a call: a method of [`DataApi`], its observed type
//! here, its permission in the least-privilege policy of crate `aws`.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::{CloudError, CloudPage};
use crate::ids::Region;

closed_enum! {
    /// A metric of the namespace AWS/WorkSpaces, per WorkSpace.
    pub enum Metric {
        /// 1 while somebody is connected.
        UserConnected = "UserConnected",
        /// 1 while the WorkSpace answered its health check.
        Available = "Available",
        /// Percent of the CPU.
        CpuUsage = "CPUUsage",
        /// Percent of the memory.
        MemoryUsage = "MemoryUsage",
        /// Percent of the root volume that is full.
        RootVolumeDiskUsage = "RootVolumeDiskUsage",
        /// Percent of the user volume that is full.
        UserVolumeDiskUsage = "UserVolumeDiskUsage",
        /// Round trip within a session, milliseconds.
        InSessionLatency = "InSessionLatency",
    }
}

closed_enum! {
    /// How CloudWatch sums up the points of a period.
    pub enum Statistic {
        /// The mean.
        Average = "Average",
        /// The largest.
        Maximum = "Maximum",
    }
}

/// One series to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricQuery {
    /// `ws-…`.
    pub aws_id: String,
    /// What.
    pub metric: Metric,
    /// Summed up how.
    pub statistic: Statistic,
}

/// A question to CloudWatch: at most 500 series, and at most 100,800 points over all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRequest {
    /// The series.
    pub queries: Vec<MetricQuery>,
    /// The first moment, a multiple of the period.
    pub from: DateTime<Utc>,
    /// The end, not included.
    pub to: DateTime<Utc>,
    /// Seconds per point: 60, 300, 3600 or 86400.
    pub period_secs: u32,
}

impl MetricRequest {
    /// The most series of one request.
    pub const MAX_QUERIES: usize = 500;
    /// The most points of one answer, over all its series.
    pub const MAX_POINTS: usize = 100_800;
}

/// What CloudWatch gave of one series in one page. A series may go on in the next page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricSeries {
    /// Position in [`MetricRequest::queries`].
    pub query: usize,
    /// Unix seconds of the beginning of each point's period, in no promised order.
    pub timestamps: Vec<i64>,
    /// A value for each timestamp.
    pub values: Vec<f64>,
    /// Whether CloudWatch says that nothing is missing from this series; false when it answered with an error or with a
    /// part, and there is no next page.
    pub complete: bool,
}

/// One thing that a CloudTrail event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailResource {
    /// `AWS::WorkSpaces::Workspace` and the like; may be empty.
    pub kind: String,
    /// The name or id, such as `ws-…`.
    pub name: String,
}

/// One event as CloudTrail's LookupEvents shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedTrailEvent {
    /// AWS's id of the event.
    pub event_id: String,
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// The call, such as `StartWorkspaces`.
    pub name: String,
    /// The service, such as `workspaces.amazonaws.com`.
    pub source: String,
    /// Whether it only read.
    pub read_only: Option<bool>,
    /// Who, as CloudTrail names them.
    pub username: Option<String>,
    /// What it was about, as CloudTrail lists it.
    pub resources: Vec<TrailResource>,
    /// The whole record. `Null` when CloudTrail gave text that is not JSON; then `malformed` says why.
    pub record: Value,
    /// Why the record could not be read.
    pub malformed: Option<String>,
}

/// What costs are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CostGrouping {
    /// By usage type and region.
    UsageType,
    /// By the value of a cost allocation tag.
    Tag(String),
}

/// A question to Cost Explorer: unblended cost and usage quantity per UTC day, of Amazon WorkSpaces only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRequest {
    /// The first day.
    pub from: NaiveDate,
    /// The end, not included.
    pub to: NaiveDate,
    /// One row for each of these and day.
    pub grouping: CostGrouping,
}

/// A row of costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedCost {
    /// The UTC day.
    pub day: NaiveDate,
    /// The keys of the group: usage type and region, or the tag's value alone (empty: untagged).
    pub keys: Vec<String>,
    /// Unblended cost.
    pub amount: Decimal,
    /// ISO 4217 code, such as `USD`.
    pub currency: String,
    /// How much was used.
    pub quantity: Decimal,
    /// Of what, such as `Hours`.
    pub unit: String,
    /// Whether the day may still change.
    pub estimated: bool,
}

/// A product of the Price List with one of its on-demand prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedPrice {
    /// AWS's key of the product.
    pub sku: String,
    /// `Enterprise Applications` for WorkSpaces themselves; Core repeats its bundle names under other families.
    pub product_family: String,
    /// The attributes as AWS gives them, such as `bundle`, `license`, `runningMode`, `storage`, `usagetype`, `regionCode`.
    pub attributes: std::collections::BTreeMap<String, String>,
    /// `Month`, `Hour`, `GB-Mo` ….
    pub unit: String,
    /// Per unit.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// Since when the price holds.
    pub effective_at: Option<DateTime<Utc>>,
}

/// A page of the Price List: what could be read, and how many products could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePage {
    /// The prices of this page.
    pub page: CloudPage<ObservedPrice>,
    /// Products whose text could not be read.
    pub malformed: u64,
}

/// What AWS knows beside the fleet, for one account and region. Each method is one API call (with its retries), within the
/// client's deadline, counted in [`DataApi::calls`].
#[async_trait]
pub trait DataApi: Send + Sync {
    /// `cloudwatch:GetMetricData`, a page.
    async fn metric_page(
        &self,
        request: &MetricRequest,
        next_token: Option<String>,
    ) -> Result<CloudPage<MetricSeries>, CloudError>;

    /// `cloudtrail:LookupEvents` of one event source (such as `workspaces.amazonaws.com`), the newest first, a page of 50.
    /// Both moments are included.
    async fn trail_page(
        &self,
        source: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        next_token: Option<String>,
    ) -> Result<CloudPage<ObservedTrailEvent>, CloudError>;

    /// `ce:GetCostAndUsage`, a page. AWS charges 0.01 USD for each request sent.
    async fn cost_page(
        &self,
        request: &CostRequest,
        next_token: Option<String>,
    ) -> Result<CloudPage<ObservedCost>, CloudError>;

    /// `pricing:GetProducts` of service `AmazonWorkSpaces` for one region, a page of 100.
    async fn price_page(&self, region: &Region, next_token: Option<String>) -> Result<PricePage, CloudError>;

    /// API requests sent so far by this handle, retries included.
    fn calls(&self) -> u64;
}
