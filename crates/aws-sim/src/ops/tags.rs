//! `DescribeTags`, `CreateTags`, `DeleteTags`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Call, input, to_json};
use crate::wire::error::ApiError;

/// A tag on the wire.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: Option<String>,
}

const MOST_TAGS: usize = 50;

/// Adds tags to those that are there.
pub(super) fn merge(tags: &mut BTreeMap<String, String>, more: &[Tag]) -> Result<(), ApiError> {
    for tag in more {
        if tag.key.is_empty() || tag.key.chars().count() > 127 {
            return Err(ApiError::constraint("tags", &tag.key, "Member must have length between 1 and 127"));
        }
        let value = tag.value.clone().unwrap_or_default();
        if value.chars().count() > 255 {
            return Err(ApiError::constraint("tags", &value, "Member must have length less than or equal to 255"));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::invalid_values("Tag keys that start with aws: are reserved."));
        }
        tags.insert(tag.key.clone(), value);
    }
    if tags.len() > MOST_TAGS {
        return Err(ApiError::new(400, "ResourceLimitExceededException", "A resource can have up to 50 tags."));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeRequest {
    resource_id: String,
}

pub(super) fn describe(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: DescribeRequest = input::read(call.body)?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let id = &request.resource_id;
    if fleet.get(id).is_some() && fleet.view(id, &call.watch()).is_none() {
        return Err(ApiError::not_found(id));
    }
    let tags = fleet.tags_of(id).ok_or_else(|| ApiError::not_found(id))?;
    let list: Vec<_> = tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    to_json(&json!({ "TagList": list }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    resource_id: String,
    tags: Vec<Tag>,
}

pub(super) fn create(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: CreateRequest = input::read(call.body)?;
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    let mut tags = fleet.tags_of(&request.resource_id).ok_or_else(|| ApiError::not_found(&request.resource_id))?;
    merge(&mut tags, &request.tags)?;
    fleet.changed_tags.insert(request.resource_id, tags);
    to_json(&json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteRequest {
    resource_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn delete(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: DeleteRequest = input::read(call.body)?;
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    let mut tags = fleet.tags_of(&request.resource_id).ok_or_else(|| ApiError::not_found(&request.resource_id))?;
    for key in &request.tag_keys {
        tags.remove(key);
    }
    fleet.changed_tags.insert(request.resource_id, tags);
    to_json(&json!({}))
}
