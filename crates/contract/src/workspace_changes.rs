//! Actions on WorkSpaces that have to be told what to change to: running mode, compute type, volumes, tags. The others take
//! [`WorkspaceActionRequest`](crate::workspaces::WorkspaceActionRequest). What values are taken is `domain::workspace::order`'s.

use std::collections::BTreeMap;

use domain::ids::WorkspaceId;
use domain::workspace::{ComputeType, MOST_ONE_BY_ONE, RunningMode, Volume, WorkspaceOrder};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Asks for another running mode, or another AUTO_STOP time-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRunningModeRequest {
    /// Which ones (our ids), 1 to 500, each once.
    #[garde(length(min = 1, max = MOST_ONE_BY_ONE))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500, value_type = Vec<uuid::Uuid>))]
    pub workspace_ids: Vec<WorkspaceId>,
    /// Only tell what would happen.
    #[serde(default)]
    #[garde(skip)]
    pub dry_run: bool,
    /// The running mode they shall have. AWS takes MANUAL for WorkSpaces Core only.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub running_mode: RunningMode,
    /// The AUTO_STOP time-out, minutes: a multiple of 60. Only with AUTO_STOP; AWS chooses when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 60, max = 2880)))]
    #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 2880, multiple_of = 60))]
    pub auto_stop_minutes: Option<i32>,
}

/// Asks for another compute type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetComputeTypeRequest {
    /// Which ones (our ids), 1 to 500, each once.
    #[garde(length(min = 1, max = MOST_ONE_BY_ONE))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500, value_type = Vec<uuid::Uuid>))]
    pub workspace_ids: Vec<WorkspaceId>,
    /// Only tell what would happen.
    #[serde(default)]
    #[garde(skip)]
    pub dry_run: bool,
    /// The compute type they shall have.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub compute_type: ComputeType,
}

/// Asks for a larger volume. One at a time: AWS does not enlarge both at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GrowVolumeRequest {
    /// Which ones (our ids), 1 to 500, each once.
    #[garde(length(min = 1, max = MOST_ONE_BY_ONE))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500, value_type = Vec<uuid::Uuid>))]
    pub workspace_ids: Vec<WorkspaceId>,
    /// Only tell what would happen.
    #[serde(default)]
    #[garde(skip)]
    pub dry_run: bool,
    /// Which volume.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub volume: Volume,
    /// The size it shall have, GiB: a user volume 10, 50, 100 or more, a root volume 175 or more.
    #[garde(range(min = 10, max = 2000))]
    #[cfg_attr(feature = "openapi", schema(minimum = 10, maximum = 2000))]
    pub gib: i32,
}

/// Asks for tags to be set and removed. Tags that are not named stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetTagsRequest {
    /// Which ones (our ids), 1 to 500, each once.
    #[garde(length(min = 1, max = MOST_ONE_BY_ONE))]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 500, value_type = Vec<uuid::Uuid>))]
    pub workspace_ids: Vec<WorkspaceId>,
    /// Only tell what would happen.
    #[serde(default)]
    #[garde(skip)]
    pub dry_run: bool,
    /// Keys (1 to 127 characters, not beginning with `aws:`) with their values (at most 255), at most 50.
    #[serde(default)]
    #[garde(skip)]
    pub set: BTreeMap<String, String>,
    /// Keys to remove, at most 50. A WorkSpace that does not have one is left as it is.
    #[serde(default)]
    #[garde(length(max = domain::workspace::order::MOST_TAGS))]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub remove: Vec<String>,
}

impl SetRunningModeRequest {
    /// What it asks for.
    #[must_use]
    pub fn order(&self) -> WorkspaceOrder {
        WorkspaceOrder::SetRunningMode {
            running_mode: self.running_mode.clone(),
            auto_stop_minutes: self.auto_stop_minutes,
        }
    }
}

impl SetComputeTypeRequest {
    /// What it asks for.
    #[must_use]
    pub fn order(&self) -> WorkspaceOrder {
        WorkspaceOrder::SetComputeType { compute_type: self.compute_type.clone() }
    }
}

impl GrowVolumeRequest {
    /// What it asks for.
    #[must_use]
    pub fn order(&self) -> WorkspaceOrder {
        WorkspaceOrder::GrowVolume { volume: self.volume, gib: self.gib }
    }
}

impl SetTagsRequest {
    /// What it asks for.
    #[must_use]
    pub fn order(&self) -> WorkspaceOrder {
        WorkspaceOrder::SetTags { set: self.set.clone(), remove: self.remove.iter().cloned().collect() }
    }
}
