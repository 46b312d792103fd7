//! API keys: list, make, look at, rename, rotate, revoke.

pub mod create;
pub mod delete;
mod error;
pub mod fetch;
pub mod list;
pub mod rotate;
pub mod update;
mod view;
