//! Requests: what people with desktops ask those who run the fleet for.

use chrono::{DateTime, Utc};
use domain::ids::{RequestId, UserId, WorkspaceId};
use domain::requests::{RequestKind, RequestStatus};
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of the bundle asked for.
pub const BUNDLE_MAX: usize = 120;
/// Most characters of a note.
pub const NOTE_MAX: usize = 1000;

/// Which requests to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct RequestQuery {
    /// How they stand: `open`, `withdrawn`; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What for: `new_desktop`, `other_bundle`, `rebuild`, `other`; several separated by commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `true`: only one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<bool>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Asks for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRequestRequest {
    /// What for: `new_desktop`, `other_bundle`, `rebuild`, `other`.
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: RequestKind,
    /// The desktop it is about: for `other_bundle` and `rebuild`, and if there is one for `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub workspace_id: Option<WorkspaceId>,
    /// The bundle needed, in one's own words: for `other_bundle`, and if there is a wish for `new_desktop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = BUNDLE_MAX), custom(crate::profile::one_line)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub bundle: Option<String>,
    /// What there is to say about it; needed for `other`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[garde(length(chars, max = NOTE_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 1000))]
    pub note: String,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: RequestId,
    /// Who asks.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub user_id: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Whether it is one's own.
    pub own: bool,
    /// What for.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: RequestKind,
    /// How it stands.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: RequestStatus,
    /// The desktop it is about.
    pub desktop: Option<RequestDesktopView>,
    /// The bundle needed.
    pub bundle: Option<String>,
    /// What there is to say about it.
    pub note: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it came to stand as it does.
    pub updated_at: DateTime<Utc>,
    /// The version, which is also the `ETag`.
    pub version: i64,
}

/// The desktop that a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestDesktopView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: WorkspaceId,
    /// AWS's id; absent when it is no longer known.
    pub aws_id: Option<String>,
    /// The computer's name.
    pub computer_name: Option<String>,
}

/// A request with how it came to stand as it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestDetailView {
    /// The request.
    #[serde(flatten)]
    pub request: RequestView,
    /// Its steps, oldest first.
    pub steps: Vec<RequestStepView>,
}

/// A change of how a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestStepView {
    /// When.
    pub at: DateTime<Utc>,
    /// How it stands since.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: RequestStatus,
    /// Who did it; absent when they are no longer here.
    pub email: Option<String>,
}
