//! Integration tests: the whole application over HTTP, against the simulated AWS, on SQLite and on Postgres.
//!
//! One module per subject. A test talks to the application as a program does ([`testkit::client::ApiClient`]); it reads
//! the database only where the promise is about what is stored. Tests named `chaos_…` run alone (`.config/nextest.toml`).
//! To add one: a module here, `app_test!` for the application or `db_test!` for a database alone. Run with
//! `cargo xtask test`.

mod access_audit;
mod access_http;
mod access_idempotency;
mod access_keys;
mod access_oidc;
mod access_people;
mod access_privacy;
mod access_second_factors;
mod access_sessions;
mod ai_commands;
mod all_in_one;
mod api_accounts;
mod api_actions;
mod api_activity;
mod api_around;
mod api_changes;
mod api_cost_estimates;
mod api_costs;
mod api_errors;
mod api_events;
mod api_jobs;
mod api_overview;
mod api_places;
mod api_reconciliation;
mod api_requests;
mod api_session;
mod api_timeline;
mod api_trail;
mod api_usage;
mod api_usage_compared;
mod api_usage_teams;
mod api_views;
mod api_workspaces;
mod artefacts;
mod assistant;
mod authz;
mod backups;
mod chaos_queue;
mod chaos_restart;
mod chaos_syncs;
mod data_totals;
mod deploy;
mod docs;
mod exports;
mod health;
mod judges;
mod logs;
mod multi_account;
mod openapi;
mod redis_tls;
mod replica;
mod reports;
mod reports_costs;
mod reports_delivery;
mod reports_pdf;
mod schedule_ticks;
mod schedules;
mod schema_changes;
mod schemathesis;
mod settings;
mod support;
mod sync_boto3;
mod sync_here;
mod sync_moto;
mod sync_simulator;
mod watching;
mod worker_process;
