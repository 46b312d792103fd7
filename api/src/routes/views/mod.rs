//! Saved views: the query of a page's address under a name, one's own or shared.

pub mod create;
pub mod delete;
mod error;
pub mod fetch;
pub mod list;
mod query;
pub mod update;
mod view;
