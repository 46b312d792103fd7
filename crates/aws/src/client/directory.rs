//! Directory Service: the stage of each directory. What WorkSpaces itself tells of directories is in `workspaces`.

use aws_sdk_directory::Client;
use domain::cloud::{CloudError, CloudPage};

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const DESCRIBE_DIRECTORIES: Operation = Operation::read("ds:DescribeDirectories");

pub(crate) async fn stage_page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<(String, String)>, CloudError> {
    caller
        .call(
            &DESCRIBE_DIRECTORIES,
            // Without a limit this service sends its largest page.
            || client.describe_directories().set_next_token(next_token.clone()).send(),
            |output| map::page(output.directory_descriptions, output.next_token, "directories", map::directory_stage),
        )
        .await
}
