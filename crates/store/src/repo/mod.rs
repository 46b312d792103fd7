//! Reading and writing, one module for each feature. Functions are noun-first and take any connection: the [`crate::Db`]
//! itself, where each call is a transaction of its own, or a [`crate::Tx`]. Times and ids come from the caller.
//! What people look at starts from their `Scope`. They open no transactions and decide nothing: that is `services`.

pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod api_spend;
pub mod assistant;
pub mod audit;
pub mod backups;
pub mod budgets;
pub mod changes;
pub mod costs;
pub mod data_sets;
pub mod estimate_marks;
pub mod events;
pub mod exports;
pub mod grants;
pub mod idempotency;
pub mod inventory;
pub mod invitations;
pub mod jobs;
pub mod oidc;
pub mod one_time_codes;
pub mod people;
pub mod prices;
pub mod privacy;
mod prune;
pub mod reports;
pub mod requests;
pub mod roles;
pub mod schedules;
pub mod scope;
pub mod sealed;
pub mod second_factors;
pub mod sessions;
pub mod sync_runs;
pub mod teams;
pub mod timeline;
pub mod trail;
pub mod usage;
pub mod usage_coverage;
pub mod users;
pub mod views;
pub mod workspaces;

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod tests;
