//! The model service over HTTP, with the scripted model whose answers are known and whose pages are checked.
//!
//! One binary: `support` starts a service, the other files ask it. To add a test, see the file of its endpoint.

#![expect(clippy::unwrap_used, reason = "helpers of tests end the test as the tests themselves do")]

mod chat;
mod completions;
mod control;
mod judge;
mod soak;
mod support;
mod whole;
