//! WorkSpaces: list, facets, detail, and the actions. `action.rs` is what the actions share.

mod action;
pub mod compute_type;
mod error;
pub mod facets;
pub mod fetch;
pub(crate) mod filter;
pub mod ids;
pub mod list;
pub mod reboot;
pub mod rebuild;
pub mod restore;
pub mod running_mode;
pub mod start;
pub mod stop;
pub mod tag_keys;
pub mod tags;
pub mod terminate;
pub mod view;
pub mod volume;
