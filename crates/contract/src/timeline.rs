//! What happened to one WorkSpace, out of all that tells of it, newest first.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{JobId, TrailEventId};
use domain::timeline::{TimelineKind, TimelineOutcome};
use serde::{Deserialize, Serialize};

use crate::trail::TrailPlaceView;

/// Which part of a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct TimelineQuery {
    /// What kinds of things: `state`, `configuration`, `action`, `aws`; several separated by commas, all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
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

/// A page of a timeline, newest first, with what it does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineView {
    /// What happened.
    pub items: Vec<TimelineItemView>,
    /// Give it back as `cursor` for the next page; absent on the last one. Opaque, and good only with the same filters.
    pub next_cursor: Option<String>,
    /// Things that match in all.
    pub total: u64,
    /// The kinds asked for that are not shown to the one who asks, with what they lack.
    pub left_out: Vec<TimelineLeftOutView>,
    /// How far AWS's events of the WorkSpace's account and region are known; absent when they were not asked for or are left out.
    pub aws: Option<TrailPlaceView>,
}

/// A kind that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineLeftOutView {
    /// The kind.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: TimelineKind,
    /// Any of these permissions, on this WorkSpace, shows it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub needs: Vec<Permission>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineItemView {
    /// Tells it from all others of this WorkSpace; lasting.
    pub id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of thing.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: TimelineKind,
    /// What: `state`; the part of the configuration, such as `running_mode`; the action, such as `stop`; the call of AWS, such as
    /// `StopWorkspaces`.
    pub what: String,
    /// The key of a tag.
    pub name: Option<String>,
    /// How it was before; absent where there was nothing, or it is not known.
    pub before: Option<String>,
    /// How it is since.
    pub after: Option<String>,
    /// Who; absent where nobody is known.
    pub who: Option<String>,
    /// How it ended: `done`, `refused`, `failed`, `cancelled`, `waiting`, `unknown`; absent for what was only seen.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub outcome: Option<TimelineOutcome>,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The job that does it, for those who may see it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub job_id: Option<JobId>,
    /// Its entry in the audit log, for those who may see it.
    pub audit_seq: Option<i64>,
    /// CloudTrail's event.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub trail_event_id: Option<TrailEventId>,
}
