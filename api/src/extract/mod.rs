//! Extractors: everything a handler gets has been checked before it runs, and each refusal is a problem (`crate::error`)
//! that names what is wrong. Not rules of a feature: those are in `services` and `domain`.
//! To add one: a module here with its own tests on a toy router.

mod client;
mod json;
mod lists;
mod path;
mod query;
mod require;

pub use client::{Client, TrustedProxies};
pub(crate) use json::too_large;
pub use json::{BodyLimit, Json};
pub use lists::{closed_list, limit, page_request, parsed_list, text_list};
pub use path::Path;
pub use query::Query;
pub use require::{Require, SESSION_COOKIE, SignedIn, session_token};

/// Where a text holds a NUL character, which no database text column can hold.
pub(crate) const NUL_MESSAGE: &str = "must not contain the NUL character (U+0000)";
