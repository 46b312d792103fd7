//! What happened out of both records, our own log and AWS's events, newest first.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::activity::ActivitySource;
use domain::ids::{TrailEventId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Which part of it: the query string of the API and of the portal's address alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ActivityQuery {
    /// The record that tells it: `wheelhouse`, our own log, or `aws`, CloudTrail's events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The WorkSpace it is about (our id).
    #[cfg_attr(feature = "openapi", param(value_type = Option<uuid::Uuid>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// How it ended: `done`, `refused`, or `failed`, which only our own log tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// `true`: only changes. Left out are calls of AWS that say of themselves that they only read, and entries of our own log of what was
    /// read or taken along, or that say that somebody signed in or out or proved who they are (`session.create`, `session.end`,
    /// `session.prove`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<bool>,
    /// `false`: without `total`, for which all that matches is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<bool>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A page of what happened, newest first, with what it does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityView {
    /// What happened.
    pub items: Vec<ActivityItemView>,
    /// Give it back as `cursor` for the next page; absent on the last one. Opaque, and good only with the same filters.
    pub next_cursor: Option<String>,
    /// Things that match in all; absent where they are not to be counted.
    pub total: Option<u64>,
    /// The records that are asked for and not shown to the one who asks, with what they lack.
    pub left_out: Vec<ActivityLeftOutView>,
}

/// A record that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityLeftOutView {
    /// The record: `wheelhouse`, our own log, or `aws`, CloudTrail's events.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub source: ActivitySource,
    /// This permission, on everything, shows it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub needs: Permission,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityItemView {
    /// Tells it from all others; lasting.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The record that tells it: `wheelhouse`, our own log, or `aws`, CloudTrail's events.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub source: ActivitySource,
    /// What was done: the action as our own log names it, such as `team.create`, or the call of AWS, such as `StopWorkspaces`.
    pub what: String,
    /// Who; absent where nobody is known, or their name was erased.
    pub who: Option<String>,
    /// What kind of actor, of our own log: `user`, `key`, `system`, `nobody`.
    pub actor_kind: Option<String>,
    /// Who acted, of our own log. Stays as a pseudonym when the user is erased.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub actor_id: Option<UserId>,
    /// The kind of what it is about, such as `workspace`.
    pub object_kind: Option<String>,
    /// The id of what it is about; of a WorkSpace ours.
    pub object_id: Option<String>,
    /// What people call it; absent when it was erased, and for who may not see the WorkSpace.
    pub object_name: Option<String>,
    /// How many other WorkSpaces the call is about.
    pub others: u64,
    /// How it ended: `done`, `refused`, `failed`.
    pub outcome: String,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// Its entry in our own log.
    pub audit_seq: Option<i64>,
    /// CloudTrail's event.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub trail_event_id: Option<TrailEventId>,
}
