//! Directories, bundles, images and quotas: what WorkSpaces belong to and are made from, and how many AWS allows.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, BundleId, DirectoryId, ImageId, QuotaId, Region};
use domain::workspace::ComputeType;
use serde::{Deserialize, Serialize};

/// What the lists of directories, bundles and images can be sorted by.
pub const PLACE_SORTS: [&str; 2] = ["name", "workspaces"];
/// What the list of quotas can be sorted by.
pub const QUOTA_SORTS: [&str; 2] = ["name", "used"];

/// The largest share that quotas can be narrowed to, percent.
pub const USED_FROM_MAX: u32 = 1_000;

/// Filter, sort and page of the lists of directories, bundles and images: the query string of the API.
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
    /// `name`, or how much there is: `workspaces`. With `-` before it for descending; `name` when absent.
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

/// Filter, sort and page of the list of quotas: the query string of the API. It has what [`PlaceQuery`] has and one filter more, so that
/// the portal reads the address of each of the lists as this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct QuotaQuery {
    /// Text to find in name or AWS code; every word must be found.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Accounts (our ids), separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes, separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Of which at least so much is used, percent, 0 to 1,000; what can't be counted is left out.
    #[cfg_attr(feature = "openapi", param(minimum = 0, maximum = 1_000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_from: Option<u32>,
    /// `name`, or how much of it is used in percent: `used`. With `-` before it for descending; `name` when absent.
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

/// An image, as last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ImageId,
    /// AWS's id, `wsi-…`.
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
    /// Its description.
    pub description: Option<String>,
    /// `WINDOWS` or `LINUX`.
    pub operating_system: Option<String>,
    /// `AVAILABLE`, `PENDING`, `ERROR`, …
    pub state: String,
    /// `DEFAULT`, or `DEDICATED` for licences of one's own.
    pub required_tenancy: Option<String>,
    /// The AWS account that made it.
    pub owner_account_id: Option<String>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether AWS has newer drivers and components for it; absent where AWS does not say.
    pub update_available: Option<bool>,
    /// AWS's code of what went wrong with it.
    pub error_code: Option<String>,
    /// What went wrong with it.
    pub error_message: Option<String>,
    /// How many bundles are made of it, of those that WorkSpaces which you see are made from.
    pub bundles: u64,
    /// How many WorkSpaces that you see are made from those bundles.
    pub workspaces: u64,
}

/// A quota, as last read, with how near it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotaView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: QuotaId,
    /// AWS's code, `L-…`.
    pub code: String,
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Its name, such as `WorkSpaces`.
    pub name: String,
    /// How much AWS allows; absent where AWS does not say.
    pub limit: Option<u64>,
    /// How much is used in the account and region; absent where that can't be counted from the inventory.
    pub used: Option<u64>,
    /// How much is left, where both are known.
    pub left: Option<u64>,
    /// How much is used in percent, where both are known.
    pub used_percent: Option<u64>,
    /// Whether AWS raises it when asked to.
    pub adjustable: bool,
    /// Whether it is of the account as a whole, not of the region.
    pub global: bool,
}
