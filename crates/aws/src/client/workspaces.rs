//! The WorkSpaces API. Pages are always the largest AWS gives (25).

use aws_sdk_workspaces::Client;
use aws_sdk_workspaces::types::{RebootRequest, StartRequest, StopRequest};
use domain::cloud::{CloudError, CloudPage, FailedItem};
use domain::workspace::{
    ObservedBundle, ObservedConnection, ObservedDirectory, ObservedWorkspace, Tags, WorkspaceAction,
};

use super::{BATCH, check_batch};
use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const DESCRIBE_WORKSPACES: Operation = Operation::read("workspaces:DescribeWorkspaces");
pub(crate) const DESCRIBE_CONNECTION_STATUS: Operation =
    Operation::read("workspaces:DescribeWorkspacesConnectionStatus");
pub(crate) const DESCRIBE_DIRECTORIES: Operation = Operation::read("workspaces:DescribeWorkspaceDirectories");
pub(crate) const DESCRIBE_BUNDLES: Operation = Operation::read("workspaces:DescribeWorkspaceBundles");
pub(crate) const DESCRIBE_TAGS: Operation = Operation::read("workspaces:DescribeTags");
pub(crate) const START: Operation = Operation::act("workspaces:StartWorkspaces");
pub(crate) const STOP: Operation = Operation::act("workspaces:StopWorkspaces");
pub(crate) const REBOOT: Operation = Operation::act("workspaces:RebootWorkspaces");

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedWorkspace>, CloudError> {
    caller
        .call(
            &DESCRIBE_WORKSPACES,
            || client.describe_workspaces().limit(BATCH as i32).set_next_token(next_token.clone()).send(),
            |output| map::page(output.workspaces, output.next_token, "WorkSpaces", map::workspace),
        )
        .await
}

pub(crate) async fn by_id(
    caller: &Caller,
    client: &Client,
    aws_ids: &[String],
) -> Result<Vec<ObservedWorkspace>, CloudError> {
    check_batch(&DESCRIBE_WORKSPACES, aws_ids)?;
    if aws_ids.is_empty() {
        // Without ids it would be a listing of everything.
        return Ok(Vec::new());
    }
    caller
        .call(
            &DESCRIBE_WORKSPACES,
            || client.describe_workspaces().set_workspace_ids(Some(aws_ids.to_vec())).send(),
            |output| map::items(output.workspaces, "WorkSpaces", map::workspace),
        )
        .await
}

pub(crate) async fn connection_page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedConnection>, CloudError> {
    caller
        .call(
            &DESCRIBE_CONNECTION_STATUS,
            || client.describe_workspaces_connection_status().set_next_token(next_token.clone()).send(),
            |output| {
                map::page(output.workspaces_connection_status, output.next_token, "connection status", map::connection)
            },
        )
        .await
}

pub(crate) async fn directory_page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedDirectory>, CloudError> {
    caller
        .call(
            &DESCRIBE_DIRECTORIES,
            || client.describe_workspace_directories().limit(BATCH as i32).set_next_token(next_token.clone()).send(),
            |output| map::page(output.directories, output.next_token, "directories", map::directory),
        )
        .await
}

pub(crate) async fn bundles_by_id(
    caller: &Caller,
    client: &Client,
    aws_ids: &[String],
) -> Result<Vec<ObservedBundle>, CloudError> {
    check_batch(&DESCRIBE_BUNDLES, aws_ids)?;
    if aws_ids.is_empty() {
        // Without ids it would be a listing of the account's own bundles.
        return Ok(Vec::new());
    }
    caller
        .call(
            &DESCRIBE_BUNDLES,
            || client.describe_workspace_bundles().set_bundle_ids(Some(aws_ids.to_vec())).send(),
            |output| map::items(output.bundles, "bundles", map::bundle),
        )
        .await
}

pub(crate) async fn tags(caller: &Caller, client: &Client, aws_id: &str) -> Result<Tags, CloudError> {
    caller
        .call(
            &DESCRIBE_TAGS,
            || client.describe_tags().resource_id(aws_id).send(),
            |output| Ok(map::tags(output.tag_list)),
        )
        .await
}

/// Starts, stops or reboots; answers what AWS did not do.
pub(crate) async fn act(
    caller: &Caller,
    client: &Client,
    action: WorkspaceAction,
    aws_ids: &[String],
) -> Result<Vec<FailedItem>, CloudError> {
    let operation = match action {
        WorkspaceAction::Start => &START,
        WorkspaceAction::Stop => &STOP,
        WorkspaceAction::Reboot => &REBOOT,
    };
    check_batch(operation, aws_ids)?;
    if aws_ids.is_empty() {
        return Ok(Vec::new());
    }
    match action {
        WorkspaceAction::Start => {
            let requests: Vec<_> = aws_ids.iter().map(|id| StartRequest::builder().workspace_id(id).build()).collect();
            let send = || client.start_workspaces().set_start_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, aws_ids)).await
        }
        WorkspaceAction::Stop => {
            let requests: Vec<_> = aws_ids.iter().map(|id| StopRequest::builder().workspace_id(id).build()).collect();
            let send = || client.stop_workspaces().set_stop_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, aws_ids)).await
        }
        WorkspaceAction::Reboot => {
            let request = |id: &String| RebootRequest::builder().workspace_id(id).build();
            // The SDK's model has the id of a reboot required, so building one can fail.
            let requests: Vec<_> =
                aws_ids.iter().map(request).collect::<Result<_, _>>().map_err(|error| CloudError::Refused {
                    operation: operation.action.to_owned(),
                    code: "InvalidRequest".to_owned(),
                    reason: error.to_string(),
                })?;
            let send = || client.reboot_workspaces().set_reboot_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, aws_ids)).await
        }
    }
}
