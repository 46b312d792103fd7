//! The only code that calls the network: one module per feature with one function per operation, over [`client`].
//! Each answers `Result<T, ApiError>`. To add a call: a function in its feature's module; the path comes from `contract::paths`.

pub mod accounts;
pub mod activity;
pub mod api_keys;
mod aside;
pub mod assistant;
pub mod audit;
pub mod budgets;
pub mod client;
pub mod costs;
pub mod data_sets;
pub mod exports;
pub mod invitations;
pub mod jobs;
mod once;
pub mod overview;
pub mod profile;
pub mod reports;
pub mod requests;
pub mod roles;
pub mod schedules;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod spans;
pub mod stopped;
pub mod stream;
pub mod teams;
pub mod timeline;
pub mod trail;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;

pub use client::ApiError;
