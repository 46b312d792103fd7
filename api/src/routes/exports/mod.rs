//! Every table as a file. Each endpoint reads its list's filters; `answer` is what they share. What is in a table is
//! `services::exports::tables`.

pub mod accounts;
mod answer;
pub mod api_keys;
pub mod assistant_levels;
pub mod audit_log;
pub mod budgets;
pub mod bundles;
pub mod cost_estimates;
pub mod cost_groups;
pub mod costs;
pub mod data_sets;
pub mod directories;
mod error;
pub mod images;
pub mod invitations;
pub mod job_items;
pub mod jobs;
pub mod quotas;
pub mod reconciliation;
pub mod report_runs;
pub mod reports;
pub mod requests;
pub mod roles;
pub mod schedules;
pub mod settings;
pub mod sync_runs;
pub mod teams;
pub mod timeline;
pub mod trail;
pub mod usage;
pub mod usage_groups;
pub mod usage_ranking;
pub mod usage_unused;
pub mod users;
pub mod workspace_costs;
pub mod workspaces;
