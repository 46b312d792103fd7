//! The only code that calls the network: one module per feature with one function per operation, over [`client`].
//! Each answers `Result<T, ApiError>`. To add a call: a function in its feature's module; the path comes from `contract::paths`.

pub mod accounts;
pub mod client;
pub mod data_sets;
pub mod jobs;
pub mod overview;
pub mod schedules;
pub mod session;
pub mod workspaces;

pub use client::ApiError;
