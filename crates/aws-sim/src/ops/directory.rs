//! `DescribeWorkspaceDirectories` and Directory Service's `DescribeDirectories`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, input, to_json};
use crate::{
    fleet::directories::Directory,
    wire::{
        error::ApiError,
        page::{Pager, Position},
    },
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    directory_ids: Option<Vec<String>>,
    limit: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn workspace_directories(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    let size = input::limit(request.limit)?;
    if let Some(ids) = &request.directory_ids {
        input::count("directoryIds", ids.len(), 1, 25)?;
        ids.iter().try_for_each(|id| input::id("directoryIds", id, "d-"))?;
    }
    let pager = call.pager("DescribeWorkspaceDirectories", &format!("{:?}", request.directory_ids));
    let position = input::position(pager, request.next_token.as_deref())?;
    let wanted = request.directory_ids.as_deref();
    let (rows, next_token) = page(call, wanted, pager, position, size, Directory::workspaces_row);
    answer("Directories", &rows, next_token)
}

pub(super) fn directories(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    // Unlike WorkSpaces, 0 means the most there can be, and unknown ids are an error.
    let size = match request.limit {
        None | Some(0) => 100,
        Some(limit) => usize::try_from(limit)
            .map_err(|_| {
                ApiError::constraint("limit", &limit.to_string(), "Member must have value greater than or equal to 0")
            })?
            .min(100),
    };
    let wanted = request.directory_ids.as_deref().filter(|ids| !ids.is_empty());
    let pager = call.pager("DescribeDirectories", &format!("{wanted:?}"));
    let position = request
        .next_token
        .as_deref()
        .map(|token| {
            pager
                .position(token)
                .ok_or_else(|| ApiError::new(400, "InvalidNextTokenException", "The NextToken value is not valid."))
        })
        .transpose()?;
    if let Some(ids) = wanted {
        let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
        for id in ids {
            input::id("directoryIds", id, "d-")?;
            if !fleet.directories.iter().any(|directory| directory.id == *id) {
                let message = format!("Directory {id} does not exist.");
                return Err(ApiError::new(400, "EntityDoesNotExistException", message));
            }
        }
    }
    let (rows, next_token) = page(call, wanted, pager, position, size, Directory::service_row);
    answer("DirectoryDescriptions", &rows, next_token)
}

fn page(
    call: &Call<'_>,
    wanted: Option<&[String]>,
    pager: Pager,
    position: Option<Position>,
    size: usize,
    row: fn(&Directory) -> Value,
) -> (Vec<Value>, Option<String>) {
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let rows = fleet
        .directories
        .iter()
        .zip(0_u32..)
        .filter(|(_, ordinal)| position.is_none_or(|position| *ordinal > position.after))
        .filter(|(directory, _)| wanted.is_none_or(|ids| ids.contains(&directory.id)))
        .map(|(directory, ordinal)| (ordinal, row(directory)));
    input::take_page(rows, pager, position, size)
}

fn answer(list: &str, rows: &[Value], next_token: Option<String>) -> Result<Vec<u8>, ApiError> {
    let mut body = json!({ list: rows });
    if let Some(token) = next_token {
        body["NextToken"] = json!(token);
    }
    to_json(&body)
}
