//! Service Quotas: `ListServiceQuotas` of WorkSpaces, as a mid-sized account has them; other services have none here.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ops::{Call, input, to_json},
    wire::error::ApiError,
};

/// Code, name, value.
const WORKSPACES: &[(&str, &str, f64)] = &[
    ("L-34278094", "WorkSpaces", 60_000.0),
    ("L-BCACAEBC", "Graphics WorkSpaces", 0.0),
    ("L-254B485B", "GraphicsPro WorkSpaces", 25.0),
    ("L-BE97D0F3", "Images", 40.0),
    ("L-7EC9A56B", "IP access control groups", 100.0),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRequest {
    service_code: String,
}

pub(in crate::ops) fn list(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ListRequest = input::read(call.body)?;
    let quotas: Vec<Value> = if request.service_code == "workspaces" {
        WORKSPACES.iter().map(|quota| row(call, quota)).collect()
    } else {
        Vec::new()
    };
    to_json(&json!({ "Quotas": quotas }))
}

fn row(call: &Call<'_>, (code, name, value): &(&str, &str, f64)) -> Value {
    let (account, region) = (&call.caller.account, &call.caller.region);
    json!({
        "ServiceCode": "workspaces",
        "ServiceName": "Amazon WorkSpaces",
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{account}:workspaces/{code}"),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": false,
    })
}
