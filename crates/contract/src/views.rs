//! Saved views: the filters, sort and columns of a page, kept under a name by whoever uses them, and shared with others.

use chrono::{DateTime, Utc};
use domain::ids::ViewId;
use domain::views::ViewPage;
use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of a name.
pub const NAME_MAX: usize = 80;
/// Most characters of a query.
pub const QUERY_MAX: usize = 2000;

/// Which views to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ViewQuery {
    /// Only those of these pages, separated by commas: `workspaces`, `audit`, `trail`, `activity`, `jobs`, `usage`, `costs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Rows of a page, 1 to 200.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ViewId,
    /// The page: `workspaces`, `audit`, `trail`, `activity`, `jobs`, `usage` or `costs`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub page: ViewPage,
    /// Its name.
    pub name: String,
    /// The query string of the page's address, without `?`; empty for the plain page.
    pub query: String,
    /// Whether everybody who may see the page sees it.
    pub shared: bool,
    /// Whether it is one's own.
    pub own: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its version, which is also the `ETag`.
    pub version: i64,
}

/// Keeps a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateViewRequest {
    /// The page: `workspaces`, `audit`, `trail`, `activity`, `jobs`, `usage` or `costs`.
    #[garde(skip)]
    pub page: String,
    /// Its name, 1 to 80 characters, unique among one's own of the page.
    #[garde(length(chars, min = 1, max = NAME_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// The query string of the page's address, without `?` and without a place in its pages (`cursor`, `page`); at most 2,000
    /// characters. What the page would not take is refused as `query.` and the name of the parameter.
    #[garde(length(chars, max = QUERY_MAX))]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub query: String,
    /// Whether everybody who may see the page sees it; `false` when left out. Needs `view:share`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub shared: Option<bool>,
}

/// Changes one of one's own views. What is left out stays as it is, and so does its page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateViewRequest {
    /// Its name, 1 to 80 characters, unique among one's own of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = NAME_MAX)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// The query string, as when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = QUERY_MAX)))]
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub query: Option<String>,
    /// Whether everybody who may see the page sees it. Needs `view:share`, also to change one that is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub shared: Option<bool>,
}
