//! Data sets: how fresh and how complete what was read from AWS is, place by place.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, Region, SyncRunId};
use domain::sync::SyncKind;
use serde::{Deserialize, Serialize};

/// Which data sets to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct DataSetQuery {
    /// Only this account.
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
}

/// Every data set, and what asking for them cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataSetsView {
    /// The data sets, by account, region and kind. Those that were never read are among them.
    pub items: Vec<DataSetView>,
    /// What paid requests cost in this calendar month (UTC), by account and service; only those that were asked.
    pub spend: Vec<RequestCostView>,
}

/// A data set: one kind of one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataSetView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account: String,
    /// The region; what is read for the whole account stands at `us-east-1`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// What it is, by the name of its sync, such as `sync-usage`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: SyncKind,
    /// `ok`, `partial`, `failed` or `never`.
    pub status: String,
    /// When the newest run began that read everything: all of it is at least as fresh.
    pub fresh_at: Option<DateTime<Utc>>,
    /// How long ago that is, seconds.
    pub age_secs: Option<u64>,
    /// How often it is read, seconds.
    pub period_secs: u64,
    /// Whether its schedule is paused.
    pub paused: bool,
    /// When it is read next; absent while its schedule is paused, or schedules are off.
    pub next_due_at: Option<DateTime<Utc>>,
    /// From when there is data; absent where only the present counts.
    pub covered_from: Option<DateTime<Utc>>,
    /// Until when there is data.
    pub covered_to: Option<DateTime<Utc>>,
    /// What is missing in between.
    pub gaps: Vec<DataSetGapView>,
    /// Its newest run.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub last_run_id: Option<SyncRunId>,
    /// Why its newest run was not whole, in words.
    pub error: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}

/// A span of time without data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataSetGapView {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// Why, in words.
    pub reason: String,
}

/// What the paid requests to one service of one account cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestCostView {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The account's name.
    pub account: String,
    /// The service, as AWS names it, such as `ce` or `cloudwatch`.
    pub service: String,
    /// Requests.
    pub requests: u64,
    /// What they cost, in USD, exactly.
    pub amount_usd: String,
}

/// How many data sets stand how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataSetCountsView {
    /// Read wholly.
    pub ok: u64,
    /// Something could not be read.
    pub partial: u64,
    /// Nothing could be read.
    pub failed: u64,
    /// Not read yet.
    pub never: u64,
}
