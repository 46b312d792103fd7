//! Our own audit log: list, one entry, how it stands, export.

mod error;
pub mod export;
pub mod fetch;
mod filter;
pub mod list;
pub mod state;
mod view;
