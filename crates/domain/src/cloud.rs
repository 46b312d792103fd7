//! The port to AWS: what the rest of the house may ask of it, in our own types. Crate `aws` implements it with the SDK,
//! tests may implement it with canned answers. Not a mirror of the SDK: a method is added when a use case needs it,
//! together with its permission in the least-privilege policy. The fleet's own calls are here; metrics, events, costs and
//! prices in [`DataApi`].

mod data;

use std::sync::Arc;

use async_trait::async_trait;

use crate::account::AccountAccess;
use crate::breaker::Standing;
use crate::ids::Region;
use crate::workspace::{
    ObservedBundle, ObservedConnection, ObservedDirectory, ObservedImage, ObservedQuota, ObservedWorkspace, Tags,
    WorkspaceOrder,
};

pub use data::{
    CostGrouping, CostRequest, DataApi, Metric, MetricQuery, MetricRequest, MetricSeries, ObservedCost, ObservedPrice,
    ObservedTrailEvent, PricePage, Statistic, TrailResource,
};

/// Says where an account's own endpoint may lead. Whoever connects asks it: the URL before, the name while connecting.
#[async_trait]
pub trait EndpointGuard: std::fmt::Debug + Send + Sync {
    /// The URL as it is meant, when nothing speaks against it.
    ///
    /// # Errors
    /// Why it may not be used, in words for people.
    fn check_url(&self, url: &str) -> Result<String, String>;

    /// The addresses to connect to for a name.
    ///
    /// # Errors
    /// Why there are none, in words for people.
    async fn addresses(&self, host: &str) -> Result<Vec<std::net::IpAddr>, String>;
}

/// What went wrong with a call. `operation` is `service:Operation` as IAM writes it, such as `workspaces:DescribeWorkspaces`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// AWS asked to slow down, and kept asking until the attempts ran out.
    #[error("AWS throttled {operation}")]
    Throttled {
        /// The call.
        operation: String,
    },
    /// The credentials may not do it.
    #[error("access denied: {operation} needs the permission {permission}")]
    Denied {
        /// The call.
        operation: String,
        /// The IAM action to grant.
        permission: String,
    },
    /// There are no usable credentials, or they are expired or refused altogether.
    #[error("AWS did not accept the credentials for {operation}: {reason}")]
    Unauthenticated {
        /// The call.
        operation: String,
        /// What AWS or the credential chain said.
        reason: String,
    },
    /// The thing is not there.
    #[error("{operation}: not found: {reason}")]
    NotFound {
        /// The call.
        operation: String,
        /// What AWS said.
        reason: String,
    },
    /// AWS refused the request as it stands; repeating it won't help.
    #[error("AWS refused {operation}: {code}: {reason}")]
    Refused {
        /// The call.
        operation: String,
        /// AWS's error code.
        code: String,
        /// What AWS said.
        reason: String,
    },
    /// The endpoint does not know the operation (an emulator, an old region).
    #[error("the endpoint does not offer {operation}")]
    Unsupported {
        /// The call.
        operation: String,
    },
    /// No answer in time, a broken connection, a 5xx, or an open circuit breaker.
    #[error("{operation} is unavailable: {reason}")]
    Unavailable {
        /// The call.
        operation: String,
        /// Why.
        reason: String,
    },
    /// An action that was certainly not sent: an open circuit breaker, or no connection could be made. Nothing was done.
    /// Reads say [`CloudError::Unavailable`], since for them it makes no difference.
    #[error("{operation} is unavailable: {reason}")]
    NotSent {
        /// The call.
        operation: String,
        /// Why.
        reason: String,
    },
    /// An answer that could not be read.
    #[error("{operation} gave an answer that could not be read: {reason}")]
    Malformed {
        /// The call.
        operation: String,
        /// Why.
        reason: String,
    },
}

impl CloudError {
    /// The call that failed, such as `workspaces:DescribeWorkspaces`.
    #[must_use]
    pub fn operation(&self) -> &str {
        match self {
            Self::Throttled { operation }
            | Self::Denied { operation, .. }
            | Self::Unauthenticated { operation, .. }
            | Self::NotFound { operation, .. }
            | Self::Refused { operation, .. }
            | Self::Unsupported { operation }
            | Self::Unavailable { operation, .. }
            | Self::NotSent { operation, .. }
            | Self::Malformed { operation, .. } => operation,
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::NotSent { .. } | Self::Malformed { .. }
        )
    }

    /// A stable code for the wire and for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::Denied { .. } => "denied",
            Self::Unauthenticated { .. } => "unauthenticated",
            Self::NotFound { .. } => "not_found",
            Self::Refused { .. } => "refused",
            Self::Unsupported { .. } => "unsupported",
            Self::Unavailable { .. } | Self::NotSent { .. } => "unavailable",
            Self::Malformed { .. } => "malformed",
        }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudPage<T> {
    /// The items, in AWS's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next_token: Option<String>,
}

