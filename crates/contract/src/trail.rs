//! What happened in AWS: CloudTrail's events, what to filter them by, and how far they are known.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region, TrailEventId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data_sets::DataSetGapView;

/// How a call ended: the names that `outcome` takes.
pub const OUTCOMES: [&str; 2] = ["done", "refused"];

/// Which events to list: the query string of the API and of the portal's address alike. Where several values are allowed they are
/// separated by commas and any of them matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct TrailQuery {
    /// Accounts (our ids); several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region codes; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The WorkSpace it is about (our id).
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// The call, exactly, such as `StopWorkspaces`; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who, exactly as the list shows it; several separated by commas. A comma or a backslash of a name has a backslash before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// `done`, or `refused` for what AWS refused; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// `true`: without what says of itself that it only read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<bool>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Words that must all be in call, actor, address or error; `ws-…` is a WorkSpace it must be about. At most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailEventView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: TrailEventId,
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// The call, such as `StopWorkspaces`.
    pub name: String,
    /// The service, such as `workspaces.amazonaws.com`.
    pub source: String,
    /// Whether it only read; absent when CloudTrail does not say.
    pub read_only: Option<bool>,
    /// Who; absent when CloudTrail does not say.
    pub actor: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// What AWS refused it with; absent when it was done.
    pub error_code: Option<String>,
    /// Why AWS refused it.
    pub error_message: Option<String>,
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account: Option<String>,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The WorkSpaces it is about.
    pub workspaces: Vec<TrailWorkspaceView>,
}

/// A WorkSpace that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailWorkspaceView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id; absent when it is not known, or not for the one who asks.
    pub aws_id: Option<String>,
    /// Its directory user; absent likewise.
    pub user_name: Option<String>,
}

/// An event with AWS's record of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailEventDetailView {
    /// The row of the list.
    #[serde(flatten)]
    pub event: TrailEventView,
    /// AWS's id of it.
    pub event_id: String,
    /// Who, as an ARN.
    pub actor_arn: Option<String>,
    /// With what it was called.
    pub user_agent: Option<String>,
    /// What was asked for, without secrets.
    pub parameters: Option<Value>,
    /// What AWS answered, without secrets.
    pub answer: Option<Value>,
    /// The whole record, without secrets.
    pub record: Value,
}

/// The values of the newest events, each with how many have it. What is chosen of one kind does not narrow that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailFacetsView {
    /// Among so many of the newest events they were counted; of several numbers the largest.
    pub looked_at: u64,
    /// Whether those are all that the filter leaves.
    pub whole: bool,
    /// Calls, at most 50 beside those that are chosen.
    pub name: Vec<TrailFacetValue>,
    /// Who, at most 50 beside those that are chosen.
    pub actor: Vec<TrailFacetValue>,
    /// Accounts: value our id, label the name.
    pub account: Vec<TrailFacetValue>,
    /// Regions.
    pub region: Vec<TrailFacetValue>,
    /// `done`, `refused`.
    pub outcome: Vec<TrailFacetValue>,
}

/// A value to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailFacetValue {
    /// What to put into the filter.
    pub value: String,
    /// What to show.
    pub label: String,
    /// How many of the events that were looked at have it.
    pub count: u64,
}

/// How far events are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailCoverageView {
    /// From when on all places are known that were read at all.
    pub from: Option<DateTime<Utc>>,
    /// Up to when.
    pub to: Option<DateTime<Utc>>,
    /// Places of which nothing was read yet.
    pub unread: u64,
    /// Each place: a region of an account.
    pub places: Vec<TrailPlaceView>,
}

/// How far the events of a place are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailPlaceView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account: Option<String>,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// `ok`, `partial`, `failed` or `never`.
    pub status: String,
    /// From when on events are known; absent when none were read yet.
    pub from: Option<DateTime<Utc>>,
    /// Up to when.
    pub to: Option<DateTime<Utc>>,
    /// What is missing in between, with the reason.
    pub gaps: Vec<DataSetGapView>,
    /// Why the newest run was not whole.
    pub error: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}
