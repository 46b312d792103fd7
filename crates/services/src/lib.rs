//! The use cases: what can be asked of Wheelhouse, apart from how it is asked (api) and when it runs (worker).
//!
//! One folder per feature: `service.rs` holds free functions whose first arguments are [`Context`] and the asking
//! [`domain::access::Actor`]; `error.rs` what can go wrong, in words for people; `jobs.rs` the payloads of its jobs.
//! A use case checks the permission, opens the transaction, calls `store` repos, commits, then wakes whoever waits.
//! Not here: HTTP, SQL, AWS's SDK, running jobs (`worker/jobs`).
//! To add a use case: a function in the feature's `service.rs`, its errors in `error.rs`, tests beside it.

pub mod access;
pub mod accounts;
pub mod actions;
pub mod activity;
pub mod assistant;
pub mod audit;
pub mod backups;
pub mod budgets;
pub mod context;
pub mod cost;
pub mod credentials;
pub mod data_sets;
pub mod desktop;
pub mod events;
pub mod exports;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod oidc;
pub mod outgoing;
mod page;
pub mod privacy;
pub mod profile;
pub mod reports;
pub mod requests;
pub mod run;
pub mod schedules;
#[cfg(test)]
mod scope_tests;
mod series;
pub mod sessions;
pub mod sync;
#[cfg(test)]
mod testing;
pub mod timeline;
mod token;
pub mod trail;
pub mod usage;
pub mod vault;
pub mod views;
pub mod watching;
pub mod workspaces;

pub use context::{Context, LivePolicy, Policy};
pub use page::{Page, PageRequest};
pub use store::StoreError;

/// A length as a number of things.
pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
