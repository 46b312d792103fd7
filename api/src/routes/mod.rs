//! The endpoints: a folder per feature, a file per endpoint with its handler, its OpenAPI doc and its errors.
//!
//! A handler extracts, calls one use case of `services` and maps what it gets to a view; it decides nothing. `view.rs` maps
//! records to views, `error.rs` a feature's errors to problems.
//! To add one: a file named after its verb, its route in `crate::router`, its path in `contract::paths`.

pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod assistant;
pub mod audit;
pub mod budgets;
pub mod costs;
pub mod data_sets;
pub mod desktop;
pub mod events;
pub mod exports;
pub mod invitations;
pub mod jobs;
pub mod meta;
pub mod oidc;
pub mod overview;
pub mod password_reset;
pub mod places;
pub mod portal_errors;
pub mod portal_spans;
pub mod privacy;
pub mod profile;
pub mod reports;
pub mod requests;
pub mod roles;
pub mod schedules;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sync_runs;
pub mod teams;
pub mod timeline;
pub mod trail;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;