/// Who the credentials are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The 12-digit account.
    pub aws_account_id: String,
    /// The ARN of the user or the assumed role.
    pub arn: String,
}

/// One item that a batch call did not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedItem {
    /// `ws-…`.
    pub aws_id: String,
    /// AWS's error code.
    pub code: String,
    /// What AWS said.
    pub message: String,
}

/// AWS for one account and region. Each method is one API call (with its retries), within the client's deadline, counted
/// in [`FleetApi::calls`].
#[async_trait]
pub trait FleetApi: Send + Sync {
    /// `sts:GetCallerIdentity`.
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError>;

    /// `workspaces:DescribeWorkspaces`, a page of 25.
    async fn workspace_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedWorkspace>, CloudError>;

    /// `workspaces:DescribeWorkspaces` for at most 25 ids. Ids that AWS does not know are absent from the answer.
    async fn workspaces_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedWorkspace>, CloudError>;

    /// `workspaces:DescribeWorkspacesConnectionStatus`, a page.
    async fn connection_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedConnection>, CloudError>;

    /// `workspaces:DescribeWorkspaceDirectories`, a page; `stage` is left empty.
    async fn directory_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedDirectory>, CloudError>;

    /// `ds:DescribeDirectories`, a page: id and stage of each directory.
    async fn directory_stage_page(&self, next_token: Option<String>)
    -> Result<CloudPage<(String, String)>, CloudError>;

    /// `workspaces:DescribeWorkspaceBundles` for at most 25 ids. Ids that AWS does not know are absent from the answer.
    async fn bundles_by_id(&self, aws_ids: &[String]) -> Result<Vec<ObservedBundle>, CloudError>;

    /// `workspaces:DescribeWorkspaceImages`, a page of 25: all images that the account sees.
    async fn image_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedImage>, CloudError>;

    /// `servicequotas:ListServiceQuotas` of the service `workspaces`, a page of 100, with the values that hold for the account.
    async fn quota_page(&self, next_token: Option<String>) -> Result<CloudPage<ObservedQuota>, CloudError>;

    /// `workspaces:DescribeTags` of one WorkSpace.
    async fn tags(&self, aws_id: &str) -> Result<Tags, CloudError>;

    /// Has AWS carry out an order on at most [`WorkspaceAction::per_call`](crate::workspace::WorkspaceAction::per_call) WorkSpaces:
    /// `workspaces:StartWorkspaces`, `StopWorkspaces`, `RebootWorkspaces`, `RebuildWorkspaces`, `RestoreWorkspace`,
    /// `TerminateWorkspaces`, `ModifyWorkspaceProperties`, or for tags `CreateTags` and then `DeleteTags`. Answers what AWS did
    /// *not* do; every other id was accepted.
    async fn act(&self, order: &WorkspaceOrder, aws_ids: &[String]) -> Result<Vec<FailedItem>, CloudError>;

    /// API requests sent so far by this handle, retries included.
    fn calls(&self) -> u64;
}

/// Gives out [`FleetApi`] and [`DataApi`] handles. Handles of the same account, region and API share rate limit and circuit breaker.
#[async_trait]
pub trait CloudConnector: Send + Sync {
    /// A handle with its own call counter.
    ///
    /// # Errors
    /// [`CloudError::Unauthenticated`] when no credentials can be had.
    async fn connect(&self, account: &AccountAccess, region: &Region) -> Result<Arc<dyn FleetApi>, CloudError>;

    /// A handle for metrics, events, costs and prices, with its own call counter.
    ///
    /// # Errors
    /// [`CloudError::Unauthenticated`] when no credentials can be had; [`CloudError::Unsupported`] when there is nothing
    /// behind it that could answer, which is what a connector says that has the fleet alone.
    async fn connect_data(&self, account: &AccountAccess, region: &Region) -> Result<Arc<dyn DataApi>, CloudError> {
        let _ = (account, region);
        Err(CloudError::Unsupported { operation: "cloudwatch:GetMetricData".to_owned() })
    }

    /// The circuit breakers before AWS, as they stand at this moment; none where there are none.
    fn breakers(&self) -> Vec<CloudBreaker> {
        Vec::new()
    }
}

/// A circuit breaker before AWS, of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudBreaker {
    /// The call that it is for, such as `workspaces:DescribeWorkspaces`.
    pub operation: &'static str,
    /// Where that is called.
    pub region: Region,
    /// What it does with calls.
    pub standing: Standing,
}
