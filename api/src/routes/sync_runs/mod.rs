//! The runs of the syncs.

pub mod list;
pub mod view;
