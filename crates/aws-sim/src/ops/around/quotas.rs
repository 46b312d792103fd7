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
    ("L-EEB759DE", "Directories", 50.0),
    ("L-18CE281C", "Images", 40.0),
    ("L-0E312A12", "IP access control groups", 100.0),
];

/// The largest page.
const PAGE: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRequest {
    service_code: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(in crate::ops) fn list(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ListRequest = input::read(call.body)?;
    let size = request.max_results.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&size) {
        let message = "Member must have value between 1 and 100";
        return Err(ApiError::constraint("maxResults", &size.to_string(), message));
    }
    let pager = call.pager("ListServiceQuotas", &request.service_code);
    let position = input::position(pager, request.next_token.as_deref())?;
    let known: &[_] = if request.service_code == "workspaces" { WORKSPACES } else { &[] };
    let rows = known.iter().zip(0u32..).filter(|(_, at)| position.is_none_or(|position| *at > position.after));
    let (quotas, next_token) = input::take_page(rows.map(|(quota, at)| (at, row(call, quota))), pager, position, size);
    let mut answer = json!({ "Quotas": quotas });
    if let Some(token) = next_token {
        answer["NextToken"] = json!(token);
    }
    to_json(&answer)
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
