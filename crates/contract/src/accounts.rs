//! Connected AWS accounts.

use chrono::{DateTime, Utc};
use domain::account::CredentialKind;
use domain::ids::{AccountId, JobId, Region, SyncRunId};
use domain::sync::{SyncOutcome, SyncReport};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Connects an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAccountRequest {
    /// A name of your own, unique.
    #[garde(length(chars, min = 1, max = 80))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// The regions to look at, at least one.
    #[garde(length(min = 1, max = 40))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 40, value_type = Vec<String>))]
    pub regions: Vec<Region>,
    /// Where the credentials come from: `chain`, `role` or `simulated`.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub credentials: CredentialKind,
    /// With `role`: the role's ARN.
    #[serde(default)]
    #[garde(length(chars, max = 2048))]
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub role_arn: Option<String>,
    /// With `role`: the external id of its trust policy.
    #[serde(default)]
    #[garde(length(chars, min = 2, max = 1224))]
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 1224))]
    pub external_id: Option<String>,
    /// Another endpoint for every AWS service: an emulator or a VPC endpoint; an `http(s)://` URL.
    #[serde(default)]
    #[garde(length(chars, max = 2048))]
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub endpoint_url: Option<String>,
}

/// Which accounts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountView {
    /// Our id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// AWS's 12 digits, once known.
    pub aws_account_id: Option<String>,
    /// Where the credentials come from.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub credentials: CredentialKind,
    /// The role's ARN, with `role`.
    pub role_arn: Option<String>,
    /// The endpoint, when it is not AWS's own.
    pub endpoint_url: Option<String>,
    /// Its regions with their last sync.
    pub regions: Vec<AccountRegionView>,
    /// WorkSpaces known and not gone.
    pub workspaces: u64,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
}

/// A region of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountRegionView {
    /// The region code.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Its newest sync run.
    pub last_run: Option<SyncRunView>,
    /// When a run was last whole.
    pub last_whole_at: Option<DateTime<Utc>>,
}

/// One run of a sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRunView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: SyncRunId,
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub account_id: AccountId,
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The job that ran it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub job_id: Option<JobId>,
    /// How it ended, or `running`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub outcome: SyncOutcome,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Counts and problems.
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub report: SyncReport,
}

/// What a test of the connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionTestView {
    /// Whether every check passed.
    pub ok: bool,
    /// AWS's 12 digits, when the credentials work.
    pub aws_account_id: Option<String>,
    /// Who the credentials are.
    pub arn: Option<String>,
    /// One check per permission and region.
    pub checks: Vec<ConnectionCheckView>,
}

/// One check of a connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionCheckView {
    /// The region.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The call, as IAM writes it.
    pub operation: String,
    /// Whether it worked.
    pub ok: bool,
    /// `denied`, `throttled`, … when it did not.
    pub code: Option<String>,
    /// Why not, in words.
    pub message: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}

/// The jobs that a request started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartedJobsView {
    /// Their ids, one per region. A job that was queued or running already is given instead of a second one.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub job_ids: Vec<JobId>,
}

/// Which sync runs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct SyncRunQuery {
    /// Only this account.
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    pub account: Option<AccountId>,
    /// Rows of a page.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
    /// Where the page begins.
    pub cursor: Option<String>,
}
