//! What the WorkSpaces list leaves behind for the way back: its address, with the row it was at.

use leptos::prelude::*;

/// The traces of the WorkSpaces list.
#[derive(Debug, Clone, Copy)]
pub struct FleetList {
    /// The query string the list had when it was last on screen, with its `?`.
    pub search: RwSignal<String>,
}

impl FleetList {
    /// No traces yet.
    pub fn new() -> Self {
        Self { search: RwSignal::new(String::new()) }
    }
}

/// The traces from the context.
pub fn use_fleet_list() -> FleetList {
    expect_context()
}
