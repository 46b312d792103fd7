//! The schema, step by step, for Postgres and SQLite alike. A migration names its tables and columns itself ([`Iden`]
//! enums of its own) and never imports an entity, so that it does the same thing for ever.
//!
//! To add one: a file `mYYYYMMDD_HHMMSS_<what>.rs` with a `Migration` and its own idens, and a line in [`Migrator`].
//! Expand first (new columns are nullable or have a default), contract in a later release. Names of constraints and
//! indexes are part of the contract with `store::error` and the plan tests: `uq_`, `fk_`, `ck_`, `ix_`.
//! Who runs them, and how replicas don't do it twice, is `store::schema`.

#![expect(
    elided_lifetimes_in_paths,
    reason = "MigrationTrait is declared that way, and async_trait wants the very same signature"
)]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod build;
mod m20261121_000001_accounts;
mod m20261121_000002_fleet;
mod m20261121_000003_users;
mod m20261121_000004_jobs;
mod m20261121_000005_sync;
mod m20261121_000006_events;
mod m20261121_000007_data_sets;
mod m20261121_000008_usage;
mod m20261121_000009_trail;
mod m20261121_000010_costs;
mod m20261121_000011_usage_coverage;
mod m20261121_000012_access;
mod m20261121_000013_invitations;
mod m20261121_000014_audit;
mod m20261121_000015_keys;
mod m20261121_000016_identity;
mod m20261121_000017_oidc;
mod m20261121_000019_idempotency;
mod m20261121_000020_job_region;
mod m20261121_000021_oidc_proof;
mod m20261121_000022_audit_search;
mod m20261121_000023_assistant;
mod m20261121_000024_budgets;
mod m20261121_000025_reports;
mod m20261121_000026_requests;
mod m20261121_000027_report_delivery;
mod m20261121_000028_saved_views;
mod m20261121_000029_workspace_changes;
mod m20261121_000034_usage_rollups;
mod m20261122_000035_job_trace;
mod m20261123_000036_estimate_marks;
mod m20261123_000037_images_quotas;
mod m20261123_000038_usage_fleet_months;

/// All migrations, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_accounts::Migration),
            Box::new(m20261121_000002_fleet::Migration),
            Box::new(m20261121_000003_users::Migration),
            Box::new(m20261121_000004_jobs::Migration),
            Box::new(m20261121_000005_sync::Migration),
            Box::new(m20261121_000006_events::Migration),
            Box::new(m20261121_000007_data_sets::Migration),
            Box::new(m20261121_000008_usage::Migration),
            Box::new(m20261121_000009_trail::Migration),
            Box::new(m20261121_000010_costs::Migration),
            Box::new(m20261121_000011_usage_coverage::Migration),
            Box::new(m20261121_000012_access::Migration),
            Box::new(m20261121_000013_invitations::Migration),
            Box::new(m20261121_000014_audit::Migration),
            Box::new(m20261121_000015_keys::Migration),
            Box::new(m20261121_000016_identity::Migration),
            Box::new(m20261121_000017_oidc::Migration),
            Box::new(m20261121_000019_idempotency::Migration),
            Box::new(m20261121_000020_job_region::Migration),
            Box::new(m20261121_000021_oidc_proof::Migration),
            Box::new(m20261121_000022_audit_search::Migration),
            Box::new(m20261121_000023_assistant::Migration),
            Box::new(m20261121_000024_budgets::Migration),
            Box::new(m20261121_000025_reports::Migration),
            Box::new(m20261121_000026_requests::Migration),
            Box::new(m20261121_000027_report_delivery::Migration),
            Box::new(m20261121_000028_saved_views::Migration),
            Box::new(m20261121_000029_workspace_changes::Migration),
            Box::new(m20261121_000034_usage_rollups::Migration),
            Box::new(m20261122_000035_job_trace::Migration),
            Box::new(m20261123_000036_estimate_marks::Migration),
            Box::new(m20261123_000037_images_quotas::Migration),
            Box::new(m20261123_000038_usage_fleet_months::Migration),
        ]
    }
}
