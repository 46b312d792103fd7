//! What the WorkSpaces API tells; what it does is in `actions`. Pages are always the largest AWS gives (25).

use aws_sdk_workspaces::Client;
use domain::cloud::{CloudError, CloudPage};
use domain::workspace::{
    ObservedBundle, ObservedConnection, ObservedDirectory, ObservedImage, ObservedWorkspace, Tags,
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
pub(crate) const DESCRIBE_IMAGES: Operation = Operation::read("workspaces:DescribeWorkspaceImages");
pub(crate) const DESCRIBE_TAGS: Operation = Operation::read("workspaces:DescribeTags");

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
    check_batch(&DESCRIBE_WORKSPACES, aws_ids, BATCH)?;
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
    check_batch(&DESCRIBE_BUNDLES, aws_ids, BATCH)?;
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

pub(crate) async fn image_page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedImage>, CloudError> {
    caller
        .call(
            &DESCRIBE_IMAGES,
            || client.describe_workspace_images().max_results(BATCH as i32).set_next_token(next_token.clone()).send(),
            |output| map::page(output.images, output.next_token, "images", map::around::image),
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
