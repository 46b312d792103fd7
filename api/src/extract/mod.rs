//! Extractors: everything a handler gets has been checked before it runs, and each refusal is a problem (`crate::error`)
//! that names what is wrong. Not rules of a feature: those are in `services` and `domain`.
//! To add one: a module here with its own tests on a toy router.

mod authenticated;
mod client;
mod export;
mod if_match;
mod json;
mod lists;
mod once;
mod path;
mod query;
mod require;
mod strangers;

pub use authenticated::{Authenticated, SESSION_COOKIE, Unrecognised, authenticate, by_bearer_alone, session_token};
pub use client::{Client, TrustedProxies};
pub use export::Export;
pub use if_match::{Etag, IfMatch, etag};
pub(crate) use json::too_large;
pub use json::{BodyLimit, Json};
pub use lists::{
    closed_list, closed_value, in_order, limit, name_list, page_request, parsed_list, search_text, sort_by, text_list,
};
pub use once::{Begun, Doing, IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, Once, json_answer};
pub use path::Path;
pub use query::Query;
pub(crate) use query::parse as parse_query;
pub use require::{Require, RequireProof, SignedIn};
pub use strangers::Strangers;

/// Where a text holds a NUL character, which no database text column can hold.
pub(crate) const NUL_MESSAGE: &str = "must not contain the NUL character (U+0000)";
