//! Pages of lists, as use cases take and give them.

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Rows at most.
    pub limit: u32,
    /// Where it begins: `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next_cursor: Option<String>,
    /// Rows that match in all.
    pub total: u64,
}
