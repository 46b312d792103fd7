//! Reports: what is made again and again, on which days, in which format; the files that were made.

use chrono::{DateTime, Utc};
use domain::access::EMAIL_MAX;
use domain::cost::CostGrouping;
use domain::ids::{JobId, ReportDeliveryId, ReportId, ReportRunId, UserId};
use domain::reports::{
    DeliveryState, DeliveryWay, ReportFormat, ReportFrequency, ReportRunState, ReportSpan, ReportTemplate,
};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most values of a filter.
pub const VALUES_MAX: usize = 100;
/// Most files of a report that are kept.
pub const KEEP_MAX: u32 = 100;
/// Most people that the files of a report are sent to.
pub const RECIPIENTS_MAX: usize = 20;
/// Most characters of a webhook's address.
pub const URL_MAX: usize = 2000;
/// Most characters of a time zone's name.
pub const ZONE_MAX: usize = 60;
/// Most characters of the tag that a report is narrowed to.
pub const TAG_MAX: usize = 400;

/// Which reports or runs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What a report is narrowed to, and what its costs are told apart by. What does not apply to its template is ignored, but for `teams` and
/// `by`, which are refused; an empty list does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportFilterBody {
    /// Accounts (our ids).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = VALUES_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100, value_type = Vec<uuid::Uuid>))]
    pub accounts: Vec<domain::ids::AccountId>,
    /// Region codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = VALUES_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub regions: Vec<String>,
    /// Directories, by AWS's ids (`d-…`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = VALUES_MAX), inner(length(chars, min = 1, max = 60)))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub directories: Vec<String>,
    /// Running modes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = VALUES_MAX), inner(length(chars, min = 1, max = 60)))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub running_modes: Vec<String>,
    /// A tag: `Key` or `Key=Value`, at most 400 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = TAG_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 400))]
    pub tag: Option<String>,
    /// Our own teams (ids): the desktops of the people in any of them, as estimates by team have it. Needs `user:read` over everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = VALUES_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_items = 100, value_type = Vec<uuid::Uuid>))]
    pub teams: Vec<domain::ids::TeamId>,
    /// What a report of costs is told apart by. What was billed: `account`, `region`, `usage_type`, `running_mode`, `compute_type`, `team`
    /// (the tag `Team`), `month`, or `tag:KEY`; by tag it can't be narrowed to regions. What WorkSpaces are reckoned to cost in the month of
    /// its first day: `estimate:` and `bundle`, `person`, `team`, `directory`, `running_mode`, `region` or `account`, which needs
    /// `usage:read`, by team `user:read` over everything too. When absent it has each line of the bill, day by day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 132))]
    pub by: Option<CostGrouping>,
}

