//! Resource Groups Tagging API: `GetResources` over WorkSpaces and directories that have, or had, a tag.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ops::{Call, input, to_json},
    wire::error::ApiError,
};

/// Resource types with the ARN's last part before the id.
const TYPES: &[(&str, &str)] = &[("workspaces:workspace", "workspace"), ("workspaces:directory", "directory")];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    resource_type_filters: Option<Vec<String>>,
    tag_filters: Option<Vec<TagFilter>>,
    resources_per_page: Option<i64>,
    pagination_token: Option<String>,
    #[serde(rename = "ResourceARNList")]
    arns: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFilter {
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

impl TagFilter {
    fn passes(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(&self.key).is_some_and(|value| self.values.is_empty() || self.values.contains(value))
    }
}

pub(in crate::ops) fn get_resources(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    let size = match request.resources_per_page {
        None => 50,
        Some(size @ 1..=100) => size as usize,
        Some(_) => {
            return Err(ApiError::new(
                400,
                "InvalidParameterException",
                "ResourcesPerPage must be a number between 1 and 100.",
            ));
        }
    };
    let (arns, filters) = (request.arns.as_deref(), request.tag_filters.as_deref().unwrap_or_default());
    let pager = call.pager("GetResources", &format!("{:?}|{arns:?}|{filters:?}", request.resource_type_filters));
    // The tagging API's first page has an empty token, not none.
    let token = request.pagination_token.as_deref().filter(|token| !token.is_empty());
    let position = token
        .map(|token| {
            let refused =
                || ApiError::new(400, "PaginationTokenExpiredException", "The pagination token is not valid.");
            pager.position(token).ok_or_else(refused)
        })
        .transpose()?;
    let asked = |kind: &str| {
        request.resource_type_filters.as_ref().is_none_or(|wanted| {
            wanted.is_empty() || wanted.iter().any(|wanted| wanted == kind || kind.split(':').next() == Some(wanted))
        })
    };
    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let arn =
        |part: &str, id: &str| format!("arn:aws:workspaces:{}:{}:{part}/{id}", call.caller.region, call.caller.account);
    // Directories first: their ordinals are below those of the WorkSpaces.
    let first_workspace = fleet.directories.len() as u32;
    let directories = fleet
        .directories
        .iter()
        .zip(0u32..)
        .filter(|_| asked(TYPES[1].0))
        .map(|(directory, at)| (at, TYPES[1].1, directory.id.as_str()));
    let after = position.map(|position| position.after);
    let behind = after.and_then(|after| after.checked_sub(first_workspace));
    let workspaces = fleet
        .after(behind, &watch, |_| asked(TYPES[0].0))
        .map(|(ordinal, desktop, _)| (ordinal + first_workspace, TYPES[0].1, desktop.id.as_str()));
    let rows = directories.chain(workspaces).filter(|(at, _, _)| after.is_none_or(|after| *at > after)).filter_map(
        |(at, part, id)| {
            let tags = fleet.tags_of(id)?;
            let had_one = !tags.is_empty() || fleet.changed_tags.contains_key(id);
            let arn = arn(part, id);
            let wanted = arns.is_none_or(|arns| arns.is_empty() || arns.contains(&arn));
            (had_one && wanted && filters.iter().all(|filter| filter.passes(&tags))).then(|| (at, row(&arn, tags)))
        },
    );
    let (list, next) = input::take_page(rows, pager, position, size);
    to_json(&json!({ "ResourceTagMappingList": list, "PaginationToken": next.unwrap_or_default() }))
}

fn row(arn: &str, tags: BTreeMap<String, String>) -> Value {
    let tags: Vec<Value> = tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    json!({ "ResourceARN": arn, "Tags": tags })
}
