//! Lists: `?limit=&cursor=&sort=&q=` plus named filters, answered by [`Page`].

use serde::{Deserialize, Serialize};

/// Rows of a page when `limit` is not given.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows a page may have.
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Give it back as `cursor` for the next page; absent on the last one. Opaque, and good only with the same sort and filters.
    pub next_cursor: Option<String>,
    /// Rows that match in all.
    pub total: u64,
}
