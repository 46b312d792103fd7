//! What happened to one WorkSpace.

mod error;
pub mod fetch;
mod view;
