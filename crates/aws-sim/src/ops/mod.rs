//! The operations: one handler each, and the one table that names them.
//!
//! Handlers check their input as AWS does (the service model's constraints first, then the operation's own rules), work
//! on the fleet, and return the body. They know nothing of headers, limits or faults.

mod around;
mod connection;
mod cost;
mod create;
mod describe;
mod directory;
mod forecast;
mod input;
mod lifecycle;
mod metrics;
mod metrics_request;
mod modify;
mod pricing;
mod sts;
mod tags;
mod trail;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    fleet::view::Watch,
    simulator::Simulator,
    wire::{
        auth::Caller,
        error::ApiError,
        page::{self, Pager},
        protocol::Protocol,
    },
};

/// The service an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    WorkSpaces,
    Directory,
    Sts,
    CloudWatch,
    CloudTrail,
    CostExplorer,
    Pricing,
    Tagging,
    Quotas,
    /// Of the neighbourhood: it is asked, and nothing is there.
    AppStream,
    /// As the one before.
    Instances,
    /// As the one before.
    SecureBrowser,
}

impl Service {
    /// As in IAM actions.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::WorkSpaces => "workspaces",
            Self::Directory => "ds",
            Self::Sts => "sts",
            Self::CloudWatch => "cloudwatch",
            Self::CloudTrail => "cloudtrail",
            Self::CostExplorer => "ce",
            Self::Pricing => "pricing",
            Self::Tagging => "tag",
            Self::Quotas => "servicequotas",
            Self::AppStream => "appstream",
            Self::Instances => "workspaces-instances",
            Self::SecureBrowser => "workspaces-web",
        }
    }

    /// Of its XML, when it speaks the Query protocol.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            _ => "",
        }
    }

    /// Before the dot of `X-Amz-Target`.
    fn target(self) -> Option<&'static str> {
        match self {
            Self::WorkSpaces => Some("WorkspacesService"),
            Self::Directory => Some("DirectoryService_20150416"),
            Self::Sts | Self::SecureBrowser => None,
            Self::CloudWatch => Some("GraniteServiceVersion20100801"),
            Self::CloudTrail => Some("CloudTrail_20131101"),
            Self::CostExplorer => Some("AWSInsightsIndexService"),
            Self::Pricing => Some("AWSPriceListService"),
            Self::Tagging => Some("ResourceGroupsTaggingAPI_20170126"),
            Self::Quotas => Some("ServiceQuotasV20190624"),
            Self::AppStream => Some("PhotonAdminProxyService"),
            Self::Instances => Some("EUCMIFrontendAPIService"),
        }
    }
}

type Handler = fn(&Call<'_>) -> Result<Vec<u8>, ApiError>;

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) service: Service,
    pub(crate) name: &'static str,
    pub(crate) handler: Handler,
}

const fn op(service: Service, name: &'static str, handler: Handler) -> Operation {
    Operation { service, name, handler }
}

static OPERATIONS: &[Operation] = &[
    op(Service::WorkSpaces, "DescribeWorkspaces", describe::workspaces),
    op(Service::WorkSpaces, "DescribeWorkspaceBundles", describe::bundles),
    op(Service::WorkSpaces, "DescribeWorkspaceDirectories", directory::workspace_directories),
    op(Service::WorkSpaces, "DescribeWorkspacesConnectionStatus", connection::status),
    op(Service::WorkSpaces, "DescribeTags", tags::describe),
    op(Service::WorkSpaces, "CreateTags", tags::create),
    op(Service::WorkSpaces, "DeleteTags", tags::delete),
    op(Service::WorkSpaces, "StartWorkspaces", lifecycle::start),
    op(Service::WorkSpaces, "StopWorkspaces", lifecycle::stop),
    op(Service::WorkSpaces, "RebootWorkspaces", lifecycle::reboot),
    op(Service::WorkSpaces, "RebuildWorkspaces", lifecycle::rebuild),
    op(Service::WorkSpaces, "RestoreWorkspace", lifecycle::restore),
    op(Service::WorkSpaces, "TerminateWorkspaces", lifecycle::terminate),
    op(Service::WorkSpaces, "CreateWorkspaces", create::workspaces),
    op(Service::WorkSpaces, "ModifyWorkspaceProperties", modify::properties),
    op(Service::WorkSpaces, "ModifyWorkspaceState", modify::state),
    op(Service::WorkSpaces, "DescribeWorkspaceImages", around::images::describe),
    op(Service::WorkSpaces, "DescribeWorkspaceImagePermissions", around::images::permissions),
    op(Service::WorkSpaces, "DescribeAccount", around::account::describe),
    op(Service::WorkSpaces, "DescribeAccountModifications", around::account::modifications),
    op(Service::WorkSpaces, "DescribeClientProperties", around::account::client_properties),
    op(Service::WorkSpaces, "DescribeIpGroups", around::account::ip_groups),
    op(Service::WorkSpaces, "DescribeConnectionAliases", around::account::connection_aliases),
    op(Service::WorkSpaces, "DescribeWorkspaceSnapshots", around::account::snapshots),
    op(Service::WorkSpaces, "DescribeWorkspacesPools", around::account::pools),
    op(Service::Tagging, "GetResources", around::tagging::get_resources),
    op(Service::Quotas, "ListServiceQuotas", around::quotas::list),
    op(Service::AppStream, "DescribeFleets", around::nothing),
    op(Service::AppStream, "DescribeStacks", around::nothing),
    op(Service::AppStream, "DescribeImages", around::nothing),
    op(Service::AppStream, "DescribeImageBuilders", around::nothing),
    op(Service::AppStream, "DescribeAppBlocks", around::nothing),
    op(Service::AppStream, "DescribeApplications", around::nothing),
    op(Service::AppStream, "DescribeUsers", around::nothing),
    op(Service::AppStream, "DescribeDirectoryConfigs", around::nothing),
    op(Service::AppStream, "DescribeAppBlockBuilders", around::nothing),
    op(Service::AppStream, "DescribeUsageReportSubscriptions", around::nothing),
    op(Service::Instances, "ListWorkspaceInstances", around::nothing),
    op(Service::SecureBrowser, "ListPortals", around::nothing),
    op(Service::CloudWatch, "GetMetricData", metrics::data),
    op(Service::CloudWatch, "GetMetricStatistics", metrics::statistics),
    op(Service::CloudWatch, "ListMetrics", metrics::list),
    op(Service::CloudWatch, "DescribeAlarms", around::alarms),
    op(Service::Directory, "DescribeDirectories", directory::directories),
    op(Service::CloudTrail, "LookupEvents", trail::lookup_events),
    op(Service::CostExplorer, "GetCostAndUsage", cost::get_cost_and_usage),
    op(Service::CostExplorer, "GetCostForecast", forecast::get_cost_forecast),
    op(Service::CostExplorer, "GetDimensionValues", cost::get_dimension_values),
    op(Service::CostExplorer, "GetTags", cost::get_tags),
    op(Service::Pricing, "GetProducts", pricing::get_products),
    op(Service::Pricing, "DescribeServices", pricing::describe_services),
    op(Service::Pricing, "GetAttributeValues", pricing::get_attribute_values),
    op(Service::Sts, "GetCallerIdentity", sts::get_caller_identity),
    op(Service::Sts, "AssumeRole", sts::assume_role),
];

