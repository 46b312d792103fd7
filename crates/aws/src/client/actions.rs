//! What the WorkSpaces API does: one function for all orders, each as AWS wants it: batches whose items fail for themselves, or one
//! WorkSpace whose failure is an error. Not when an order may be given, which is `domain::workspace`'s.

use aws_sdk_workspaces::Client;
use aws_sdk_workspaces::types::{
    RebootRequest, RebuildRequest, StartRequest, StopRequest, Tag, TerminateRequest, WorkspaceProperties,
};
use aws_smithy_types::error::operation::BuildError;
use domain::cloud::{CloudError, FailedItem};
use domain::workspace::{Tags, Volume, WorkspaceAction, WorkspaceOrder};

use super::check_batch;
use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const START: Operation = Operation::act("workspaces:StartWorkspaces");
pub(crate) const STOP: Operation = Operation::act("workspaces:StopWorkspaces");
pub(crate) const REBOOT: Operation = Operation::act("workspaces:RebootWorkspaces");
pub(crate) const REBUILD: Operation = Operation::act("workspaces:RebuildWorkspaces");
pub(crate) const RESTORE: Operation = Operation::act("workspaces:RestoreWorkspace");
pub(crate) const TERMINATE: Operation = Operation::act("workspaces:TerminateWorkspaces");
pub(crate) const MODIFY: Operation = Operation::act("workspaces:ModifyWorkspaceProperties");
pub(crate) const CREATE_TAGS: Operation = Operation::act("workspaces:CreateTags");
pub(crate) const DELETE_TAGS: Operation = Operation::act("workspaces:DeleteTags");

/// The call that an action is; of tags the first.
fn operation(action: WorkspaceAction) -> &'static Operation {
    match action {
        WorkspaceAction::Start => &START,
        WorkspaceAction::Stop => &STOP,
        WorkspaceAction::Reboot => &REBOOT,
        WorkspaceAction::Rebuild => &REBUILD,
        WorkspaceAction::Restore => &RESTORE,
        WorkspaceAction::Terminate => &TERMINATE,
        WorkspaceAction::SetRunningMode | WorkspaceAction::SetComputeType | WorkspaceAction::GrowVolume => &MODIFY,
        WorkspaceAction::SetTags => &CREATE_TAGS,
    }
}

/// Has AWS carry out the order; answers what AWS did not do.
pub(crate) async fn act(
    caller: &Caller,
    client: &Client,
    order: &WorkspaceOrder,
    ids: &[String],
) -> Result<Vec<FailedItem>, CloudError> {
    let action = order.action();
    let operation = operation(action);
    check_batch(operation, ids, action.per_call())?;
    let Some(first) = ids.first() else { return Ok(Vec::new()) };
    match order {
        WorkspaceOrder::Start => {
            let requests: Vec<_> = ids.iter().map(|id| StartRequest::builder().workspace_id(id).build()).collect();
            let send = || client.start_workspaces().set_start_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, ids)).await
        }
        WorkspaceOrder::Stop => {
            let requests: Vec<_> = ids.iter().map(|id| StopRequest::builder().workspace_id(id).build()).collect();
            let send = || client.stop_workspaces().set_stop_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, ids)).await
        }
        WorkspaceOrder::Reboot => {
            let requests = built(operation, ids, |id| RebootRequest::builder().workspace_id(id).build())?;
            let send = || client.reboot_workspaces().set_reboot_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, ids)).await
        }
        WorkspaceOrder::Rebuild => {
            let requests = built(operation, ids, |id| RebuildRequest::builder().workspace_id(id).build())?;
            let send = || client.rebuild_workspaces().set_rebuild_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, ids)).await
        }
        WorkspaceOrder::Terminate => {
            let requests = built(operation, ids, |id| TerminateRequest::builder().workspace_id(id).build())?;
            let send = || client.terminate_workspaces().set_terminate_workspace_requests(Some(requests.clone())).send();
            caller.call(operation, send, |output| map::failed_items(output.failed_requests, ids)).await
        }
        WorkspaceOrder::Restore => {
            let send = || client.restore_workspace().workspace_id(first).send();
            caller.call(operation, send, |_| Ok(Vec::new())).await
        }
        WorkspaceOrder::SetRunningMode { running_mode, auto_stop_minutes } => {
            let properties = WorkspaceProperties::builder()
                .running_mode(running_mode.as_str().into())
                .set_running_mode_auto_stop_timeout_in_minutes(*auto_stop_minutes);
            modify(caller, client, first, properties.build()).await
        }
        WorkspaceOrder::SetComputeType { compute_type } => {
            let properties = WorkspaceProperties::builder().compute_type_name(compute_type.as_str().into());
            modify(caller, client, first, properties.build()).await
        }
        WorkspaceOrder::GrowVolume { volume, gib } => {
            let properties = match volume {
                Volume::Root => WorkspaceProperties::builder().root_volume_size_gib(*gib),
                Volume::User => WorkspaceProperties::builder().user_volume_size_gib(*gib),
            };
            modify(caller, client, first, properties.build()).await
        }
        WorkspaceOrder::SetTags { set, remove } => {
            set_tags(caller, client, first, set).await?;
            let keys: Vec<String> = remove.iter().cloned().collect();
            if !keys.is_empty() {
                let send = || client.delete_tags().resource_id(first).set_tag_keys(Some(keys.clone())).send();
                caller.call(&DELETE_TAGS, send, |_| Ok(())).await?;
            }
            Ok(Vec::new())
        }
    }
}

async fn modify(
    caller: &Caller,
    client: &Client,
    id: &str,
    properties: WorkspaceProperties,
) -> Result<Vec<FailedItem>, CloudError> {
    let send = || client.modify_workspace_properties().workspace_id(id).workspace_properties(properties.clone()).send();
    caller.call(&MODIFY, send, |_| Ok(Vec::new())).await
}

async fn set_tags(caller: &Caller, client: &Client, id: &str, set: &Tags) -> Result<(), CloudError> {
    if set.is_empty() {
        return Ok(());
    }
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags: Vec<Tag> = set.iter().map(tag).collect::<Result<_, _>>().map_err(|e| unbuilt(&CREATE_TAGS, &e))?;
    let send = || client.create_tags().resource_id(id).set_tags(Some(tags.clone())).send();
    caller.call(&CREATE_TAGS, send, |_| Ok(())).await
}

/// Requests of which the SDK's model has the id required, so that building one can fail.
fn built<T>(
    operation: &Operation,
    ids: &[String],
    one: impl Fn(&String) -> Result<T, BuildError>,
) -> Result<Vec<T>, CloudError> {
    ids.iter().map(one).collect::<Result<_, _>>().map_err(|error| unbuilt(operation, &error))
}

fn unbuilt(operation: &Operation, error: &BuildError) -> CloudError {
    CloudError::Refused {
        operation: operation.action.to_owned(),
        code: "InvalidRequest".to_owned(),
        reason: error.to_string(),
    }
}
