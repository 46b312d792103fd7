//! What the portal tells of itself when it stops.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// Most characters of what went wrong.
pub const MESSAGE_MAX: usize = 2000;
/// Most characters of a page's path.
pub const PAGE_MAX: usize = 200;

/// Tells that the portal stopped in somebody's browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportPortalErrorRequest {
    /// What went wrong, and where in the portal's sources; 1 to 2,000 characters.
    #[garde(length(chars, min = 1, max = MESSAGE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub message: String,
    /// The path of the page that was open, without its query; 1 to 200 characters.
    #[garde(length(chars, min = 1, max = PAGE_MAX))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub page: String,
}
