//! Our own audit log: entries, and how the log stands.

use chrono::{DateTime, Utc};
use domain::ids::{ApiKeyId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which entries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// The user who acted, in person or by an API key.
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    /// What was done, such as `account.create`; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The kind of the object, such as `account`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_kind: Option<String>,
    /// The object's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// How it ended: `done`, `refused`, `failed`; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// The id of a request or the UUID of an object, wherever its entries are; or words of what was done, of a name or of an
    /// address, which are looked for in 50,000 entries at a time.
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

/// A page of entries, newest first. A search by `q` for words looks at so many entries at a time: an answer without items but with
/// a `next_cursor` says that there are older ones to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntriesView {
    /// The rows.
    pub items: Vec<AuditEntryView>,
    /// Give it back as `cursor` for the next page; absent on the last one. Opaque, and good only with the same filters.
    pub next_cursor: Option<String>,
    /// Rows that match in all; in a search for words, among the entries that were looked at for this page.
    pub total: u64,
    /// Where a search for words stopped: entries before this place were not looked at. Absent when there are none.
    pub looked_back_to: Option<i64>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntryView {
    /// Its place: 1, 2, 3 … without a gap.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of actor: `user`, `key`, `system`, `nobody`.
    pub actor_kind: String,
    /// Who acted; absent for the system and where nobody is signed in. Stays as a pseudonym when the user is erased.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub actor_id: Option<UserId>,
    /// Their e-mail address; absent when it was erased.
    pub actor_name: Option<String>,
    /// From where; absent when it is not known or was erased.
    pub address: Option<String>,
    /// By which session.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub session_id: Option<SessionId>,
    /// By which API key.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub key_id: Option<ApiKeyId>,
    /// The permission that allows it; absent for what needs none.
    pub permission: Option<String>,
    /// What was done, as `object.verb`.
    pub action: String,
    /// The kind of the object.
    pub object_kind: Option<String>,
    /// The object's id.
    pub object_id: Option<String>,
    /// What people call the object; absent when it was erased.
    pub object_name: Option<String>,
    /// How it ended: `done`, `refused`, `failed`.
    pub outcome: String,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The request.
    pub request_id: Option<String>,
}

/// An entry in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntryDetailView {
    /// The row of the list.
    #[serde(flatten)]
    pub entry: AuditEntryView,
    /// What was there before.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
    /// What of it could name a person; absent when there was nothing, or it was erased.
    pub personal: Option<Value>,
    /// Whether a personal part was erased.
    pub erased: bool,
    /// The text that is chained.
    pub body: String,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// SHA-256 of that hash followed by the text.
    pub hash: String,
}

/// What there is to filter by, the most frequent first: of the newest entries that the filters leave. What is chosen of a list here
/// does not narrow that list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditFacetsView {
    /// How many of the newest entries were looked at; where the lists are of different entries, the most.
    pub looked_at: u64,
    /// Whether those are all that the filters leave.
    pub whole: bool,
    /// What was done, at most 100.
    pub action: Vec<AuditFacetValue>,
    /// Who acted, at most 100: value their id, label the name.
    pub actor: Vec<AuditFacetValue>,
    /// The kinds of objects, at most 100.
    pub object_kind: Vec<AuditFacetValue>,
    /// How it ended.
    pub outcome: Vec<AuditFacetValue>,
}

/// A value to filter the log by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditFacetValue {
    /// What to put into the filter.
    pub value: String,
    /// What to show; of somebody whose name was erased, the id.
    pub label: String,
    /// How many of the entries that were looked at have it.
    pub count: u64,
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditStateView {
    /// The place of the last entry; 0 before the first.
    pub head_seq: i64,
    /// Its hash.
    pub head_hash: Option<String>,
    /// Entries up to this place were removed on purpose, behind a signed cut.
    pub cut_seq: Option<i64>,
    /// The newest signed checkpoint.
    pub checkpoint: Option<AuditCheckpointView>,
    /// The newest verification.
    pub verification: Option<AuditVerificationView>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditCheckpointView {
    /// The last entry at that time.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// The signed line, as it stands in the file.
    pub line: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditVerificationView {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Whether everything was as it should be.
    pub whole: bool,
    /// The first entry that it looked at.
    pub first_seq: i64,
    /// The last one.
    pub last_seq: i64,
    /// How many.
    pub entries: i64,
    /// The first entry that is not as it should be.
    pub bad_seq: Option<i64>,
    /// What is wrong, in words.
    pub problem: Option<String>,
}
