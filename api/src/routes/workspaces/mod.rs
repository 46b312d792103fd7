//! WorkSpaces: list, facets, detail, and the actions. `action.rs` is what the three actions share.

mod action;
mod error;
pub mod facets;
pub mod fetch;
pub(crate) mod filter;
pub mod ids;
pub mod list;
pub mod reboot;
pub mod start;
pub mod stop;
pub mod view;
