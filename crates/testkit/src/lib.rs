//! The test harness: real databases, the whole application on ephemeral ports, the simulated AWS, a browser.
//!
//! Dev-only: nothing that ships may depend on it. Not a place for assertions about features; those live in `tests/`.
//! To test against both databases write [`db_test!`]; for the whole application start a [`app::TestApp`]
//! ([`app_test!`] does it on both).

pub mod accessibility;
pub mod app;
pub mod browser;
mod browser_devtools;
mod browser_log;
pub mod client;
pub mod cluster;
pub mod collector;
pub mod compose;
pub mod db;
pub mod env;
pub mod lighthouse;
pub mod model;
pub mod oidc;
pub mod outside;
pub mod process;
pub mod proxy;
pub mod redis;
pub mod run;
pub mod smtp;
pub mod something;
pub mod sse;
pub mod vault;
