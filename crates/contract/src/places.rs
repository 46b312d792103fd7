//! Directories and bundles: what WorkSpaces belong to and are made from.

use domain::ids::{AccountId, BundleId, DirectoryId, Region};
use domain::workspace::ComputeType;
use serde::{Deserialize, Serialize};

/// What both lists can be sorted by.
pub const PLACE_SORTS: [&str; 2] = ["name", "workspaces"];

/// Filter, sort and page of either list: the query string of the API and of the portal's address alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct PlaceQuery {
    /// Text to find in name or AWS id; every word must be found.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// One of [`PLACE_SORTS`], with `-` before it for descending; `name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A directory, as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DirectoryId,
    /// AWS's id, `d-…`.
    pub aws_id: String,
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Its name, such as `corp.example.com`.
    pub name: String,
    /// The alias of its sign-in page.
    pub alias: Option<String>,
    /// AWS's type: `SIMPLE_AD`, `AD_CONNECTOR`, …
    pub kind: String,
    /// Its registration with WorkSpaces: `REGISTERED`, `DEREGISTERED`, …
    pub state: String,
    /// Directory Service's stage, when it is known.
    pub stage: Option<String>,
    /// The code its users type into the client.
    pub registration_code: Option<String>,
    /// How many WorkSpaces it has that you see.
    pub workspaces: u64,
}

/// A bundle, as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BundleView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: BundleId,
    /// AWS's id, `wsb-…`.
    pub aws_id: String,
    /// The account that sees it.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Its name.
    pub name: String,
    /// `AMAZON`, or the AWS account that made it.
    pub owner: String,
    /// Its description.
    pub description: Option<String>,
    /// The compute type.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub compute_type: Option<ComputeType>,
    /// The root volume, GiB.
    pub root_volume_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_volume_gib: Option<i32>,
    /// The image it is made of, `wsi-…`.
    pub image_id: Option<String>,
    /// How many WorkSpaces are made from it that you see.
    pub workspaces: u64,
}
