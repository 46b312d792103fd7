//! The operations: one handler each, and the one table that names them.
//!
//! Handlers check their input as AWS does (the service model's constraints first, then the operation's own rules), work
//! on the fleet, and return the body. They know nothing of headers, limits or faults.

mod connection;
mod create;
mod describe;
mod directory;
mod input;
mod lifecycle;
mod modify;
mod sts;
mod tags;

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
    },
};

/// The service an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    WorkSpaces,
    Directory,
    Sts,
}

impl Service {
    /// As in IAM actions.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::WorkSpaces => "workspaces",
            Self::Directory => "ds",
            Self::Sts => "sts",
        }
    }

    /// Before the dot of `X-Amz-Target`.
    fn target(self) -> Option<&'static str> {
        match self {
            Self::WorkSpaces => Some("WorkspacesService"),
            Self::Directory => Some("DirectoryService_20150416"),
            Self::Sts => None,
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
    op(Service::WorkSpaces, "TerminateWorkspaces", lifecycle::terminate),
    op(Service::WorkSpaces, "CreateWorkspaces", create::workspaces),
    op(Service::WorkSpaces, "ModifyWorkspaceProperties", modify::properties),
    op(Service::WorkSpaces, "ModifyWorkspaceState", modify::state),
    op(Service::Directory, "DescribeDirectories", directory::directories),
    op(Service::Sts, "GetCallerIdentity", sts::get_caller_identity),
    op(Service::Sts, "AssumeRole", sts::assume_role),
];

/// By the value of `X-Amz-Target`.
pub(crate) fn by_target(target: &str) -> Option<&'static Operation> {
    let (service, name) = target.split_once('.')?;
    OPERATIONS.iter().find(|op| op.service.target() == Some(service) && op.name == name)
}

/// By `Action` of a Query form.
pub(crate) fn by_form(body: &[u8]) -> Option<&'static Operation> {
    let form: HashMap<String, String> = serde_urlencoded::from_bytes(body).ok()?;
    let action = form.get("Action")?;
    OPERATIONS.iter().find(|op| op.service == Service::Sts && op.name == action)
}

/// The number of the page that a body asks for.
pub(crate) fn page_number(seed: u64, body: &[u8]) -> u32 {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    page::page_number(seed, body["NextToken"].as_str())
}

/// One request to one operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) caller: &'a Caller,
    pub(crate) body: &'a [u8],
    /// A fault: every second item of a batch shall fail.
    pub(crate) half_fail: bool,
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
            Service::Sts => "*".to_owned(),
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