/// By the value of `X-Amz-Target`. Some clients write a package before the service (`com.amazonaws.….Service.Operation`),
/// some of the same service do not.
pub(crate) fn by_target(target: &str) -> Option<&'static Operation> {
    let (service, name) = target.rsplit_once('.')?;
    let service = service.rsplit('.').next()?;
    OPERATIONS.iter().find(|op| op.service.target() == Some(service) && op.name == name)
}

/// By the path, of a service that has no other sign of what is asked.
pub(crate) fn by_rest(path: &str) -> Option<&'static Operation> {
    (path == "/portals").then(|| OPERATIONS.iter().find(|op| op.service == Service::SecureBrowser))?
}

/// By `Action` of a Query form.
pub(crate) fn by_form(body: &[u8]) -> Option<&'static Operation> {
    let form: HashMap<String, String> = serde_urlencoded::from_bytes(body).ok()?;
    let action = form.get("Action")?;
    OPERATIONS.iter().find(|op| !op.service.namespace().is_empty() && op.name == action)
}

/// By the path of RPC v2: `/service/<service>/operation/<operation>`.
pub(crate) fn by_path(path: &str) -> Option<&'static Operation> {
    let (service, name) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    OPERATIONS.iter().find(|op| op.service.target() == Some(service) && op.name == name)
}

/// The number of the page that a body asks for.
pub(crate) fn page_number(seed: u64, protocol: Protocol, body: &[u8]) -> u32 {
    let body = protocol.value(body).unwrap_or_default();
    page::page_number(seed, body["NextToken"].as_str().or_else(|| body["NextPageToken"].as_str()))
}

/// One request to one operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) caller: &'a Caller,
    pub(crate) body: &'a [u8],
    pub(crate) protocol: Protocol,
    /// A fault: every second item of a batch shall fail.
    pub(crate) half_fail: bool,
    /// A fault: every second series shall lack its end.
    pub(crate) partial: bool,
    /// A fault: some points shall be no numbers.
    pub(crate) garbage: bool,
    /// Different for each request.
    pub(crate) serial: u64,
    pub(crate) request_id: &'a str,
}

impl Call<'_> {
    fn watch(&self) -> Watch {
        self.simulator.watch(&self.caller.region)
    }

    fn pager(&self, operation: &str, filters: &str) -> Pager {
        Pager::new(self.simulator.0.options.seed, operation, &self.caller.account, &self.caller.region, filters)
    }

    /// What the request is about, for the message of a denial.
    pub(crate) fn resource_arn(&self, service: Service) -> String {
        let Caller { account, region, .. } = self.caller;
        match service {
            Service::Sts
            | Service::CloudWatch
            | Service::CloudTrail
            | Service::CostExplorer
            | Service::Pricing
            | Service::Tagging
            | Service::Quotas
            | Service::AppStream
            | Service::Instances
            | Service::SecureBrowser => "*".to_owned(),
            Service::Directory => format!("arn:aws:ds:{region}:{account}:directory/*"),
            Service::WorkSpaces => {
                let body: Value = serde_json::from_slice(self.body).unwrap_or_default();
                let id = ["WorkspaceId", "ResourceId"].iter().find_map(|key| body[key].as_str()).unwrap_or("*");
                format!("arn:aws:workspaces:{region}:{account}:workspaceid/{id}")
            }
        }
    }
}

fn to_json(body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|_| ApiError::internal())
}
