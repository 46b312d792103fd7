//! My desktop: one's own WorkSpaces in plain words.

use chrono::{DateTime, NaiveDate, Utc};
use domain::workspace::WorkspaceAction;
use serde::{Deserialize, Serialize};

use crate::workspaces::WorkspaceView;

/// One's own desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyDesktopsView {
    /// The directory user name that makes a desktop one's own.
    pub user_name: String,
    /// The desktops, at most 50.
    pub desktops: Vec<MyDesktopView>,
    /// The first day of the month that hours are of, UTC.
    pub month: NaiveDate,
    /// Up to when usage is known; absent when it was not read of all of them yet.
    pub usage_known_to: Option<DateTime<Utc>>,
}

/// One of one's own desktops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyDesktopView {
    /// As it was last seen.
    pub workspace: WorkspaceView,
    /// Its state in a few words.
    pub headline: String,
    /// What that means.
    pub meaning: String,
    /// What happens next, or what to do.
    pub next: Option<String>,
    /// The code to type into the client.
    pub registration_code: Option<String>,
    /// Each action, and why not when it can't be done now.
    pub actions: Vec<MyActionView>,
    /// Hours of the clock with somebody connected, this month; absent for who may not see usage.
    pub hours: Option<u64>,
    /// Minutes with somebody connected, this month; absent likewise.
    pub minutes: Option<u64>,
}

/// Whether an action can be done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MyActionView {
    /// The action.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub action: WorkspaceAction,
    /// Why not, in plain words; absent when it can be done.
    pub reason: Option<String>,
}
