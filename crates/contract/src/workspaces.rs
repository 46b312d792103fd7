//! WorkSpaces: list, detail, facets and actions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, DirectoryId, JobId, Region, WorkspaceId};
use domain::workspace::{
    ComputeType, ConnectionState, MOST_AT_ONCE, Protocol, RunningMode, WorkspaceAction, WorkspaceState,
};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// The furthest that [`WorkspaceQuery::offset`] leaps, rows.
pub const MAX_OFFSET: u32 = 1_000_000;

/// The columns a list can be sorted by: the text of `sort`, with `-` before it for descending.
pub const SORTS: &[&str] = &[
    "user_name",
    "state",
    "running_mode",
    "compute_type",
    "region",
    "last_connected_at",
    "state_since",
    "changed_at",
    "aws_id",
];

/// The columns that a list can show beside the user's, in their order: the portal's `columns`, of which each is there or not.
pub const COLUMNS: &[&str] = &[
    "state",
    "last_connected_at",
    "running_mode",
    "compute_type",
    "bundle",
    "region",
    "account",
    "directory",
    "computer_name",
    "ip_address",
    "state_since",
    "aws_id",
];

/// The columns that are shown when nothing is said.
pub const DEFAULT_COLUMNS: &[&str] =
    &["state", "last_connected_at", "running_mode", "compute_type", "region", "aws_id"];

/// Filter, sort and page of the list: the query string of the API and of the portal's address alike.
/// Where several values are allowed they are separated by commas and any of them matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct WorkspaceQuery {
    /// Text to find in user name, computer name, ids, address or tags; every word must be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Accounts (our ids).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Directories (`d-…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Bundles (`wsb-…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// States.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Running modes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_mode: Option<String>,
    /// Compute types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_type: Option<String>,
    /// Connection states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// A tag: `Key` or `Key=Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// `true`: only those gone from AWS. Absent or `false`: only those that are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<bool>,
    /// One of [`SORTS`], with `-` before it for descending; `user_name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many rows come before the page: a leap to a place that no cursor leads to. Not together with `cursor`, which is quicker and
    /// misses nothing while rows come and go.
    #[cfg_attr(feature = "openapi", param(minimum = 0, maximum = 1_000_000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id, `ws-…`.
    pub aws_id: String,
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// `d-…`.
    pub directory_id: String,
    /// The directory's name, once known.
    pub directory_name: Option<String>,
    /// `wsb-…`.
    pub bundle_id: String,
    /// The bundle's name, once known.
    pub bundle_name: Option<String>,
    /// The directory user.
    pub user_name: String,
    /// The computer's name.
    pub computer_name: Option<String>,
    /// The private address.
    pub ip_address: Option<String>,
    /// The state.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: WorkspaceState,
    /// Since when it is in that state, as far as we saw it.
    pub state_since: DateTime<Utc>,
    /// The running mode.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub running_mode: Option<RunningMode>,
    /// The compute type.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub compute_type: Option<ComputeType>,
    /// Whether somebody is connected.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub connection: Option<ConnectionState>,
    /// When somebody was last connected.
    pub last_connected_at: Option<DateTime<Utc>>,
    /// When it went from AWS, if it did.
    pub gone_at: Option<DateTime<Utc>>,
}

