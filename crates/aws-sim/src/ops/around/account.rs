//! Settings of the account and of its directories: tenancy, client properties, IP groups, aliases; snapshots; pools (none).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ops::{Call, input, to_json},
    wire::error::ApiError,
};

/// Snapshots are taken this often, seconds.
const SNAPSHOT_EVERY: i64 = 12 * 3_600;

pub(in crate::ops) fn describe(_call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    to_json(&json!({ "DedicatedTenancySupport": "DISABLED" }))
}

pub(in crate::ops) fn modifications(_call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    to_json(&json!({ "AccountModifications": [] }))
}

pub(in crate::ops) fn ip_groups(_call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    to_json(&json!({ "Result": [] }))
}

pub(in crate::ops) fn connection_aliases(_call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    to_json(&json!({ "ConnectionAliases": [] }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClientPropertiesRequest {
    resource_ids: Vec<String>,
}

pub(in crate::ops) fn client_properties(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ClientPropertiesRequest = input::read(call.body)?;
    input::count("resourceIds", request.resource_ids.len(), 1, 25)?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let mut list = Vec::with_capacity(request.resource_ids.len());
    for id in &request.resource_ids {
        if !fleet.directories.iter().any(|directory| directory.id == *id) {
            return Err(ApiError::not_found(id));
        }
        list.push(json!({
            "ResourceId": id,
            "ClientProperties": { "ReconnectEnabled": "ENABLED", "LogUploadEnabled": "DISABLED" },
        }));
    }
    to_json(&json!({ "ClientPropertiesList": list }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SnapshotsRequest {
    workspace_id: String,
}

pub(in crate::ops) fn snapshots(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: SnapshotsRequest = input::read(call.body)?;
    input::id("workspaceId", &request.workspace_id, "ws-")?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let watch = call.watch();
    if fleet.view(&request.workspace_id, &watch).is_none() {
        return Err(ApiError::not_found(&request.workspace_id));
    }
    let taken = (watch.now_ms / 1_000).div_euclid(SNAPSHOT_EVERY) * SNAPSHOT_EVERY;
    to_json(&json!({
        "RebuildSnapshots": [{ "SnapshotTime": taken }],
        "RestoreSnapshots": [{ "SnapshotTime": taken }, { "SnapshotTime": taken - SNAPSHOT_EVERY }],
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PoolsRequest {
    pool_ids: Option<Vec<String>>,
}

pub(in crate::ops) fn pools(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: PoolsRequest = input::read(call.body)?;
    match request.pool_ids.as_deref() {
        Some([id, ..]) => Err(ApiError::not_found(id)),
        _ => to_json(&json!({ "WorkspacesPools": Vec::<Value>::new() })),
    }
}