/// Makes a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateReportRequest {
    /// What it is called, 1 to 80 characters.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// What it is about: `inventory`, `usage`, `cost`, `savings`, `audit`.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub template: ReportTemplate,
    /// What it is narrowed to.
    #[serde(default)]
    #[garde(dive)]
    pub filter: ReportFilterBody,
    /// Which days it covers.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub span: ReportSpan,
    /// The format of its file.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub format: ReportFormat,
    /// How often it is made.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub frequency: ReportFrequency,
    /// The time zone of its days and hours, such as `Europe/Berlin`.
    #[garde(length(chars, min = 1, max = ZONE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub zone: String,
    /// The hour at which it is made, 0 to 23.
    #[garde(range(max = 23))]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 23))]
    pub hour: u32,
    /// The day: of the week (1 Monday to 7) when it is weekly, of the month (1 to 28) when it is monthly.
    #[garde(range(min = 1, max = 28))]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 28))]
    pub day: u32,
    /// So many of its files are kept, 1 to 100.
    #[garde(range(min = 1, max = KEEP_MAX))]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub keep_runs: u32,
    /// Whether it is made by itself.
    #[garde(skip)]
    pub enabled: bool,
    /// E-mail addresses of people who may sign in here, at most 20: each gets a letter with a link to every file that is made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = RECIPIENTS_MAX), inner(length(chars, min = 1, max = EMAIL_MAX)))]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub recipients: Vec<String>,
    /// Where each file that is made is announced, with a link to it: an `https://` URL that answers with 2xx within 20 seconds. It is
    /// signed as Standard Webhooks has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = URL_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub webhook_url: Option<String>,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ReportId,
    /// Whose it is: it is made with what they may see.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub owner_id: UserId,
    /// Their e-mail address.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// What it is about.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub template: ReportTemplate,
    /// What it is narrowed to.
    pub filter: ReportFilterBody,
    /// Which days it covers.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub span: ReportSpan,
    /// The format of its file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub format: ReportFormat,
    /// How often it is made.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub frequency: ReportFrequency,
    /// The time zone of its days and hours.
    pub zone: String,
    /// The hour at which it is made.
    pub hour: u32,
    /// The day of the week or of the month.
    pub day: u32,
    /// So many of its files are kept.
    pub keep_runs: u32,
    /// Whether it is made by itself.
    pub enabled: bool,
    /// The e-mail addresses of those who get a letter with a link to its files.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// Where its files are announced.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// What these announcements are signed with; only in the answer to whoever gave the webhook its address. A new address has a
    /// new secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    /// When next; absent while it is not.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its version, which is also the `ETag`.
    pub version: i64,
}

/// Asks what a report would be, before it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewReportRequest {
    /// What it is about: `inventory`, `usage`, `cost`, `savings`, `audit`.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub template: ReportTemplate,
    /// What it is narrowed to.
    #[serde(default)]
    #[garde(dive)]
    pub filter: ReportFilterBody,
    /// Which days it covers.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub span: ReportSpan,
    /// The time zone of its days, such as `Europe/Berlin`.
    #[garde(length(chars, min = 1, max = ZONE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub zone: String,
}

/// The first rows of what a report would be now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportPreviewView {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// At most 20 rows, each a text for each column.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<String>>))]
    pub rows: Vec<Vec<String>>,
    /// Whether there are more.
    pub more: bool,
}

/// A run of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRunView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ReportRunId,
    /// The report.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub report_id: ReportId,
    /// The job that makes it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub job_id: Option<JobId>,
    /// How it stands: `queued`, `running`, `done`, `failed`, `cancelled`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: ReportRunState,
    /// The format of its file.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub format: ReportFormat,
    /// Whether somebody asked for it.
    pub by_hand: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the file was there.
    pub finished_at: Option<DateTime<Utc>>,
    /// Rows, so far or in all.
    pub rows: u64,
    /// Rows that it will have, while it is being made; absent where only reading them tells.
    #[serde(default)]
    pub total: Option<u64>,
    /// Bytes of the file.
    pub bytes: Option<u64>,
    /// The SHA-256 of the file, hexadecimal.
    pub sha256: Option<String>,
    /// Why it could not be made.
    pub error: Option<String>,
    /// When the link to it ends, if there is one.
    pub link_expires_at: Option<DateTime<Utc>>,
    /// When the last of its links ends, that one and those that were sent, if there is any. It may lie in the past.
    #[serde(default)]
    pub links_until: Option<DateTime<Utc>>,
    /// To whom and where to it is sent.
    #[serde(default)]
    pub deliveries: Vec<ReportDeliveryView>,
}

/// The sending of a file to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportDeliveryView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ReportDeliveryId,
    /// The way it goes: `mail`, `webhook`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub way: DeliveryWay,
    /// An e-mail address, or the webhook's scheme and host.
    pub to: String,
    /// How it stands: `waiting`, `sending`, `delivered`, `failed`, `cancelled`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: DeliveryState,
    /// Tries so far.
    pub tries: u32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// The job that sends it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub job_id: Option<JobId>,
    /// When it was taken.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// A link to a file for somebody who does not sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportLinkView {
    /// The address; it is shown once.
    pub url: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}
