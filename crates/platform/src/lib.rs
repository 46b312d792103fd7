//! What every long-running tier stands on: configuration, logs, reports of errors, request ids, traces, outgoing HTTP, events, rate
//! limits, places for files, health, metrics, shutdown and memory figures.
//!
//! It knows nothing about WorkSpaces, accounts or users, and depends on no other crate of ours. Redis is optional
//! everywhere here: whatever uses it keeps working, with less, while Redis is away.
//!
//! To add a module: it must serve at least two tiers, take time and randomness from its caller, and have a deadline
//! on everything it waits for.

pub mod artefacts;
pub mod chat;
pub mod config;
pub mod errors;
pub mod events;
pub mod files;
pub mod health;
pub mod http;
pub mod limits;
pub mod mail;
pub mod memory;
pub mod metrics;
pub mod oidc;
pub mod os;
pub mod redis;
pub mod request_id;
pub mod shutdown;
pub mod telemetry;
pub mod traces;
pub mod unread;
pub mod vault;
pub mod webhook;

/// The version of this build, as it is shown in the portal and sent in the user agent.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
