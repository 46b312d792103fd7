//! The rules of Wheelhouse, pure: types and functions that need no clock, network, database or thread.
//!
//! One folder per feature, `model.rs` for what things are and `rules.rs` for what may be done with them; [`cloud`] is the
//! port through which AWS is seen. It always compiles for wasm32, so that the portal applies the very same rules.
//! It is not the place for wire shapes (`contract`), storage (`store`) or use cases (`services`).
//! To add a feature: a folder with `model.rs` and, where there is something to decide, `rules.rs` with its tests beside it.

#[macro_use]
mod macros;

pub mod access;
pub mod account;
pub mod activity;
pub mod assistant;
pub mod audit;
pub mod breaker;
pub mod cloud;
pub mod cost;
pub mod csv;
pub mod env;
pub mod event;
pub mod export;
pub mod ids;
pub mod jobs;
pub mod money;
pub mod number;
pub mod reports;
pub mod requests;
pub mod sync;
pub mod timeline;
pub mod usage;
pub mod views;
pub mod workspace;
