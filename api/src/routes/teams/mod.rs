//! Teams and who is in them.

pub mod create;
pub mod delete;
pub mod fetch;
pub mod list;
pub mod members;
pub mod update;
mod view;