/// One WorkSpace in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceDetailView {
    /// The row of the list.
    pub workspace: WorkspaceView,
    /// `subnet-…`.
    pub subnet_id: Option<String>,
    /// AWS's code when something is wrong.
    pub error_code: Option<String>,
    /// AWS's words when something is wrong.
    pub error_message: Option<String>,
    /// The AUTO_STOP time-out, minutes.
    pub auto_stop_timeout_minutes: Option<i32>,
    /// The root volume, GiB.
    pub root_volume_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_volume_gib: Option<i32>,
    /// The streaming protocol.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub protocol: Option<Protocol>,
    /// The operating system as AWS names it.
    pub operating_system: Option<String>,
    /// Whether the root volume is encrypted.
    pub root_volume_encrypted: bool,
    /// Whether the user volume is encrypted.
    pub user_volume_encrypted: bool,
    /// The code its user types into the client.
    pub registration_code: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When the tags were last read; absent if never.
    pub tags_read_at: Option<DateTime<Utc>>,
    /// When we first saw it.
    pub first_seen_at: DateTime<Utc>,
    /// When something of it last changed.
    pub changed_at: DateTime<Utc>,
    /// Its newest state changes, newest first, at most 100.
    pub history: Vec<StateChangeView>,
    /// Each action, and why not when it can't be done now.
    pub actions: Vec<ActionAvailability>,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateChangeView {
    /// When we saw it.
    pub at: DateTime<Utc>,
    /// The state before; absent for the first.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub before: Option<WorkspaceState>,
    /// The state after.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub after: WorkspaceState,
}

/// Whether an action can be done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActionAvailability {
    /// The action.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub action: WorkspaceAction,
    /// Whether it can be done now, by this user.
    pub possible: bool,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// Asks for an action on one or many WorkSpaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WorkspaceActionRequest {
    /// Which ones (our ids), 1 to 5,000, each once. AWS takes rebuilds and restores one at a time: of those at most 500.
    #[garde(length(min = 1, max = MOST_AT_ONCE))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 5000, value_type = Vec<uuid::Uuid>))]
    pub workspace_ids: Vec<WorkspaceId>,
    /// Only tell what would happen.
    #[serde(default)]
    #[garde(skip)]
    pub dry_run: bool,
}

/// Which WorkSpaces match: what “select all that match” chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceIdsView {
    /// Their ids, by user name; at most as many as one action may name.
    #[cfg_attr(feature = "openapi", schema(max_items = 5000, value_type = Vec<uuid::Uuid>))]
    pub ids: Vec<WorkspaceId>,
    /// How many match.
    pub total: u64,
}

/// What an action will or would do, item by item. With a job unless it was a dry run or nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceActionView {
    /// The action.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub action: WorkspaceAction,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// The job that carries it out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub job_id: Option<JobId>,
    /// How many will be done.
    pub accepted: u64,
    /// How many won't.
    pub refused: u64,
    /// Each item, in the order asked for.
    pub items: Vec<WorkspaceActionItem>,
}

/// One item of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceActionItem {
    /// The WorkSpace.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id; absent when there is no such WorkSpace.
    pub aws_id: Option<String>,
    /// Its user; absent when there is no such WorkSpace.
    pub user_name: Option<String>,
    /// What the action changes, as it was last seen, in a few words; absent where it changes no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Whether it will be done.
    pub accepted: bool,
    /// `wrong_state`, `wrong_running_mode`, `admin_maintenance`, `unchanged`, `volume_size`, `compute_family`, `gone`,
    /// `not_found` when it won't.
    pub code: Option<String>,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// The values to filter by, each with how many WorkSpaces have it. Only those that are there count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceFacetsView {
    /// States.
    pub state: Vec<FacetValue>,
    /// Running modes.
    pub running_mode: Vec<FacetValue>,
    /// Compute types.
    pub compute_type: Vec<FacetValue>,
    /// Regions.
    pub region: Vec<FacetValue>,
    /// Connection states.
    pub connection: Vec<FacetValue>,
    /// Directories: value `d-…`, label its name.
    pub directory: Vec<FacetValue>,
    /// Bundles: value `wsb-…`, label its name.
    pub bundle: Vec<FacetValue>,
    /// Accounts: value our id, label its name.
    pub account: Vec<FacetValue>,
}

/// The key of a tag that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TagKeyView {
    /// The key.
    pub key: String,
}

/// One value to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FacetValue {
    /// What to put into the filter.
    pub value: String,
    /// What to show.
    pub label: String,
    /// How many WorkSpaces have it.
    pub count: u64,
    /// The directory's own id, with which roles are given over it; absent for everything else.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_id: Option<DirectoryId>,
}
