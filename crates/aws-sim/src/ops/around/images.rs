//! `DescribeWorkspaceImages` and with whom they are shared: the images that the account's own bundles are made from.

use serde::Deserialize;
use serde_json::json;

use crate::{
    fleet::bundles::Bundle,
    ops::{Call, input, to_json},
    wire::error::ApiError,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImagesRequest {
    image_ids: Option<Vec<String>>,
    image_type: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(in crate::ops) fn describe(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ImagesRequest = input::read(call.body)?;
    let size = input::limit(request.max_results)?;
    if let Some(ids) = &request.image_ids {
        input::count("imageIds", ids.len(), 1, 25)?;
        ids.iter().try_for_each(|id| input::id("imageIds", id, "wsi-"))?;
    }
    let pager =
        call.pager("DescribeWorkspaceImages", &format!("{:?}|{:?}", request.image_ids, request.image_type.as_deref()));
    let position = input::position(pager, request.next_token.as_deref())?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    // Nobody shares an image with this account.
    let own = request.image_type.as_deref() != Some("SHARED");
    let wanted = |bundle: &Bundle| {
        own && !bundle.is_amazons()
            && request.image_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == bundle.image_id()))
    };
    let rows = fleet
        .bundles
        .iter()
        .zip(0u32..)
        .filter(|(bundle, at)| wanted(bundle) && position.is_none_or(|position| *at > position.after))
        .map(|(bundle, at)| (at, bundle.image_row()));
    let (images, next_token) = input::take_page(rows, pager, position, size);
    let mut answer = json!({ "Images": images });
    if let Some(token) = next_token {
        answer["NextToken"] = json!(token);
    }
    to_json(&answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionsRequest {
    image_id: String,
}

pub(in crate::ops) fn permissions(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: PermissionsRequest = input::read(call.body)?;
    input::id("imageId", &request.image_id, "wsi-")?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    if !fleet.bundles.iter().any(|bundle| !bundle.is_amazons() && bundle.image_id() == request.image_id) {
        return Err(ApiError::not_found(&request.image_id));
    }
    to_json(&json!({ "ImageId": request.image_id, "ImagePermissions": [] }))
}
