//! The handle to one account and region: [`Fleet`] joins the API families into [`FleetApi`]. Each family has a file of its
//! own with its operations; none knows of retries or limits, which are `call`'s.
//! To add an operation: see the crate's documentation.

pub(crate) mod directory;
pub(crate) mod sts;
pub(crate) mod workspaces;

use std::sync::Arc;

use async_trait::async_trait;
use domain::cloud::{CallerIdentity, CloudError, CloudPage, FailedItem, FleetApi};
use domain::workspace::{
    ObservedBundle, ObservedConnection, ObservedDirectory, ObservedWorkspace, Tags, WorkspaceAction,
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
}

/// A handle with its own counter.
pub(crate) struct Fleet {
    clients: Arc<SdkClients>,
    caller: Caller,
}

impl Fleet {
    pub(crate) fn new(clients: Arc<SdkClients>, caller: Caller) -> Self {
        Self { clients, caller }
    }
}

/// A batch that AWS would refuse for its size is refused here.
fn check_batch(operation: &Operation, aws_ids: &[String]) -> Result<(), CloudError> {
    if aws_ids.len() <= BATCH {
        return Ok(());
    }
    Err(CloudError::Refused {
        operation: operation.action.to_owned(),
        code: "TooManyIds".to_owned(),
        reason: format!("{} ids in a call that takes {BATCH}", aws_ids.len()),
    })
}

#[async_trait]
impl FleetApi for Fleet {
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

    async fn tags(&self, aws_id: &str) -> Result<Tags, CloudError> {
        workspaces::tags(&self.caller, &self.clients.workspaces, aws_id).await
    }

    async fn act(&self, action: WorkspaceAction, aws_ids: &[String]) -> Result<Vec<FailedItem>, CloudError> {
        workspaces::act(&self.caller, &self.clients.workspaces, action, aws_ids).await
    }

    fn calls(&self) -> u64 {
        self.caller.sent()
    }
}
